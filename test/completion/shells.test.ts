/** The Tab key in real shells at a pseudo-terminal: what they make of the words that kvx gives them. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { recordFormatVersion } from '../../src/cluster/state/record.js';
import { writeRecord } from '../../src/cluster/state/state.js';
import { resolveSpec } from '../../src/config/resolve.js';
import { Sandbox } from '../e2e/commands-sandbox.js';
import { missingShell, type Shell, shells, Terminal } from './terminal.js';

const sandbox = new Sandbox();
const folder = join(sandbox.home, 'here');

beforeAll(() => {
  mkdirSync(join(folder, 'a folder'), { recursive: true });
  for (const name of ['it is mine.kvx', 'three.yaml', 'a folder/$x.kvx', 'mine.js', 'x.txt']) {
    writeFileSync(join(folder, name), '');
  }
  const spec = resolveSpec([]);
  const record = { ...spec, formatVersion: recordFormatVersion, id: 'x', createdAt: 0 } as const;
  const cluster = join(sandbox.home, 'blue');
  mkdirSync(cluster, { recursive: true, mode: 0o700 });
  writeRecord(cluster, { ...record, name: 'blue', mode: 'quorum', nodes: ['n1', 'n2', 'n7'] });
});
afterAll(() => sandbox.cleanUp());

/** What is typed, and the words that kvx gets. */
const finished: readonly (readonly [string, readonly string[]])[] = [
  ['kvx clus\tsta\t', ['cluster', 'status']],
  ['kvx cluster up --mo\tpa\t', ['cluster', 'up', '--mode', 'paxos']],
  ['kvx cluster up --mode=pa\t', ['cluster', 'up', '--mode=paxos']],
  ['kvx cluster up --config t\t', ['cluster', 'up', '--config', 'three.yaml']],
  ['true; kvx cluster use b\t', ['cluster', 'use', 'blue']],
  ['kvx put \'it\'\'s "odd"\' "a  b" --lev\tal\t', ['put', 'its "odd"', 'a  b', '--level', 'all']],
  [
    "kvx put k 'v=w' --node=n7 --level=lin\t",
    ['put', 'k', 'v=w', '--node=n7', '--level=linearizable'],
  ],
  ["kvx fault cut 'n7>cl\t", ['fault', 'cut', 'n7>clients']],
  ['kvx fault partition n1,n2/n\t', ['fault', 'partition', 'n1,n2/n7']],
  ['kvx node kill -C blue -- n7\t', ['node', 'kill', '-C', 'blue', '--', 'n7']],
  ['kvx run it\t', ['run', 'it is mine.kvx']],
];

/** What is typed, what is offered, and what is said of it where the shell shows that. */
const offered: readonly (readonly [string, readonly RegExp[], RegExp])[] = [
  ['kvx node re', [/rejoin/, /remove/, /restart/, /resume/], /remove .*take a node out/],
  ['kvx get k --level ', [/one/, /quorum/, /linearizable/], /.*/],
  ['kvx node kill n', [/n1/, /n2/, /n7/], /.*/],
  ['kvx cluster up --mode ', [/gossip/, /paxos/], /gossip .*Epidemics/],
];

const tabs: Readonly<Record<Shell, string>> = { bash: '\t\t', zsh: '\t', fish: '\t' };

for (const shell of shells) {
  const missing = missingShell(shell);
  describe.skipIf(missing !== null)(`${shell}${missing === null ? '' : ` (${missing})`}`, () => {
    let terminal: Terminal;
    beforeAll(async () => {
      terminal = new Terminal(shell, sandbox, folder);
      await terminal.ready();
    });
    afterAll(() => terminal.end());

    test('finishes words', async () => {
      for (const [line, words] of finished) {
        expect([line, await terminal.words(line)]).toEqual([line, words]);
      }
    });

    test('offers words, and says what they mean', async () => {
      for (const [line, words, meaning] of offered) {
        const about = shell === 'bash' ? /.*/ : meaning;
        await terminal.shown(`${line}${tabs[shell]}`, ...words, about);
      }
    });
  });
}

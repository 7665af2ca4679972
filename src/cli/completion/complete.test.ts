import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type ClusterRecord, recordFormatVersion } from '../../cluster/state/record.js';
import { writeRecord } from '../../cluster/state/state.js';
import { resolveSpec } from '../../config/resolve.js';
import { packVocabulary, unpackVocabulary } from './command-vocabulary.js';
import { optionsAfter } from './complete.js';
import { vocabularyWith } from './vocabulary.js';
import { readTyped } from './words-typed.js';

/** As the build writes it down. */
const vocabulary = unpackVocabulary(
  packVocabulary(vocabularyWith(join(import.meta.dirname, '../../../scenarios'))),
);
const home = mkdtempSync(join(tmpdir(), 'kvx-complete-'));

beforeAll(() => {
  vi.stubEnv('KVX_HOME', home);
  vi.stubEnv('KVX_CLUSTER', undefined);
  for (const [name, mode, nodes] of [
    ['blue', 'paxos', ['n1', 'n2', 'n9']],
    ['green', 'gossip', ['n1', 'n2']],
  ] as const) {
    const record: ClusterRecord = {
      ...{ ...resolveSpec([]), name, mode, nodes: [...nodes] },
      formatVersion: recordFormatVersion,
      id: name,
      createdAt: 0,
    };
    mkdirSync(join(home, name, 'sessions'), { recursive: true });
    writeRecord(join(home, name), record);
    writeFileSync(join(home, name, 'sessions', `${name}-me.json`), '');
  }
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true, force: true });
});

/** Those that begin like the last word. */
function offered(line: string): string[] {
  const { words, word } = readTyped(line);
  return optionsAfter(words, word, vocabulary)
    .map(({ label }) => label)
    .filter((label) => label.startsWith(word));
}

describe('on a command line', () => {
  it.each([
    ['co', ['compare', 'completion']],
    ['--', ['--help', '--version']],
    ['nothing ', []],
    ['cluster li', ['list']],
    ['help clu', ['cluster']],
    ['help cluster st', ['status']],
    ['help mod', ['modes', 'models']],
    ['schema cluster st', ['status']],
    ['get k --no', ['--node']],
    ['get k --level one --lev', []],
    ['put k --value-h', ['--value-hex']],
    ['put k -- --lev', []],
    ['put k ', []],
    ['get k --json --help', ['--help']],
    ['cluster use ', ['blue', 'green']],
    ['get -C ', ['blue', 'green']],
    ['get --cluster=g', ['--cluster=green']],
    ['get k --level l -C blue --level ', ['linearizable', 'leader', 'local']],
    ['get k --cluster=green --level ', ['local']],
    ['get k -Cblue --node ', ['n1', 'n2', 'n9']],
    ['get k -C blue --session ', ['blue-me']],
    ['fault drop 5% -C blue --type acce', ['accept', 'accepted']],
    ['fault cut -C blue n9>', ['n9>n1', 'n9>n2', 'n9>clients']],
    ['fault heal dup', ['duplicate']],
    ['cluster up --mode pa', ['paxos']],
    ['cluster up -m 2pc -o vote', ['voteTimeoutMs=']],
    ['cluster up --runtime ', ['threads', 'processes']],
    ['cluster up -n 2 --priority ', ['n1', 'n2']],
    ['cluster up -n 2 --priority n2,', ['n2,n1']],
    ['cluster up --resp --mo', ['--mode']],
    ['sim --mode 2pc,go', ['2pc,gossip']],
    ['sim --faults kill,clock-j', ['kill,clock-jump']],
    ['sim --bug quorum-no-o', ['quorum-no-overlap']],
    ['bench ycsb-a --nemesis halves,ki', ['halves,kills']],
    ['bench --reads ', []],
    ['check h.jsonl --model lin', ['linearizable']],
    ['explore 2pc-', ['2pc-1', '2pc-2', '2pc-3', '2pc-5']],
    ['compare pax', ['paxos']],
    ['run stale', ['stale-read']],
    ['lab zoo/quorum-no-o', ['zoo/quorum-no-overlap']],
    ['completion ', ['bash', 'zsh', 'fish']],
    ['cluster up --config .ci/', []],
    ['cluster up --config test/e2e/de', ['test/e2e/delays.yaml']],
    ['cluster up --mode ./.npm', []],
    ['cluster up --mode ./knip', ['./knip.config.ts']],
    ['cluster up --mode=knip', ['--mode=knip.config.ts']],
    ['cluster up --mode test/own-m', ['test/own-mode/']],
    ['sim -m gossip,./knip', ['gossip,./knip.config.ts']],
    [
      'sim -m test/own-mode/',
      ['drifting.js', 'sole-replica.js', 'sole.js', 'stale.js'].map(
        (name) => `test/own-mode/${name}`,
      ),
    ],
    ['explore --mode test/own-mode/drift', ['test/own-mode/drifting.js']],
    ['lab --mode test/own-mode/drift', ['test/own-mode/drifting.js']],
    ['compare test/own-mode/drift', ['test/own-mode/drifting.js']],
    ['fault delays test/e2e/delays.y', ['test/e2e/delays.yaml']],
  ])('after %j', (line, expected) => {
    expect(offered(line)).toEqual(expected);
  });

  it('says nothing of nodes when it is not clear which cluster is meant', () => {
    expect(offered('node kill ')).toEqual([]);
    vi.stubEnv('KVX_CLUSTER', 'green');
    expect(offered('node kill ')).toEqual(['n1', 'n2']);
    vi.stubEnv('KVX_CLUSTER', undefined);
  });

  it('says what words mean, in a line each', () => {
    const all = ['', 'fault ', 'cluster up --', 'run ', 'cluster up --mode '].flatMap((line) => {
      const { words, word } = readTyped(line);
      return optionsAfter(words, word, vocabulary);
    });
    for (const { label, detail } of all.filter((each) => !/\/$|\.[tj]s$/.test(each.label)))
      expect(`${label}: ${detail}`).toMatch(/^[^\t\n]+: ./);
  });
});

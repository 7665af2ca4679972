/** What the laboratory hands out fails alike on the command line, as it is built. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lineOf, withDecision } from '../../src/lab/decisions.js';
import { exportedOf, scenarioFile, shivizLog } from '../../src/lab/export.js';
import type { RunKey } from '../../src/lab/recording.js';
import { recorded } from '../../src/lab/testing/recorded.js';
import { Sandbox } from './commands-sandbox.js';

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => sandbox.cleanUp());

const zoo = join(import.meta.dirname, '../../scenarios/zoo');

/** As its own last comment says it is run. */
function runExported(key: RunKey, sentence: string | null) {
  const file = join(sandbox.home, 'exported.kvx');
  const text = scenarioFile(key, sentence, file);
  writeFileSync(file, text);
  const [, ...words] = (text.trimEnd().split('\n').at(-1) as string).slice(2).split(' ');
  const trace = join(sandbox.home, 'trace.jsonl');
  return { ...sandbox.run([...words, '--trace', trace]), trace };
}

test.each(['paxos-deposed-leader-reads', 'quorum-hint-counts'])(
  '%s, exported, fails on kvx run as it did in the laboratory',
  async (bug) => {
    const scenario = readFileSync(join(zoo, `${bug}.kvx`), 'utf8');
    const { key, failure } = await recorded({ scenario, seed: 1, bug });
    const ran = runExported(key, failure);
    expect(ran.status).toBe(1);
    expect(ran.stderr).toContain(`seen: ${failure}`);
  },
);

/** One message is enough: red does not come to n2. */
const stale = `cluster up --mode quorum -n 3 --read one --write one -o resendMs=10000
put colour green --level all
put colour red --node n1
wait 20ms
get colour --node n2
`;

test('one message lost by a click: the violation that the scenario says, in the page and on kvx run', async () => {
  const before = await recorded({ scenario: stale, seed: 1, bug: null });
  expect(before.falls).toEqual([]);
  const { messages, names, types } = before.lanes;
  const isIt = (message: number): boolean =>
    types[messages.type[message] as number] === 'write' &&
    names[messages.from[message] as number] === 'n1' &&
    names[messages.to[message] as number] === 'n2';
  const writes = Array.from({ length: messages.count }, (_, message) => message).filter(isIt);
  const line = lineOf({ type: 'lose', message: writes.at(-1) as number }, before);
  const key = { ...before.key, scenario: withDecision(stale, line) };
  const fork = await recorded(key);
  expect(fork.falls.map(({ model }) => model)).toContain('linearizable');
  const exported = exportedOf(key, fork);
  expect(exported.sentence).toMatch(/^violated: .* read green from n2/);
  const ran = runExported(exported.key, exported.sentence);
  expect(ran.status).toBe(1);
  expect(ran.stderr).toContain(`seen: ${exported.sentence}`);
  // The log for ShiViz is the one that the command line makes of the trace.
  const log = await shivizLog(exported.key, setImmediate);
  const shiviz = ['trace', ran.trace, '--export', 'shiviz'];
  const ofFile = sandbox
    .run(shiviz)
    .stdout.replaceAll(join(sandbox.home, 'exported.kvx'), 'scenario');
  expect(ofFile).toBe(log);
});

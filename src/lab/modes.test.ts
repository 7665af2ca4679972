import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { recordModes } from './modes.js';
import { record } from './record.js';

const options = { afterPromises: setImmediate, now: () => performance.now() };
const root = join(import.meta.dirname, '../..');

async function modesOf(scenario: string, bug: string | null = null) {
  const runs = await recordModes({ scenario, seed: 1, bug }, options);
  return new Map(runs.map((run) => [run.mode, run]));
}

it('runs a scenario as it stands in its own mode, and in the others without what they lack', async () => {
  const scenario = readFileSync(join(root, 'scenarios/stale-read.kvx'), 'utf8');
  const modes = await modesOf(scenario);
  const own = modes.get('quorum');
  const alone = await record({ scenario, seed: 1, bug: null }, options);
  expect(own).toMatchObject({ scenario, changed: [], problems: [] });
  expect(own?.recording?.recording.traceHash).toBe(alone.recording.traceHash);

  const said = modes.get('2pc')?.changed.map(({ line, message }) => `${line}: ${message}`);
  expect(said?.slice(0, 3)).toEqual([
    '7: for mode 2pc without `--read one --write one`',
    '9: mode 2pc has no level "all"; it has linearizable: now `put colour green`',
    '12: no worker of the pool (n2, n3) answers: now `try put colour red --node n1`',
  ]);
  for (const [mode, { recording }] of modes) {
    const last = recording?.recording.output.at(-1)?.line ?? 0;
    expect([mode, last > 9]).toEqual([mode, true]);
  }
});

it('leaves out a transaction with its steps, and a type of message that is of another mode', async () => {
  const modes = await modesOf(
    [
      ...['cluster up --mode 2pc -n 3', 'txn', '  put x 1', 'end'],
      ...['fault cut n1 --type decision', 'put y 2 --timeout 100ms'],
    ].join('\n'),
  );
  expect(modes.get('gossip')?.scenario.split('\n')).toEqual([
    ...['cluster up --mode gossip -n 3', '# txn', '#   put x 1', '# end'],
    ...['# fault cut n1 --type decision', 'put y 2 --timeout 100ms'],
  ]);
  expect(modes.get('paxos')?.changed.map(({ line }) => line)).toEqual([5]);
});

it('plants a bug in its own mode alone, and says what can be read in none', async () => {
  const bug = 'gossip-session-writes-only';
  const scenario = readFileSync(join(root, `scenarios/zoo/${bug}.kvx`), 'utf8');
  for (const [mode, { recording }] of await modesOf(scenario, bug)) {
    const { key, failure } = recording?.recording ?? {};
    expect([key?.bug, failure !== null]).toEqual(mode === 'gossip' ? [bug, true] : [null, false]);
  }
  const broken = await modesOf('cluster up --nodes many');
  expect([...broken.values()].map(({ recording }) => recording)).toEqual([null, null, null, null]);
  expect(broken.get('paxos')?.problems).toMatchObject([{ line: 1 }]);
});

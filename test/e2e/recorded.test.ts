/** A long history, recorded by the built command in every mode, is read whole and judged; in one, of 50,000 operations. */
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { Sandbox } from './commands-sandbox.js';

const sandbox = new Sandbox();
afterAll(() => sandbox.cleanUp());

/** What a quiet cluster of one mode surely keeps when nothing breaks. */
const kept = [
  ['2pc', 'processes', 'strict serializable', 10_000],
  ['quorum', 'threads', 'regular', 50_000],
  ['gossip', 'processes', 'monotonic writes', 10_000],
  ['paxos', 'threads', 'strict serializable', 10_000],
] as const;

test.each(kept)('%s on %s', (mode, runtime, model, count) => {
  const up = ['cluster', 'up', '--name', mode, '--mode', mode, '-n', '3', '--runtime', runtime];
  expect(sandbox.run([...up, '--sync', 'off', '--fresh']).status).toBe(0);
  const history = join(sandbox.runtime, 'h.jsonl');
  const load = ['--ops', `${count}`, '--clients', '128', '--keys', '200', '--history', history];
  const bench = sandbox.json(['bench', '--cluster', mode, ...load]);
  expect(bench.document).toMatchObject({ historyFailure: null, unfinishedCount: 0 });
  expect(bench.document.doneCount + bench.document.errorCount).toBe(count);
  expect(sandbox.run(['cluster', 'down', '--cluster', mode, '--wipe']).status).toBe(0);
  const { status, document } = sandbox.json([
    'check',
    history,
    '--model',
    model.replaceAll(' ', '-'),
  ]);
  // At the end every key is read through every node, again until they agree.
  expect(document.operations).toBeGreaterThanOrEqual(count + 600);
  expect(status).toBe(0);
});

/** A history of 50,000 operations, recorded by the built command in every mode, is read whole and judged. */
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { Sandbox } from './commands-sandbox.js';

const sandbox = new Sandbox();
afterAll(() => sandbox.cleanUp());

/** What a quiet cluster of one mode surely keeps when nothing breaks. */
const kept = [
  ['2pc', 'processes', 'strict serializable'],
  ['quorum', 'threads', 'regular'],
  ['gossip', 'processes', 'monotonic writes'],
  ['paxos', 'threads', 'strict serializable'],
] as const;

test.each(kept)('%s on %s', (mode, runtime, model) => {
  const up = ['cluster', 'up', '--name', mode, '--mode', mode, '-n', '3', '--runtime', runtime];
  expect(sandbox.run([...up, '--sync', 'off', '--fresh']).status).toBe(0);
  const history = join(sandbox.runtime, 'h.jsonl');
  const load = ['--ops', '50000', '--clients', '128', '--keys', '200', '--history', history];
  const bench = sandbox.json(['bench', '--cluster', mode, ...load]);
  expect(bench.document).toMatchObject({ historyFailure: null, unfinishedCount: 0 });
  expect(bench.document.doneCount + bench.document.errorCount).toBe(50_000);
  expect(sandbox.run(['cluster', 'down', '--cluster', mode, '--wipe']).status).toBe(0);
  const { status, document } = sandbox.json([
    'check',
    history,
    '--model',
    model.replaceAll(' ', '-'),
  ]);
  // At the end every key is read through every node, again until they agree.
  expect(document.operations).toBeGreaterThanOrEqual(50_600);
  expect(status).toBe(0);
});

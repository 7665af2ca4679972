import { afterEach, expect, it } from 'vitest';
import { keyFromText } from '../core/key.js';
import type { Operation } from '../core/operation.js';
import { readHistory } from '../history/files/read-file.js';
import { JsonLines } from '../history/recorder/json-lines.js';
import { Recorder } from '../history/recorder/recorder.js';
import { MemorySink } from '../history/testing/memory-sink.js';
import { rowsOf } from '../history/testing/rows.js';
import { realTiming } from '../node/timing.js';
import { readFinally } from './final-reads.js';
import { FakeNode } from './testing/fake-node.js';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const put = (key: string): Operation => {
  return { type: 'put', key: keyFromText(key), value: Buffer.from('v') };
};
const version = { stamp: 5, node: 'n1' };

/** A node that holds `values`, one at a time: each read of a key takes the next, the last one stays. */
async function nodeWith(name: string, values: readonly string[]) {
  const reads = new Map<string, number>();
  const node = await FakeNode.start(name, (frame, caller) => {
    if (frame.type !== 'request' || frame.operation.type !== 'get') return;
    const { id, operation } = frame;
    const count = reads.get(operation.key) ?? 0;
    reads.set(operation.key, count + 1);
    const value = Buffer.from(values[Math.min(count, values.length - 1)] as string);
    caller.send({ type: 'result', id, result: { type: 'value', value, version } });
  });
  cleanups.push(() => node.stop());
  return node;
}

function recording() {
  const sink = new MemorySink();
  const recorder = new Recorder({ sink: new JsonLines(sink), now: () => performance.now() });
  for (const key of ['a', 'b']) {
    const done = { type: 'done', version, existed: null } as const;
    recorder.client().invoke(put(key))?.end(done, 'n1');
  }
  const rows = async () => {
    recorder.close();
    return rowsOf(await readHistory([Buffer.from(sink.text)])).filter(({ kind }) => kind === 'get');
  };
  return { recorder, rows };
}

const { signal } = new AbortController();
const timing = realTiming;

it('reads every key through every node, again until they agree', async () => {
  const [n1, n2] = [await nodeWith('n1', ['new']), await nodeWith('n2', ['old', 'new'])];
  const { recorder, rows } = recording();
  expect(await readFinally([n1.endpoint, n2.endpoint], { recorder, timing, signal })).toBe(true);
  const found = (await rows()).map(({ key, node, seen }) => `${key} ${node} ${seen}`);
  expect(new Set(found)).toEqual(
    new Set(['a', 'b'].flatMap((key) => [`${key} n1 new`, `${key} n2 old`, `${key} n2 new`])),
  );
});

it('ends when they do not agree in time', async () => {
  const nodes = [await nodeWith('n1', ['one']), await nodeWith('n2', ['two'])];
  const { recorder, rows } = recording();
  const options = { recorder, timing, convergeMs: 1, signal };
  expect(
    await readFinally(
      nodes.map(({ endpoint }) => endpoint),
      options,
    ),
  ).toBe(false);
  expect((await rows()).length).toBeGreaterThanOrEqual(4);
});

it('leaves out a node that does not answer', async () => {
  const [n1, n2] = [await nodeWith('n1', ['new']), await nodeWith('n2', ['new'])];
  await n2.stop();
  const { recorder, rows } = recording();
  expect(await readFinally([n1.endpoint, n2.endpoint], { recorder, timing, signal })).toBe(true);
  expect((await rows()).filter(({ outcome }) => outcome === 'ok').map(({ node }) => node)).toEqual([
    ...['n1', 'n1'],
  ]);
});

it('is nothing after transactions', async () => {
  const n1 = await nodeWith('n1', ['new']);
  const { recorder, rows } = recording();
  recorder.client().invoke({ type: 'txn', steps: [] });
  await readFinally([n1.endpoint], { recorder, timing, signal });
  expect(await rows()).toEqual([]);
});

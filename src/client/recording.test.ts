import { afterEach, expect, it } from 'vitest';
import { keyFromText } from '../core/key.js';
import type { ClientResult } from '../core/operation.js';
import { readHistory } from '../history/files/read-file.js';
import { JsonLines } from '../history/recorder/json-lines.js';
import { Recorder } from '../history/recorder/recorder.js';
import { MemorySink } from '../history/testing/memory-sink.js';
import { rowsOf } from '../history/testing/rows.js';
import { realTiming } from '../node/timing.js';
import { Client, type ClientOptions } from './client.js';
import { asks } from './testing/asks.js';
import { FakeNode } from './testing/fake-node.js';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const key = keyFromText('k');
const value = Buffer.from('v');
const version = { stamp: 5, node: 'n1' };
const done: ClientResult = { type: 'done', version, existed: false };
const failed = (code: 'conflict' | 'timeout', definite: boolean): ClientResult => ({
  ...{ type: 'error', code, definite, message: code },
});

/** A recorded client of a node that gives these answers, one after the other; `null`: none. */
async function recordedClient(
  answers: readonly (ClientResult | null)[],
  options: Partial<ClientOptions> = {},
) {
  let count = 0;
  const node = await FakeNode.start('n1', ({ id }, caller) => {
    const result = answers[count++] ?? null;
    if (result !== null) caller.send({ type: 'result', id, result });
  });
  cleanups.push(() => node.stop());
  const sink = new MemorySink();
  const recorder = new Recorder({ sink: new JsonLines(sink), now: () => performance.now() });
  const record = recorder.client('alice');
  const client = new Client([node.endpoint], {
    timing: realTiming,
    timeoutMs: 1_000,
    ...options,
    record,
  });
  cleanups.push(() => client.close());
  const rows = async () => {
    recorder.close();
    return rowsOf(await readHistory([Buffer.from(sink.text)]));
  };
  return { client, node, rows };
}

it('writes down what is asked and told, with session, node and version', async () => {
  const { client, rows } = await recordedClient([done, { type: 'value', value, version }]);
  await asks.put(client, key, value);
  await asks.get(client, key);
  const common = {
    process: 0,
    outcome: 'ok',
    key: 'k',
    node: 'n1',
    session: 'alice',
    version: '5@n1',
  };
  const [put, get] = await rows();
  expect(put).toMatchObject({ ...common, kind: 'put', written: 'v' });
  expect(get).toMatchObject({ ...common, kind: 'get', seen: 'v' });
  expect(get?.invokedAt).toBeGreaterThanOrEqual(put?.returnedAt ?? Infinity);
});

it('writes down one operation, however often it was tried', async () => {
  const { client, node, rows } = await recordedClient([failed('conflict', true), done]);
  await asks.put(client, key, value);
  expect(node.received).toHaveLength(2);
  expect((await rows()).map(({ outcome }) => outcome)).toEqual(['ok']);
});

it('says that nobody knows when nobody does, and goes on as another process', async () => {
  const { client, rows } = await recordedClient([failed('timeout', false), done]);
  await asks.put(client, key, value).catch(() => {});
  await asks.put(client, key, value);
  expect((await rows()).map(({ process, outcome }) => [process, outcome])).toEqual([
    [0, 'info'],
    [1, 'ok'],
  ]);
});

it('says that it surely did not happen when no node could be reached', async () => {
  const { client, node, rows } = await recordedClient([]);
  await node.stop();
  await asks.put(client, key, value).catch(() => {});
  expect(await rows()).toMatchObject([{ outcome: 'fail', node: undefined }]);
});

it('says that nobody knows when an earlier attempt may have taken effect', async () => {
  const answers = [failed('timeout', false), ...Array(9).fill(failed('conflict', true))];
  const { client, rows } = await recordedClient(answers, { retry: 'always', timeoutMs: 400 });
  await asks.put(client, key, value).catch(() => {});
  expect((await rows()).map(({ outcome }) => outcome)).toEqual(['info']);
});

import { expect, it } from 'vitest';
import { keyFromText } from '../core/key.js';
import type { ClientResult } from '../core/operation.js';
import { SeededRandom } from '../core/random.js';
import { readHistory } from '../history/files/read-file.js';
import { Recorder } from '../history/recorder/recorder.js';
import { MemorySink } from '../history/testing/memory-sink.js';
import { type Row, rowsOf } from '../history/testing/rows.js';
import { Load, type LoadOptions } from './load.js';
import { LoadRecord } from './load-record.js';

const version = { stamp: 1, node: 'n1' };
const done: ClientResult = { type: 'done', version, existed: null };
const failed = (code: 'timeout' | 'unavailable', definite: boolean): ClientResult => ({
  ...{ type: 'error', code, definite, message: code },
});

/** The rows of a load whose operations have these results, in the order in which they are asked for; `null`: none. */
async function recorded(
  results: readonly (ClientResult | null)[],
  options: Partial<LoadOptions>,
): Promise<Row[]> {
  const sink = new MemorySink();
  const recorder = new Recorder({ sink, now: () => performance.now() });
  let count = 0;
  const execute = async () => {
    const result = results[count++];
    return result === null ? new Promise<never>(() => {}) : (result ?? done);
  };
  const load = new Load(execute, {
    workload: (number) => ({
      ...{ type: 'put', key: keyFromText('k'), value: Buffer.from(`v${number}`) },
    }),
    random: new SeededRandom(1),
    clientCount: 1,
    operationsMax: 2,
    durationMs: Number.POSITIVE_INFINITY,
    insistMs: null,
    sessionName: 's',
    signal: new AbortController().signal,
    ...options,
    record: new LoadRecord(recorder, (client) => `n${client + 1}`),
  });
  await load.run();
  recorder.close();
  return rowsOf(await readHistory([Buffer.from(sink.text)]));
}

it('every client of the load is a process, and has asked the node that it asked', async () => {
  const rows = await recorded([], { clientCount: 3, operationsMax: 3 });
  expect(rows.map(({ process, node, outcome }) => [process, node, outcome])).toEqual([
    [0, 'n1', 'ok'],
    [1, 'n2', 'ok'],
    [2, 'n3', 'ok'],
  ]);
});

it('a client is another process after an operation that nobody knows the end of', async () => {
  const rows = await recorded([failed('timeout', false)], {});
  expect(rows.map(({ process, outcome, written }) => [process, outcome, written])).toEqual([
    [0, 'info', 'v0'],
    [1, 'ok', 'v1'],
  ]);
});

it('a set that is tried until it is done is one operation', async () => {
  const results = [failed('timeout', false), failed('unavailable', true)];
  const rows = await recorded(results, { insistMs: 10_000 });
  expect(rows.map(({ outcome, written }) => [outcome, written])).toEqual([
    ['ok', 'v0'],
    ['ok', 'v1'],
  ]);
});

it('a set that is given up may have happened if one of its attempts may have', async () => {
  const doubtful = [failed('timeout', false), ...Array(9).fill(failed('unavailable', true))];
  const rows = await recorded(doubtful, { insistMs: 20 });
  expect(rows.map(({ outcome }) => outcome)).toEqual(['info']);
  const sure = await recorded(Array(9).fill(failed('unavailable', true)), { insistMs: 20 });
  expect(sure.map(({ outcome }) => outcome)).toEqual(['fail']);
});

it('what is under way when the load is interrupted stays open', async () => {
  const controller = new AbortController();
  const rows = await recorded([null], {
    signal: controller.signal,
    workload: () => {
      controller.abort();
      return { type: 'put', key: keyFromText('k'), value: Buffer.from('v') };
    },
  });
  expect(rows.map(({ outcome }) => outcome)).toEqual(['info']);
});

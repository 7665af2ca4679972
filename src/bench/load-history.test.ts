import { expect, it } from 'vitest';
import { Client } from '../client/client.js';
import { FakeEndpoint } from '../client/testing/fake-endpoint.js';
import { keyFromText } from '../core/key.js';
import type { ClientResult } from '../core/operation.js';
import { readHistory } from '../history/files/read-file.js';
import { JsonLines } from '../history/recorder/json-lines.js';
import { Recorder } from '../history/recorder/recorder.js';
import { MemorySink } from '../history/testing/memory-sink.js';
import { type Row, rowsOf } from '../history/testing/rows.js';
import { realTiming } from '../node/timing.js';
import { Load, type LoadOptions } from './load.js';
import { Tally } from './tally.js';

const version = { stamp: 1, node: 'n1' };
const done: ClientResult = { type: 'done', version, existed: null };
const failed = (code: 'timeout' | 'unavailable', definite: boolean): ClientResult => ({
  ...{ type: 'error', code, definite, message: code },
});

/** The rows of a load whose operations have these results, in the order in which they are asked for; `null`: none. */
async function recorded(
  results: readonly (ClientResult | null)[],
  { clientCount = 1, ...options }: Partial<LoadOptions & { readonly clientCount: number }> = {},
): Promise<Row[]> {
  const sink = new MemorySink();
  const recorder = new Recorder({ sink: new JsonLines(sink), now: () => performance.now() });
  let count = 0;
  const answer = () => {
    const result = results[count++];
    return result === undefined ? done : result;
  };
  const endpoints = ['n1', 'n2', 'n3'].map((node) => new FakeEndpoint(node, answer));
  const clients = Array.from({ length: clientCount }, (_, start) => {
    const record = recorder.client();
    return new Client(endpoints, { timing: realTiming, retry: 'never', start, record });
  });
  const load = new Load(clients, {
    timing: realTiming,
    tally: new Tally(),
    workload: (number) => ({
      ...{ type: 'put', key: keyFromText('k'), value: Buffer.from(`v${number}`) },
    }),
    operationsMax: 2,
    durationMs: Number.POSITIVE_INFINITY,
    endsOnFailure: false,
    signal: new AbortController().signal,
    ...options,
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

import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeFromCompressedBase64 } from 'hdr-histogram-js/dist/encoding.js';
import { afterEach, expect, it } from 'vitest';
import { Latencies } from '../../bench/latencies.js';
import { Tally } from '../../bench/tally.js';
import { encodedHistogram } from './hdr-encoding.js';
import { openTimelines } from './timelines.js';

const path = join(tmpdir(), `kvx-timelines-${process.pid}`);
afterEach(() => rmSync(path, { force: true }));

it("a histogram is read by HdrHistogram's own decoder as it was written", () => {
  const latencies = new Latencies();
  for (let nth = 0; nth < 5000; nth++) latencies.record(nth ** 2 / 1000);
  for (let nth = 0; nth < 40_000; nth++) latencies.record(0.001);
  const decoded = decodeFromCompressedBase64(encodedHistogram(latencies));
  expect(decoded.totalCount).toBe(45_000);
  for (const percentile of [10, 89, 90, 95, 99.9, 100]) {
    expect(decoded.getValueAtPercentile(percentile) / 1000).toBe(latencies.at(percentile));
  }
});

it.each([
  ['csv', /^0\.500,1\.000,1,put,2,0,1,2,1\.000,2\.000,2\.000,2\.000,2\.000$/m],
  ['hdr', /^Tag=put,0\.500,1\.000,2\.000,HISTFAAA/m],
])('%s: a line each second and operation', (format, line) => {
  const timelines = openTimelines({ [format]: path });
  timelines.add(interval());
  timelines.close();
  expect(readFileSync(path, 'utf8')).toMatch(line);
});

function interval() {
  const tally = new Tally();
  const version = { stamp: 1, node: 'n1' };
  tally.done('put', { type: 'done', version, existed: null }, 0, 1);
  tally.done('put', { type: 'done', version, existed: null }, 0, 2);
  tally.failed('put', { type: 'error', code: 'timeout', definite: false, message: 'late' });
  return { fromMs: 500, toMs: 1500, isFault: true, tally };
}

it.skipIf(process.platform === 'win32')('what can be written no more is told at the end', () => {
  execFileSync('mkfifo', [path]);
  const reader = openSync(path, 'r+');
  const timelines = openTimelines({ csv: path });
  timelines.add(interval());
  closeSync(reader);
  timelines.add(interval());
  timelines.add(interval());
  expect(() => timelines.close()).toThrow(
    expect.objectContaining({ code: 'cluster', message: expect.stringContaining('is cut short') }),
  );
});

it('where there can be no file, nothing begins', () => {
  expect(() => openTimelines({ csv: '/no/such/folder/x' })).toThrow(
    expect.objectContaining({ code: 'bad-request', definite: true }),
  );
});

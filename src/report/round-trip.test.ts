/** Whatever a report holds is read again as it was. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readHistory } from '../history/files/read-file.js';
import type { History } from '../history/history.js';
import { arbitraryHistory } from '../history/testing/arbitrary-lines.js';
import { decodeReport } from './decode.js';
import { encodeReport } from './encode.js';
import type { Report } from './report.js';
import { partsInMemory, reportOf } from './testing/reports.js';

const reopened = (report: Report) => decodeReport(partsInMemory(encodeReport(report)));

async function isTheSame(history: History): Promise<void> {
  const opened = await reopened(reportOf({ history }));
  expect(await opened.history()).toEqual(history);
}

describe('a history', () => {
  it('of any file comes back', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryHistory, async ({ lines }) => {
        const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
        await isTheSame(await readHistory([Buffer.from(text)], { format: 'jsonl' }));
      }),
      { numRuns: 200 },
    );
  });

  it('comes back whatever its times and versions are', async () => {
    const time = fc.oneof(fc.nat(), fc.double({ noNaN: true }), fc.maxSafeInteger());
    const stamp = fc.oneof(time, fc.constant(Number.NaN), fc.bigInt({ min: 0n, max: 2n ** 62n }));
    const row = fc.record({ from: time, to: fc.option(time), stamp, who: fc.nat(3) });
    const text = [1, 2, 3, 4, 5, 6].map((process) =>
      JSON.stringify({ process, type: 'invoke', f: 'put', key: 'k', value: `${process}`, time: 0 }),
    );
    const base = await readHistory([Buffer.from(`${text.join('\n')}\n`)]);
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 6, maxLength: 6 }), (rows) =>
        isTheSame({
          ...base,
          process: Int32Array.from(rows, ({ who }) => who),
          invokedAt: Float64Array.from(rows, ({ from }) => from),
          returnedAt: Float64Array.from(rows, ({ to }) => to ?? Number.POSITIVE_INFINITY),
          versionStamp: Float64Array.from(rows, (each) => Number(each.stamp)),
        }),
      ),
    );
  });
});

describe('a damaged report', () => {
  it('says so, part by part', async () => {
    const line = { process: 0, type: 'invoke', f: 'put', key: 'k', value: '1', time: 0 };
    const history = await readHistory([Buffer.from(`${JSON.stringify(line)}\n`)]);
    const parts = [...encodeReport(reportOf({ history }))];
    const without = (name: string) => partsInMemory(parts.filter((part) => part.name !== name));
    await expect(decodeReport(without('head'))).rejects.toThrow(/damaged.*its part head/);
    const opened = await decodeReport(without('history-0-texts'));
    expect(opened.hasHistory).toBe(true);
    await expect(opened.history()).rejects.toThrow(/damaged.*its part history-0-texts/);
  });

  it('of another version names it', async () => {
    const parts = partsInMemory(encodeReport(reportOf({})));
    const text = async (name: string) =>
      (await parts.text(name)).replace('"version":1', '"version":7');
    await expect(decodeReport({ ...parts, text })).rejects.toThrow(/form 7.*another version/);
  });
});

/** Whatever a report holds is read again as it was. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { simulate } from '../explore/simulate.js';
import { readHistory } from '../history/files/read-file.js';
import type { History } from '../history/history.js';
import { arbitraryHistory } from '../history/testing/arbitrary-lines.js';
import { type Lanes, lanesOf, noEvent } from '../trace/lanes.js';
import { LanesBuilder } from '../trace/lanes-builder.js';
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

it('of millions of characters the page has the beginning of each value, and who is who', async () => {
  const values = ['a', 'b'].map((letter) => letter.repeat(3_000_000));
  const lines = values.map((value, process) =>
    JSON.stringify({ process, type: 'invoke', f: 'put', key: 'k', value, time: 0 }),
  );
  const history = await readHistory([Buffer.from(`${lines.join('\n')}\n`)]);
  const again = await (await reopened(reportOf({ history }))).history();
  expect(again?.values).toEqual([null, `${'a'.repeat(200)}…`, `${'b'.repeat(200)}…`]);
  expect(again?.written).toEqual(history.written);
});

/** Before what `textOf` says. */
const timeChars = 11;

/** Columns of so many rows, whatever they mean. */
const lanesOfAnything = fc
  .record({ events: fc.nat(8), messages: fc.nat(6), spans: fc.nat(4), remarks: fc.nat(4) })
  .chain(({ events: count, messages, spans, remarks }) => {
    const column = (length: number, max: number) =>
      fc.array(fc.nat(max), { minLength: length, maxLength: length });
    const event = fc.oneof(fc.nat(Math.max(0, count - 1)), fc.constant(noEvent));
    const eventsOf = (length: number) =>
      fc.array(event, { minLength: length, maxLength: length }).map((all) => Uint32Array.from(all));
    const numbers = <T>(Kind: { from(all: number[]): T }, length: number, max = 200) =>
      column(length, max).map((all) => Kind.from(all));
    const times = (length: number) =>
      column(length, 1e9).map((all) => Float64Array.from(all, (ticks) => ticks / 10_000));
    return fc.record({
      ...{ names: fc.array(fc.string()), types: fc.array(fc.string()), beginMs: fc.nat() },
      ...{ labels: fc.array(fc.string({ unit: 'binary' })), durationMs: fc.nat() },
      texts: fc.array(fc.uint8Array(), { maxLength: 3 }),
      events: fc.record({
        ...{ count: fc.constant(count), atMs: times(count), lane: numbers(Uint16Array, count) },
        ...{ kind: numbers(Uint8Array, count), message: numbers(Uint32Array, count) },
        label: numbers(Uint16Array, count, 60_000),
      }),
      messages: fc.record({
        ...{ count: fc.constant(messages), sent: numbers(Uint32Array, messages, count) },
        ...{ delivered: eventsOf(messages), from: numbers(Uint16Array, messages) },
        ...{ to: numbers(Uint16Array, messages), fate: numbers(Uint8Array, messages, 2) },
        ...{ endMs: times(messages), type: numbers(Uint16Array, messages) },
      }),
      spans: fc.record({
        ...{ count: fc.constant(spans), kind: numbers(Uint8Array, spans) },
        ...{ lane: numbers(Uint16Array, spans), begin: numbers(Uint32Array, spans, count) },
        ...{ end: eventsOf(spans), row: numbers(Uint8Array, spans) },
      }),
      remarks: fc.record({
        ...{ count: fc.constant(remarks), message: numbers(Uint32Array, remarks) },
        ...{ kind: numbers(Uint8Array, remarks), atMs: times(remarks) },
        why: numbers(Uint16Array, remarks, 60_000),
      }),
    });
  });

describe('lanes', () => {
  it('come back, whatever they are', async () => {
    await fc.assert(
      fc.asyncProperty(lanesOfAnything, async (lanes) => {
        const {
          labelOf: _,
          textOf,
          ...again
        } = (await (await reopened(reportOf({ lanes }))).lanes()) as Lanes;
        expect(again).toEqual({ ...lanes, texts: [] });
      }),
      { numRuns: 200 },
    );
  });

  it('of a run say what they said, event by event', async () => {
    const { trace } = simulate({ mode: 'quorum', seed: 3, durationMs: 6000, trace: true });
    const builder = new LanesBuilder();
    for (const event of trace ?? []) builder.add(event);
    const lanes = lanesOf(builder.end());
    const again = (await (await reopened(reportOf({ lanes }))).lanes()) as Lanes;
    expect(lanes.events.count).toBeGreaterThan(4096);
    for (let event = 0; event < lanes.events.count; event += 97) {
      expect(again.labelOf(event)).toBe(lanes.labelOf(event));
      // Times are kept to a tenth of a microsecond.
      const [text, told] = [await again.textOf(event), await lanes.textOf(event)];
      expect(text.slice(timeChars)).toBe(told.slice(timeChars));
    }
  });
});

describe('a damaged report', () => {
  it('says so, part by part', async () => {
    const line = { process: 0, type: 'invoke', f: 'put', key: 'k', value: '1', time: 0 };
    const history = await readHistory([Buffer.from(`${JSON.stringify(line)}\n`)]);
    const { trace } = simulate({ mode: 'quorum', seed: 3, durationMs: 100, trace: true });
    const builder = new LanesBuilder();
    for (const event of trace ?? []) builder.add(event);
    const parts = [...encodeReport(reportOf({ history, lanes: builder.end() }))];
    const without = (name: string) => partsInMemory(parts.filter((part) => part.name !== name));
    await expect(decodeReport(without('head'))).rejects.toThrow(/damaged.*its part head/);
    const cut = (await (await decodeReport(without('lanes-text-0'))).lanes()) as Lanes;
    expect(await cut.textOf(9)).toContain('damaged: its part lanes-text-0');
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

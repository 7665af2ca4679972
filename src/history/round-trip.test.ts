/** Whatever is written is read again as it was. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toEdn } from './edn/write.js';
import { readHistory } from './files/read-file.js';
import type { Format } from './formats.js';
import type { History } from './history.js';
import { toJsonLines } from './json/write.js';
import { arbitraryHistory } from './testing/arbitrary-lines.js';
import { rowsOf } from './testing/rows.js';

const read = (text: string, format?: Format): Promise<History> =>
  readHistory([Buffer.from(text)], format === undefined ? {} : { format });

const asText = (lines: readonly unknown[]): string =>
  lines.map((line) => `${JSON.stringify(line)}\n`).join('');

const faultsOf = ({ faults }: History) => faults.map(({ line: _, ...fault }) => fault);

/** No scanner of plain lines takes one with a fraction that it does not know. */
const thoroughly = (lines: readonly object[]): string =>
  asText(lines.map((line) => ({ why: [1.5], ...line })));

describe('any history', () => {
  it('is read as the rows it has, the fast way and the thorough one', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryHistory, async ({ lines, rows }) => {
        expect(rowsOf(await read(asText(lines)))).toEqual(rows);
        expect(rowsOf(await read(thoroughly(lines)))).toEqual(rows);
      }),
      { numRuns: 400 },
    );
  });

  it('is read the same with its fields in another order, and with blanks between', async () => {
    const blanks = fc.constantFrom('', ' ', '  ');
    await fc.assert(
      fc.asyncProperty(arbitraryHistory, fc.nat(), blanks, async ({ lines, rows }, turn, blank) => {
        const text = lines.map((line) => {
          const fields = Object.entries(line).map(
            ([name, value]) => `"${name}":${blank}${JSON.stringify(value)}`,
          );
          const at = turn % fields.length;
          const turned = [...fields.slice(at), ...fields.slice(0, at)];
          return `{${blank}${turned.join(`,${blank}`)}${blank}}\r\n`;
        });
        expect(rowsOf(await read(text.join('')))).toEqual(rows);
      }),
      { numRuns: 200 },
    );
  });

  it('comes back from JSON lines', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryHistory, async ({ lines, rows, faults }) => {
        const again = await read([...toJsonLines(await read(asText(lines)))].join(''));
        expect(rowsOf(again)).toEqual(rows);
        expect(faultsOf(again)).toEqual(faults);
      }),
      { numRuns: 300 },
    );
  });

  it('comes back from EDN', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryHistory, async ({ lines, rows, faults }) => {
        const again = await read([...toEdn(await read(asText(lines)))].join(''), 'edn');
        expect(rowsOf(again)).toEqual(rows);
        expect(faultsOf(again)).toEqual(faults);
      }),
      { numRuns: 300 },
    );
  });

  it('is the same in whatever pieces it arrives', async () => {
    const cuts = fc.array(fc.nat(2000), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(arbitraryHistory, cuts, async ({ lines, rows }, places) => {
        const bytes = Buffer.from(asText(lines).trimEnd());
        const at = [0, ...places.filter((place) => place < bytes.length).sort((a, b) => a - b)];
        // Each piece is read into the same memory, as a file's are.
        const piece = Buffer.alloc(bytes.length);
        const pieces = function* (): Generator<Uint8Array> {
          for (const [index, start] of at.entries()) {
            const length = bytes.copy(piece, 0, start, at[index + 1] ?? bytes.length);
            yield piece.subarray(0, length);
            piece.fill(0);
          }
        };
        expect(rowsOf(await readHistory(pieces()))).toEqual(rows);
      }),
      { numRuns: 200 },
    );
  });
});

describe('lines that are written', () => {
  it('have the fields in the order of the format', async () => {
    const lines = [
      '{"process":0,"type":"invoke","f":"cas","key":"k","value":["a",null],"time":1,"session":"s"}\n',
      '{"process":0,"type":"fail","f":"cas","key":"k","value":["a",null],"time":2,"actual":"b","node":"n1","version":{"stamp":3,"node":"n2"}}\n',
    ];
    const history = await read(lines.join(''));
    expect([...toJsonLines(history)]).toEqual(lines);
  });

  it('end what nobody knows the end of before its process goes on, or last', async () => {
    const text = asText([
      { process: 0, type: 'invoke', f: 'put', key: 'k', value: 'a', time: 1 },
      { process: 1, type: 'invoke', f: 'put', key: 'k', value: 'b', time: 2 },
      { process: 0, type: 'info', f: 'put', key: 'k', time: 3 },
      { process: 0, type: 'invoke', f: 'get', key: 'k', time: 4 },
      { process: 0, type: 'ok', f: 'get', key: 'k', value: 'a', time: 5 },
    ]);
    expect([...toEdn(await read(text))].map((line) => line.slice(0, 40))).toEqual([
      '{:process 0, :type :invoke, :f :write, :',
      '{:process 1, :type :invoke, :f :write, :',
      '{:process 0, :type :info, :f :write, :ke',
      '{:process 0, :type :invoke, :f :read, :k',
      '{:process 0, :type :ok, :f :read, :key "',
      '{:process 1, :type :info, :f :write, :ke',
    ]);
  });
});

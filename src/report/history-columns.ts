/**
 * A history as columns that deflate well: what can be foretold from what stands before is left out. Clients ask again soon after
 * their answer; values are numbered in the order of their writes; a read mostly returns what was written last, with its version.
 */
import { absent, type History, unsaid } from '../history/history.js';
import {
  type ColumnReader,
  type ColumnWriter,
  readTotals,
  signed,
  unsigned,
  writeTotals,
} from './numbers.js';

type Columns = Omit<
  History,
  'count' | 'names' | 'steps' | 'faults' | 'keys' | 'values' | 'nodes' | 'sessions'
>;
type Ids = Pick<History, 'written' | 'expected' | 'seen'>;

/** Past it a difference may be no whole number any more. */
const exactMax = 2 ** 51;

const isExact = (number: number): boolean =>
  Number.isInteger(number) && Math.abs(number) <= exactMax && !Object.is(number, -0);

export function writeColumns(writer: ColumnWriter, history: History): void {
  const { count, process, kind, outcome, key, node, session, versionNode, line } = history;
  for (const column of [process, line]) writeTotals(writer, column);
  for (const column of [kind, outcome]) writer.add(column);
  for (const column of [key, node, session, versionNode]) {
    writer.make(count, (at) => (column[at] as number) - unsaid);
  }
  writeTimes(writer, history);
  writeIds(writer, history);
  writeStamps(writer, history);
}

/** `keyCount`: how many keys there are. */
export function readColumns(reader: ColumnReader, count: number, keyCount: number): Columns {
  const [process, line] = [
    Int32Array.from(readTotals(reader)),
    Int32Array.from(readTotals(reader)),
  ];
  const [kind, outcome] = [Uint8Array.from(reader.next()), Uint8Array.from(reader.next())];
  const [key, node, session, versionNode] = [
    ...[readIds(reader), readIds(reader)],
    ...[readIds(reader), readIds(reader)],
  ] as [Int32Array, Int32Array, Int32Array, Int32Array];
  const times = readTimes(reader, process, count);
  const ids = readValues(reader, key, keyCount);
  const versionStamp = readStamps(reader, ids, count);
  return {
    ...{ process, line, kind, outcome, key, node, session, versionNode },
    ...{ ...times, ...ids, versionStamp },
  };
}

function readIds(reader: ColumnReader): Int32Array {
  return Int32Array.from(reader.next(), (each) => each + unsaid);
}

/** Numbers of any kind as they are, in two columns. */
function writeRaw(writer: ColumnWriter, column: Float64Array): void {
  const words = new Uint32Array(Float64Array.from(column).buffer);
  for (const half of [0, 1]) writer.make(column.length, (at) => words[2 * at + half] as number);
}

function readRaw(reader: ColumnReader, count: number): Float64Array {
  const words = new Uint32Array(2 * count);
  for (const half of [0, 1]) {
    const numbers = reader.next();
    for (let at = 0; at < count; at++) words[2 * at + half] = numbers[at] as number;
  }
  return new Float64Array(words.buffer);
}

/** Whether the next columns are as {@link writeRaw} makes them. */
const writeIsRaw = (writer: ColumnWriter, isRaw: boolean): void => writer.add([Number(isRaw)]);
const readIsRaw = (reader: ColumnReader): boolean => reader.next()[0] === 1;

/** When a client may ask next, as far as one knows: at its last answer, or now. */
class NextCalls {
  readonly #free = new Map<number, number>();
  #now = 0;

  of(process: number): number {
    return this.#free.get(process) ?? this.#now;
  }

  take(process: number, invokedAt: number, returnedAt: number): void {
    this.#now = invokedAt;
    if (Number.isFinite(returnedAt)) this.#free.set(process, returnedAt);
    else this.#free.delete(process);
  }
}

function writeTimes(
  writer: ColumnWriter,
  { count, process, invokedAt, returnedAt }: History,
): void {
  const isRaw = !(
    invokedAt.every(isExact) &&
    returnedAt.every((at) => at === Number.POSITIVE_INFINITY || isExact(at))
  );
  writeIsRaw(writer, isRaw);
  if (isRaw) {
    writeRaw(writer, invokedAt);
    writeRaw(writer, returnedAt);
    return;
  }
  const next = new NextCalls();
  writer.make(count, (at) => {
    const [who, from] = [process[at] as number, invokedAt[at] as number];
    const wait = from - next.of(who);
    next.take(who, from, returnedAt[at] as number);
    return unsigned(wait);
  });
  writer.make(count, (at) => {
    const to = returnedAt[at] as number;
    return Number.isFinite(to) ? 1 + unsigned(to - (invokedAt[at] as number)) : 0;
  });
}

function readTimes(
  reader: ColumnReader,
  process: Int32Array,
  count: number,
): Pick<History, 'invokedAt' | 'returnedAt'> {
  if (readIsRaw(reader)) {
    return { invokedAt: readRaw(reader, count), returnedAt: readRaw(reader, count) };
  }
  const [invokedAt, returnedAt] = [reader.next(), reader.next()];
  const next = new NextCalls();
  for (let at = 0; at < count; at++) {
    const who = process[at] as number;
    const from = next.of(who) + signed(invokedAt[at] as number);
    const took = returnedAt[at] as number;
    const to = took === 0 ? Number.POSITIVE_INFINITY : from + signed(took - 1);
    next.take(who, from, to);
    invokedAt[at] = from;
    returnedAt[at] = to;
  }
  return { invokedAt, returnedAt };
}

/** What a key was given last. */
const lastValues = (keyCount: number) => new Int32Array(keyCount - unsaid);

function writeIds(writer: ColumnWriter, history: History): void {
  const { count, key, written, expected, seen } = history;
  let next = absent + 1;
  writer.make(count, (at) => {
    const id = written[at] as number;
    if (id <= absent) return id - unsaid;
    const code = absent - unsaid + 1 + unsigned(id - next);
    next = Math.max(next, id + 1);
    return code;
  });
  const last = lastValues(history.keys.length);
  const codes = { expected: new Float64Array(count), seen: new Float64Array(count) };
  for (let at = 0; at < count; at++) {
    const place = (key[at] as number) - unsaid;
    const held = last[place] as number;
    for (const [codesOf, ids] of [
      [codes.expected, expected],
      [codes.seen, seen],
    ] as const) {
      const id = ids[at] as number;
      codesOf[at] = id === unsaid ? 0 : 1 + unsigned(id - held);
    }
    if ((written[at] as number) !== unsaid) last[place] = written[at] as number;
  }
  writer.add(codes.expected);
  writer.add(codes.seen);
}

function readValues(reader: ColumnReader, key: Int32Array, keyCount: number): Ids {
  const written = new Int32Array(key.length);
  let next = absent + 1;
  for (const [at, code] of reader.next().entries()) {
    const isOld = code <= absent - unsaid;
    const id = isOld ? code + unsaid : next + signed(code - (absent - unsaid + 1));
    written[at] = id;
    next = Math.max(next, id + 1);
  }
  const [expectedCodes, seenCodes] = [reader.next(), reader.next()];
  const [expected, seen] = [new Int32Array(key.length), new Int32Array(key.length)];
  const last = lastValues(keyCount);
  const idOf = (code: number, held: number) => (code === 0 ? unsaid : held + signed(code - 1));
  for (let at = 0; at < key.length; at++) {
    const place = (key[at] as number) - unsaid;
    const held = last[place] as number;
    expected[at] = idOf(expectedCodes[at] as number, held);
    seen[at] = idOf(seenCodes[at] as number, held);
    if (written[at] !== unsaid) last[place] = written[at] as number;
  }
  return { written, expected, seen };
}

/** The version of what an operation wrote or saw: that of the value, or about that of the last one. */
class Stamps {
  readonly #byValue = new Map<number, number>();
  #last = 0;

  guess(seen: number): number {
    return this.#byValue.get(seen) ?? this.#last;
  }

  take(written: number, seen: number, stamp: number): void {
    const value = written > absent ? written : seen;
    if (value > absent && !this.#byValue.has(value)) this.#byValue.set(value, stamp);
    if (written !== unsaid) this.#last = stamp;
  }
}

function writeStamps(writer: ColumnWriter, { count, written, seen, versionStamp }: History): void {
  const isRaw = !versionStamp.every((stamp) => Number.isNaN(stamp) || isExact(stamp));
  writeIsRaw(writer, isRaw);
  if (isRaw) return writeRaw(writer, versionStamp);
  const stamps = new Stamps();
  writer.make(count, (at) => {
    const stamp = versionStamp[at] as number;
    if (Number.isNaN(stamp)) return 0;
    const guess = stamps.guess(seen[at] as number);
    stamps.take(written[at] as number, seen[at] as number, stamp);
    return 1 + unsigned(stamp - guess);
  });
}

function readStamps(reader: ColumnReader, { written, seen }: Ids, count: number): Float64Array {
  if (readIsRaw(reader)) return readRaw(reader, count);
  const codes = reader.next();
  const stamps = new Stamps();
  for (let at = 0; at < count; at++) {
    const code = codes[at] as number;
    const stamp = code === 0 ? Number.NaN : stamps.guess(seen[at] as number) + signed(code - 1);
    if (code !== 0) stamps.take(written[at] as number, seen[at] as number, stamp);
    codes[at] = stamp;
  }
  return codes;
}

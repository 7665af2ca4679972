/**
 * Timed operations: one a line, in any order, blanks between the columns.
 *
 *     # call  return  process  function  key  value
 *     0       120     0        put       x    1
 *     100     -       1        cas       x    [1, 2]
 *     130     190     0        get       x    null
 *     200     250!    0        insert    x    3
 *
 * `call` and `return` are whole nanoseconds. A `return` of `-`: nobody knows whether it happened; with `!` after it: it
 * surely did not. The value is JSON, or a word that is taken as it is; that of a get is what it read. What begins with
 * `#` is a comment.
 */
import { HistoryBuilder } from '../builder.js';
import { type EventType, eventType, kindCode, newEvent } from '../event.js';
import { absent, type History, unsaid } from '../history.js';
import { momentsOf } from '../order.js';
import { excerpt, LineProblem } from '../problem.js';
import type { LineReader } from '../text/line-reader.js';
import { lineText } from '../text/lines.js';
import { kindWords, known } from '../words.js';
import { processMax, readValue } from './event.js';

/** Past it comes an error rather than memory: each is an object until all are sorted. */
const operationsMax = 10_000_000;

interface TimedOperation {
  readonly line: number;
  readonly call: number;
  readonly end: number;
  readonly type: Exclude<EventType, 'invoke'>;
  readonly process: number;
  readonly kind: number;
  /** `null`: a transaction's is in its steps. */
  readonly key: string | null;
  readonly value: unknown;
}

/** The rest may end with blanks: to leave them out here would take long where they are many. */
const columns = /^\s*(\d+)\s+(-|\d+!?)\s+(\d+)\s+(\w+)(?:\s+(.*))?$/s;

export const isTimedLine = (line: string): boolean => columns.test(line);

export function timedReader(): LineReader {
  const operations: TimedOperation[] = [];
  return {
    take(bytes, start, end, line) {
      const text = lineText(bytes, start, end);
      if (/^\s*(#|$)/.test(text)) return;
      if (operations.length >= operationsMax) {
        throw new LineProblem(`of timed operations there may be ${operationsMax} at most`);
      }
      operations.push(parse(text, line));
    },
    finish: () => build(operations),
  };
}

function parse(text: string, line: number): TimedOperation {
  const [, call, end, process, f, rest] = columns.exec(text.trimEnd()) ?? [];
  if (call === undefined || end === undefined || process === undefined || f === undefined) {
    throw new LineProblem(`expected: call return process function key value, not ${excerpt(text)}`);
  }
  const word = Object.hasOwn(kindWords, f) ? kindWords[f] : undefined;
  if (word === undefined) {
    throw new LineProblem(`the function must be one of ${known(kindWords)}, not ${excerpt(f)}`);
  }
  const kind = kindCode[word];
  const [key, value] = kind === kindCode.txn ? [null, jsonOr(rest)] : keyAndValue(rest ?? '');
  const operation = {
    ...{ line, kind, key, value },
    call: Number(call),
    end: end === '-' ? Number.POSITIVE_INFINITY : Number.parseInt(end, 10),
    type: end === '-' ? 'info' : end.endsWith('!') ? 'fail' : 'ok',
    process: Number(process),
  } as const;
  checkNumbers(operation);
  return operation;
}

function checkNumbers({ call, end, process }: TimedOperation): void {
  const isExact = (time: number) => time <= Number.MAX_SAFE_INTEGER || time === Infinity;
  if (!isExact(call) || !isExact(end)) throw new LineProblem('a time is too large to be exact');
  if (end < call) throw new LineProblem('it returns before it is called');
  if (process > processMax) throw new LineProblem(`a process is ${processMax} at most`);
}

/** A key is a word, or a JSON string. */
function keyAndValue(rest: string): [string, unknown] {
  const [, quoted, word = '', value] =
    /^(?:("(?:[^"\\]|\\.)*")|(\S+))(?:\s+(.*))?$/.exec(rest) ?? [];
  const key = quoted === undefined ? word : jsonOr(quoted);
  if (rest === '') throw new LineProblem('its key is missing');
  return [String(key), jsonOr(value)];
}

function jsonOr(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function build(operations: TimedOperation[]): History {
  operations.sort((a, b) => a.call - b.call || a.end - b.end || a.line - b.line);
  const builder = new HistoryBuilder();
  const moments = momentsOf({
    process: operations.map(({ process }) => process),
    invokedAt: operations.map(({ call }) => call),
    returnedAt: operations.map(({ end }) => end),
  });
  for (const { operation: at, isReturn, time } of moments) {
    const operation = operations[at] as TimedOperation;
    try {
      builder.take(
        eventOf(operation, isReturn ? operation.type : 'invoke', time, builder),
        operation.line,
      );
    } catch (error) {
      if (!(error instanceof LineProblem)) throw error;
      throw new LineProblem(error.message, undefined, operation.line);
    }
  }
  return builder.finish();
}

function eventOf(
  { process, kind, key, value }: TimedOperation,
  type: EventType,
  time: number,
  builder: HistoryBuilder,
) {
  const event = newEvent();
  event.process = process;
  event.kind = kind;
  event.type = eventType[type];
  event.time = time;
  if (key !== null) event.key = builder.keys.internText(key);
  const isRead = kind === kindCode.get;
  if (value !== undefined && (!isRead || type === 'ok')) readValue(value, builder, event);
  if (event.value === absent && !isRead && kind !== kindCode.cas) event.value = unsaid;
  return event;
}

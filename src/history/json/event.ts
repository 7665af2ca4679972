/** One line of JSON, whatever it looks like, with the reason when it can't be meant. The usual ones have a faster way. */
import type { HistoryBuilder } from '../builder.js';
import { clearEvent, type Event, eventType, kindCode } from '../event.js';
import { absent, kinds, unsaid } from '../history.js';
import { excerpt, LineProblem } from '../problem.js';
import { stepsFrom } from '../steps.js';
import { kindWords, known } from '../words.js';
import { textOf } from './text.js';

export const processMax = 2 ** 31 - 1;

export type JsonFields = Readonly<Record<string, unknown>>;

/** Throws a {@link LineProblem}. */
export function readJsonEvent(fields: JsonFields, builder: HistoryBuilder, event: Event): void {
  clearEvent(event);
  event.process = wholeNumber(fields, 'process', processMax);
  event.type = typeOf(fields);
  event.kind = kindOf(fields);
  event.time = wholeNumber(fields, 'time', Number.MAX_SAFE_INTEGER);
  if (!isMissing(fields['key'])) event.key = nameOf(fields, 'key', builder);
  if (fields['value'] !== undefined) readValue(fields['value'], builder, event);
  if (fields['actual'] !== undefined) event.actual = builder.value(textOf(fields['actual']));
  if (!isMissing(fields['node'])) event.node = nameOf(fields, 'node', builder);
  if (!isMissing(fields['session'])) event.session = nameOf(fields, 'session', builder);
  if (!isMissing(fields['version'])) readVersion(fields['version'], builder, event);
}

const isMissing = (field: unknown): boolean => field === undefined || field === null;

/** The object of a line. Throws a {@link LineProblem}. */
export function jsonObjectOf(text: string): JsonFields {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    // Some versions of Node say where.
    const position = /position (\d+)/.exec((error as Error).message)?.[1];
    const column = position === undefined ? undefined : Number(position) + 1;
    throw new LineProblem(`this is not JSON: ${excerpt(text)}`, column);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new LineProblem(`each line must be one JSON object, not ${excerpt(text)}`);
  }
  return parsed as JsonFields;
}

function required(fields: JsonFields, name: string): unknown {
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (field === undefined) throw new LineProblem(`"${name}" is missing`);
  return field;
}

function wholeNumber(fields: JsonFields, name: string, max: number): number {
  const field = required(fields, name);
  if (Number.isSafeInteger(field) && (field as number) >= 0 && (field as number) <= max) {
    return field as number;
  }
  const what = `a whole number from 0 to ${max}`;
  throw new LineProblem(`"${name}" must be ${what}, not ${excerpt(JSON.stringify(field))}`);
}

function typeOf(fields: JsonFields): number {
  const word = required(fields, 'type');
  if (typeof word === 'string' && Object.hasOwn(eventType, word)) {
    return eventType[word as keyof typeof eventType];
  }
  throw noneOf('type', eventType, word);
}

/** Jepsen's words are understood here, too: its `read` may follow after an `append` that is as ours. */
function kindOf(fields: JsonFields): number {
  const word = required(fields, 'f');
  const kind = typeof word === 'string' && Object.hasOwn(kindWords, word) && kindWords[word];
  if (!kind) throw noneOf('f', kindWords, word);
  return kindCode[kind];
}

function noneOf(
  name: string,
  words: Readonly<Record<string, unknown>>,
  word: unknown,
): LineProblem {
  const shown = excerpt(typeof word === 'string' ? word : JSON.stringify(word));
  return new LineProblem(`"${name}" must be one of ${known(words)}, not ${shown}`);
}

function nameOf(
  fields: JsonFields,
  name: 'key' | 'node' | 'session',
  builder: HistoryBuilder,
): number {
  const table = { key: builder.keys, node: builder.nodes, session: builder.sessions }[name];
  return table.internText(textOf(fields[name]) ?? '');
}

export function readValue(value: unknown, builder: HistoryBuilder, event: Event): void {
  if (event.kind === kindCode.txn) {
    if (value !== null) event.steps = stepsFrom(value, builder, textOf);
  } else if (event.kind !== kindCode.cas) {
    event.value = builder.value(textOf(value));
  } else if (value !== null) {
    if (!Array.isArray(value) || value.length !== 2) {
      throw new LineProblem(`the value of a ${kinds[event.kind]} is [old, new]`);
    }
    event.expected = builder.value(textOf(value[0]));
    event.value = builder.value(textOf(value[1]));
  }
  // A completion that has nothing to repeat says null, or nothing at all.
  if (event.value === absent && event.type !== eventType.ok && event.kind !== kindCode.cas) {
    event.value = unsaid;
  }
}

function readVersion(version: unknown, builder: HistoryBuilder, event: Event): void {
  const { stamp, node } = version as JsonFields;
  if (typeof stamp !== 'number' || !Number.isFinite(stamp) || typeof node !== 'string') {
    throw new LineProblem('"version" must be {"stamp": NUMBER, "node": NAME}');
  }
  event.versionStamp = stamp;
  event.versionNode = builder.nodes.internText(node);
}

/** Events of a trace in files: one JSON object a line. */
import { toBase64 } from '../core/base64.js';
import type { NodeId } from '../core/ids.js';
import { isByteString, type Key, keyToBytes } from '../core/key.js';
import { keyBytesMax } from '../core/limits.js';
import { show } from '../core/show.js';
import type { TraceEvent, VectorClock } from '../core/trace-event.js';
import { decodeUtf8 } from '../core/utf8.js';
import { count, name, number, oneOf, ShapeError, text } from '../core/wire.js';

/** What a trace keeps of values, and of what is long for another reason. */
export const tracedMax = { valueBytes: 64, listItems: 32 } as const;

/**
 * The event without a line end. Byte strings are as in histories: text where they are UTF-8, else `{"base64":…}`. Values and
 * lists are cut, so that a line is bounded.
 */
export function traceLineOf(event: TraceEvent): string {
  return JSON.stringify(event, plainly);
}

function plainly(this: unknown, name: string, seen: unknown): unknown {
  // Not `seen`: some bytes have a toJSON of their own.
  const value = (this as Record<string, unknown>)[name];
  if (value instanceof Uint8Array) return textOf(value, tracedMax.valueBytes);
  if (typeof value === 'string') return keyOrText(value);
  if (Array.isArray(value) && value.length > tracedMax.listItems) {
    const more = value.length - tracedMax.listItems;
    return [...value.slice(0, tracedMax.listItems), `… and ${more} more`];
  }
  return seen;
}

function textOf(bytes: Uint8Array, bytesMax: number): unknown {
  const { length } = bytes;
  if (length <= bytesMax) return decodeUtf8(bytes) ?? { base64: toBase64(bytes) };
  let end = bytesMax;
  // Not in the middle of a character.
  while (end > 0 && ((bytes[end] as number) & 0xc0) === 0x80) end--;
  const begin = bytes.slice(0, end);
  return `${decodeUtf8(begin) ?? toBase64(begin)}… (${length} bytes)`;
}

/** A key with a character beyond ASCII has one a byte; no other text looks like that. */
function keyOrText(text: string): unknown {
  return /[\u0080-\uffff]/.test(text) && isByteString(text)
    ? textOf(keyToBytes(text as Key), keyBytesMax)
    : text;
}

type Check = (raw: unknown) => unknown;

const orNull =
  (check: Check): Check =>
  (raw) =>
    raw === null || check(raw);

/** An object that has these fields, and maybe others. */
const having =
  (checks: Readonly<Record<string, Check>>): Check =>
  (raw) => {
    const fields = fieldsOf(raw);
    for (const [field, check] of Object.entries(checks)) inField(field, () => check(fields[field]));
  };

/** Messages, records, operations and results are shown and searched, no more: that they have a type is enough. */
const typed = having({ type: text.take });
const fate = { to: name.take, sent: count.take, why: text.take };

const dataChecks: Readonly<Record<TraceEvent['data']['type'], Check>> = {
  start: having({ incarnation: count.take }),
  stop: having({ why: orNull(text.take) }),
  sent: having({ to: name.take, message: typed }),
  delivered: having({ from: name.take, sent: count.take, message: typed }),
  lost: having(fate),
  held: having(fate),
  doubled: having(fate),
  timer: having({ name: text.take }),
  persist: having({ record: typed }),
  sync: having({}),
  durable: having({ position: count.take }),
  call: having({ request: count.take, client: orNull(text.take), operation: typed }),
  return: having({ request: count.take, result: typed }),
  role: having({ role: text.take }),
  tell: having({ event: having({ what: text.take }) }),
  fault: having({
    change: oneOf('begin', 'end').take,
    fault: having({ id: count.take, words: text.take, by: text.take }),
  }),
  violation: having({ check: text.take, message: text.take }),
};

export const tracedTypes: readonly string[] = Object.keys(dataChecks);

const eventCheck = having({ node: name.take, atMs: number.take, data: typed });

/** How many events of this node whoever has this clock knows of. */
export function knownOf(clock: VectorClock, node: NodeId): number {
  return Object.hasOwn(clock, node) ? (clock[node] as number) : 0;
}

/**
 * The event. Its byte strings stay as they stand there: text, or `{"base64":…}`. Throws a {@link ShapeError} that says what
 * is wrong.
 */
export function eventOfTraceLine(line: string): TraceEvent {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    throw new ShapeError(`this is not JSON: ${show(line)}`);
  }
  eventCheck(parsed);
  const event = parsed as TraceEvent;
  inField('clock', () => {
    for (const known of Object.values(fieldsOf(event.clock))) count.take(known);
    if (knownOf(event.clock, event.node) > 0) return;
    throw new ShapeError(`${event.node} must know of its own event`);
  });
  const { type } = event.data;
  if (!Object.hasOwn(dataChecks, type)) throw new ShapeError(`no event has type ${show(type)}`);
  inField('data', () => dataChecks[type](event.data));
  return event;
}

function fieldsOf(raw: unknown): Readonly<Record<string, unknown>> {
  if (typeof raw === 'object' && raw !== null && !Array.isArray(raw)) {
    return raw as Record<string, unknown>;
  }
  throw new ShapeError(`expected an object, got ${show(raw)}`);
}

/** Says which field it is about. */
function inField(field: string, check: () => unknown): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    throw new ShapeError(`${field}: ${error.message}`);
  }
}

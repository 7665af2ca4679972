/** One event of a trace from a line of a file, checked. Who writes them: `runtime/tracing/trace-line.ts`. */
import type { NodeId } from '../core/ids.js';
import { show } from '../core/show.js';
import type { TraceEvent, VectorClock } from '../core/trace-event.js';
import { count, name, number, oneOf, ShapeError, text } from '../core/wire.js';

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
const typed = having({ type: text.fromWire });
const fate = { to: name.fromWire, sent: count.fromWire, why: text.fromWire };

const dataChecks: Readonly<Record<TraceEvent['data']['type'], Check>> = {
  start: having({ incarnation: count.fromWire }),
  stop: having({ why: orNull(text.fromWire) }),
  sent: having({ to: name.fromWire, message: typed }),
  delivered: having({ from: name.fromWire, sent: count.fromWire, message: typed }),
  lost: having(fate),
  held: having(fate),
  doubled: having(fate),
  timer: having({ name: text.fromWire }),
  persist: having({ record: typed }),
  sync: having({}),
  durable: having({ position: count.fromWire }),
  call: having({ request: count.fromWire, client: orNull(text.fromWire), operation: typed }),
  return: having({ request: count.fromWire, result: typed }),
  role: having({ role: text.fromWire }),
  tell: having({ event: having({ what: text.fromWire }) }),
  fault: having({
    change: oneOf('begin', 'end').fromWire,
    fault: having({ id: count.fromWire, words: text.fromWire, by: text.fromWire }),
  }),
  violation: having({ check: text.fromWire, message: text.fromWire }),
};

export const tracedTypes: readonly string[] = Object.keys(dataChecks);

const eventCheck = having({ node: name.fromWire, atMs: number.fromWire, data: typed });

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
    for (const known of Object.values(fieldsOf(event.clock))) count.fromWire(known);
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

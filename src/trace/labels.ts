/** What stands beside an event in a picture: a few words. */
import type { ClientResult, Operation } from '../core/operation.js';
import { eventText } from '../core/protocol-event.js';
import type { TraceData, TracedFate, TypedData } from '../core/trace-event.js';
import { decodeUtf8 } from '../core/utf8.js';
import { valuesIn } from './keys.js';

/** Messages that say no more than that their sender lives, and what they have heard in passing. */
export const signsOfLife: ReadonlySet<string> = new Set(['heartbeat', 'alive']);

/** An event of a node or of the cluster, as opposed to a remark on one. */
export type EventData = Exclude<TraceData, TracedFate>;

/** Of any event; and what is said instead of all values when there are too many; `null`: it is rare. */
export function labelAndShorter(data: EventData): readonly [label: string, instead: string | null] {
  switch (data.type) {
    case 'start':
      return ['starts', null];
    case 'stop':
      return [data.why === null ? 'stops' : `stops: ${data.why}`, null];
    case 'sent':
    case 'delivered':
      return [typedLabel(data.message, null), data.message.type];
    case 'timer':
      return [data.name, null];
    case 'persist':
      return [typedLabel(data.record, null), data.record.type];
    case 'call':
      return [operationLabel(data.operation), data.operation.type];
    case 'return':
      return [resultLabel(data.result), data.result.type];
    case 'role':
      return [data.role, null];
    case 'tell':
      return [eventText(data.event), data.event.what];
    case 'fault':
      return [data.fault.words, null];
    case 'violation':
      return [data.check, null];
    default:
      return ['', null];
  }
}

/** Its type, and the value that it carries, if that is one. With a key, not a value of another. */
export function typedLabel(data: TypedData, key: string | null): string {
  const values = new Set([...valuesIn(data, key)].map(plain));
  return values.size === 1 ? `${data.type} ${[...values][0]}`.trimEnd() : data.type;
}

export function operationLabel(operation: Operation): string {
  const { type, ...fields } = operation;
  const { key, expected, value } = fields as Readonly<Record<string, unknown>>;
  const shown = [key, expected, value].filter((each) => each !== undefined);
  return [type, ...shown.map(plain)].join(' ');
}

export function resultLabel(result: ClientResult): string {
  if (result.type === 'value') return plain(result.value);
  return result.type === 'error' ? result.code : result.type;
}

/** Keys and values as they are, also as a file of events has them. */
function plain(value: unknown): string {
  if (value === null) return 'absent';
  if (value instanceof Uint8Array) return decodeUtf8(value) ?? `${value.length} bytes`;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/**
 * The operations as engine 2 walks them: starts and ends in the order of time, and for each operation the bit that
 * stands for it in a configuration.
 */
import { entryOf } from '../../core/lookup.js';
import { type RegisterOperations, registerKinds } from '../register/operations.js';
import { sortByKey } from '../sort.js';

export const roles = {
  /** Changes no verdict. */
  out: 0,
  /** Leaves the value as it is: a read, a refused conditional write, a cas of a value to itself. */
  observer: 1,
  /** Changes the value, and ends. */
  writer: 2,
  /** Changes the value at any time after its start, or never. */
  info: 3,
} as const;

/** A value that is not absence, and that no operation to come asks for by name: all such are one. */
export const anyOther = -1;

export interface Timeline {
  readonly operations: RegisterOperations;
  /** By operation: it must have happened by its end. Other writers may have, within their interval. */
  readonly required: Uint8Array;
  /** `2 * operation` for its start, one more for its end; of a start and an end at one time the start is before. */
  readonly events: Int32Array;
  /** By operation: its end among the events; greater than all of them when it has none. */
  readonly endPlace: Int32Array;
  /** Of {@link roles}. */
  readonly role: Uint8Array;
  /** By operation: its bit among those of its role. Observers and writers share bits with others of other times. */
  readonly bit: Int32Array;
  /** By operation that changes the value: equal numbers are interchangeable but for their times. */
  readonly kin: Int32Array;
  readonly kinCount: number;
  /** How many 32-bit words the bits of each role need. */
  readonly words: { readonly writers: number; readonly observers: number; readonly infos: number };
  /** By value: the event after which no operation asks for it by name; -1 for never asked for. */
  readonly lastAsked: Int32Array;
  /** By value: some conditional write may change it. */
  readonly consumed: Uint8Array;
}

const forEver = 0x7fffffff;

/** `required`: those that must have happened; `null` for all that end. Others may have, within their interval. */
export function timelineOf(
  operations: RegisterOperations,
  required: Uint8Array | null = null,
): Timeline {
  const must = required ?? new Uint8Array(operations.count).fill(1);
  const asked = valuesAskedFor(operations, must);
  const role = rolesOf(operations, must, asked);
  const events = eventsOf(operations, role);
  const bits = assignBits(operations, role, events);
  return {
    ...{ operations, required: must, events, role, endPlace: endPlaces(operations.count, events) },
    ...bits,
    ...kinOf(operations, role, must),
    ...{ lastAsked: lastAskedOf(operations, role, events), consumed: consumedOf(operations, role) },
  };
}

export function leavesValue({ kind, value, expected }: RegisterOperations, at: number): boolean {
  const own = kind[at];
  return own === registerKinds.cas ? value[at] === expected[at] : own === registerKinds.read;
}

/** Whether the operation could take effect on `found`, which may be {@link anyOther}. */
export function canTakeEffect(operations: RegisterOperations, at: number, found: number): boolean {
  switch (operations.kind[at]) {
    case registerKinds.read:
      return found === operations.value[at];
    case registerKinds.write:
      return true;
    case registerKinds.cas:
      return found === operations.expected[at];
    default:
      return found !== 0;
  }
}

/** The value that the operation says it found; `null` when it does not name one. */
export function valueMet({ kind, value, expected }: RegisterOperations, at: number): number | null {
  if (kind[at] === registerKinds.read) return value[at] as number;
  return kind[at] === registerKinds.cas ? (expected[at] as number) : null;
}

function greatestValue({ count, value, expected, initial }: RegisterOperations): number {
  let greatest = Math.max(0, initial);
  for (let at = 0; at < count; at++) {
    greatest = Math.max(greatest, value[at] as number, expected[at] as number);
  }
  return greatest;
}

/** By value whether a read or conditional write wants it; `null` when some operation is content with nearly any. */
function valuesAskedFor(operations: RegisterOperations, required: Uint8Array): Uint8Array | null {
  const { count, kind, value, expected } = operations;
  const asked = new Uint8Array(greatestValue(operations) + 1);
  for (let at = 0; at < count; at++) {
    const own = kind[at];
    if (own === registerKinds.update) return null;
    if (own === registerKinds.cas) asked[expected[at] as number] = 1;
    if (own === registerKinds.read && required[at] === 1) asked[value[at] as number] = 1;
  }
  return asked;
}

function rolesOf(
  operations: RegisterOperations,
  required: Uint8Array,
  asked: Uint8Array | null,
): Uint8Array {
  const { count, value, end } = operations;
  const role = new Uint8Array(count);
  for (let at = 0; at < count; at++) {
    const isInfo = end[at] === Number.POSITIVE_INFINITY;
    const isOptional = isInfo || required[at] === 0;
    if (leavesValue(operations, at)) role[at] = isOptional ? roles.out : roles.observer;
    else if (isOptional && asked !== null && asked[value[at] as number] === 0) role[at] = roles.out;
    else role[at] = isInfo ? roles.info : roles.writer;
  }
  return role;
}

function eventsOf({ count, start, end }: RegisterOperations, role: Uint8Array): Int32Array {
  const within = Int32Array.from({ length: count }, (_, at) => at);
  const begun = sortByKey(
    within.filter((at) => role[at] !== roles.out),
    start,
  );
  const ended = sortByKey(
    within.filter((at) => role[at] === roles.observer || role[at] === roles.writer),
    end,
  );
  const events = new Int32Array(begun.length + ended.length);
  let starts = 0;
  let ends = 0;
  for (let place = 0; place < events.length; place++) {
    const next = begun[starts];
    const last = ended[ends];
    const isStart =
      next !== undefined &&
      (last === undefined || (start[next] as number) <= (end[last] as number));
    if (isStart) {
      events[place] = 2 * next;
      starts++;
    } else {
      events[place] = 2 * (last as number) + 1;
      ends++;
    }
  }
  return events;
}

function endPlaces(count: number, events: Int32Array): Int32Array {
  const places = new Int32Array(count).fill(forEver);
  events.forEach((event, place) => {
    if ((event & 1) === 1) places[event >> 1] = place;
  });
  return places;
}

/** Bits are given back at an operation's end: as many as are open at once are needed. Infos keep theirs. */
class Bits {
  readonly #free: number[] = [];
  #count = 0;

  take(): number {
    return this.#free.pop() ?? this.#count++;
  }

  giveBack(bit: number): void {
    this.#free.push(bit);
  }

  get words(): number {
    return (this.#count + 31) >>> 5;
  }
}

function assignBits({ count }: RegisterOperations, role: Uint8Array, events: Int32Array) {
  const bit = new Int32Array(count);
  const observers = new Bits();
  const writers = new Bits();
  const infos = new Bits();
  for (const event of events) {
    const at = event >> 1;
    const bits = [infos, observers, writers, infos][role[at] as number] as Bits;
    if ((event & 1) === 0) bit[at] = bits.take();
    else bits.giveBack(bit[at] as number);
  }
  const words = { writers: writers.words, observers: observers.words, infos: infos.words };
  return { bit, words };
}

/**
 * Of interchangeable writes that end, those that must have happened and those that only may have are two kins: neither
 * can always stand in for the other. One that never ends can be replaced by any, so it needs no kin of its own.
 */
function kinOf(operations: RegisterOperations, role: Uint8Array, required: Uint8Array) {
  const { count, kind, value, expected } = operations;
  const kin = new Int32Array(count);
  const base = greatestValue(operations) + 1;
  const numbers = new Map<number, number>();
  for (let at = 0; at < count; at++) {
    if (role[at] !== roles.writer && role[at] !== roles.info) continue;
    const own = kind[at] as number;
    const met = own === registerKinds.cas ? (expected[at] as number) : 0;
    const isSpare = role[at] === roles.writer && required[at] === 0 ? 1 : 0;
    const name = ((own * base + (value[at] as number)) * base + met) * 2 + isSpare;
    const number = entryOf(numbers, name, () => numbers.size);
    kin[at] = number;
  }
  return { kin, kinCount: numbers.size };
}

function lastAskedOf(operations: RegisterOperations, role: Uint8Array, events: Int32Array) {
  const { kind, value, expected } = operations;
  const lastAsked = new Int32Array(greatestValue(operations) + 1).fill(-1);
  events.forEach((event, place) => {
    const at = event >> 1;
    const own = kind[at];
    if (own === registerKinds.write) return;
    const name = (
      own === registerKinds.read ? value[at] : own === registerKinds.update ? 0 : expected[at]
    ) as number;
    const until = role[at] === roles.info ? forEver : place;
    lastAsked[name] = Math.max(lastAsked[name] as number, until);
  });
  return lastAsked;
}

function consumedOf(operations: RegisterOperations, role: Uint8Array): Uint8Array {
  const { count, kind, expected } = operations;
  const consumed = new Uint8Array(greatestValue(operations) + 1);
  for (let at = 0; at < count; at++) {
    if (role[at] !== roles.writer && role[at] !== roles.info) continue;
    if (kind[at] === registerKinds.cas) consumed[expected[at] as number] = 1;
    if (kind[at] === registerKinds.update) consumed.fill(1, 1);
  }
  return consumed;
}

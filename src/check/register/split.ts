/** A history, key by key: linearizability, and most of what is weaker, is decided for each key alone. */
import { kindCode, outcomeCode } from '../../history/event.js';
import { absent, type History } from '../../history/history.js';
import { arrowsOf } from '../graph/arrows.js';
import { type Effects, effectsOf, noEffect } from './effects.js';
import { type RegisterOperations, registerKinds } from './operations.js';

export interface KeyOperations {
  /** An id into the history's keys. */
  readonly key: number;
  readonly register: RegisterOperations;
  /** Of each of the register's operations, its index in the history. */
  readonly index: Int32Array;
  /** Of each of the register's values, its id in the history; what the key held at first, mostly absence, is 0. */
  readonly values: Int32Array;
  /** By the register's values that nobody but failed writes wrote: such a write's index in the history. */
  readonly failedWriters: ReadonlyMap<number, number>;
}

/** Operations by key, each key's in the order of the history; and where each key's begin. */
interface Grouping {
  readonly order: Int32Array;
  readonly starts: Int32Array;
}

/** The columns of all registers, one key's after the other's. */
type Row = Omit<RegisterOperations, 'count' | 'initial'>;

/** Without keys to which somebody appends: those hold texts, and are no registers. */
export function splitByKey(
  history: History,
  initials: ReadonlyMap<number, number> = new Map(),
): KeyOperations[] {
  const effects = effectsOf(history);
  const observed = observedIn(history, effects, initials.values());
  forgetDoubtfulConditions(history, effects, observed);
  const isText = appendedKeys(history);
  const isRegister = (at: number) => isText[history.key[at] as number] === 0;
  const live = groupByKey(
    history,
    (at) => isRegister(at) && isLive(history, effects, observed, at),
  );
  const all = inOneRow(history, effects, live);
  const failed = groupByKey(history, (at) => isFailedWrite(history, at));
  const names = { local: new Int32Array(history.values.length).fill(-1) };
  const split: KeyOperations[] = [];
  for (let key = 0; key < history.keys.length; key++) {
    const from = live.starts[key] as number;
    const to = live.starts[key + 1] as number;
    if (from === to) continue;
    const failures = failed.order.subarray(failed.starts[key], failed.starts[key + 1]);
    const index = live.order.subarray(from, to);
    const register = registerOf(all, from, to);
    const initial = initials.get(key) ?? absent;
    split.push(operationsOfKey(history, { key, register, index }, failures, initial, names));
  }
  return split;
}

/** 1 for the keys to which somebody appends. */
export function appendedKeys(history: History): Uint8Array {
  const isText = new Uint8Array(history.keys.length);
  for (let at = 0; at < history.count; at++) {
    if (history.kind[at] === kindCode.append) isText[history.key[at] as number] = 1;
  }
  return isText;
}

function groupByKey(history: History, wanted: (at: number) => boolean): Grouping {
  const kept = new Int32Array(history.count).fill(-1);
  for (let at = 0; at < history.count; at++) {
    const key = history.key[at] as number;
    if (key >= 0 && wanted(at)) kept[at] = key;
  }
  const { first: starts, to: order } = arrowsOf(history.keys.length, (add) => {
    for (let at = 0; at < kept.length; at++) if (kept[at] !== -1) add(kept[at] as number, at, 0);
  });
  return { order, starts };
}

/**
 * What nobody answered and nobody saw the effect of can be left out: it may as well never have happened. Seen is a
 * value that somebody read, or needed to find, on whichever key; and on a key where somebody says only that there was
 * something, anything may be what was meant.
 */
interface Observed {
  readonly values: Uint8Array;
  readonly vagueKeys: Uint8Array;
}

function observedIn(history: History, effects: Effects, initials: Iterable<number>): Observed {
  const values = new Uint8Array(history.values.length);
  const vagueKeys = new Uint8Array(history.keys.length);
  const openReplacements: number[] = [];
  values[absent] = 1;
  for (const initial of initials) values[initial] = 1;
  for (let at = 0; at < history.count; at++) {
    const kind = effects.kind[at];
    if (kind === registerKinds.read) values[effects.value[at] as number] = 1;
    else if (kind === registerKinds.cas) {
      if (history.outcome[at] === outcomeCode.info) openReplacements.push(at);
      else values[effects.expected[at] as number] = 1;
    } else if (kind === registerKinds.update) vagueKeys[history.key[at] as number] = 1;
  }
  // What nobody answered needs to have found something only if somebody saw what it left.
  for (let waiting = openReplacements; ; ) {
    const unseen: number[] = [];
    for (const at of waiting) {
      if (values[effects.value[at] as number] === 0) unseen.push(at);
      else values[effects.expected[at] as number] = 1;
    }
    if (unseen.length === waiting.length) return { values, vagueKeys };
    waiting = unseen;
  }
}

/**
 * A conditional write that nobody answered, and whose value nobody is known to have seen, stays only as what somebody else
 * may have met. It may never have happened: what it would have found is no reading.
 */
function forgetDoubtfulConditions(
  history: History,
  { kind, value }: Effects,
  seen: Observed,
): void {
  for (let at = 0; at < history.count; at++) {
    if (history.outcome[at] !== outcomeCode.info) continue;
    if (kind[at] !== registerKinds.cas && kind[at] !== registerKinds.update) continue;
    const written = value[at] as number;
    // Absence may have come from anywhere.
    if (written === absent || seen.values[written] === 0) kind[at] = registerKinds.write;
  }
}

function isLive(history: History, effects: Effects, observed: Observed, at: number): boolean {
  if (effects.kind[at] === noEffect) return false;
  if (history.outcome[at] !== outcomeCode.info) return true;
  if (observed.vagueKeys[history.key[at] as number] === 1) return true;
  return observed.values[effects.value[at] as number] === 1;
}

function isFailedWrite(history: History, at: number): boolean {
  return history.outcome[at] === outcomeCode.fail && history.kind[at] !== kindCode.get;
}

/** Gives the values of the key's register numbers of their own, in the order in which they are met. */
function operationsOfKey(
  history: History,
  operations: Pick<KeyOperations, 'key' | 'register' | 'index'>,
  failures: Int32Array,
  initial: number,
  names: { readonly local: Int32Array },
): KeyOperations {
  const { local } = names;
  const { register } = operations;
  const values: number[] = [initial];
  local[initial] = 0;
  const named = (id: number): number => {
    if (local[id] === -1) local[id] = values.push(id) - 1;
    return local[id] as number;
  };
  for (let at = 0; at < register.count; at++) {
    register.value[at] = named(register.value[at] as number);
    register.expected[at] = named(register.expected[at] as number);
  }
  const failedWriters = failedWritersOf(history, register, failures, local);
  for (const id of values) local[id] = -1;
  return { ...operations, values: new Int32Array(values), failedWriters };
}

function failedWritersOf(
  history: History,
  register: RegisterOperations,
  failures: Int32Array,
  local: Int32Array,
): Map<number, number> {
  const failedWriters = new Map<number, number>();
  if (failures.length === 0) return failedWriters;
  const written = new Set(allWritesOf(register).map((at) => register.value[at] as number));
  for (const failure of failures) {
    const value = local[history.written[failure] as number] ?? -1;
    if (value > 0 && !written.has(value)) failedWriters.set(value, failure);
  }
  return failedWriters;
}

/** Walks the history once from end to end: key by key, each look would miss the processor's cache. */
function inOneRow(history: History, effects: Effects, { order, starts }: Grouping): Row {
  const count = order.length;
  const row = {
    kind: new Uint8Array(count),
    value: new Int32Array(count),
    expected: new Int32Array(count),
    start: new Float64Array(count),
    end: new Float64Array(count),
  };
  const next = starts.slice();
  for (let at = 0; at < history.count; at++) {
    const key = history.key[at] as number;
    const place = key < 0 ? count : (next[key] as number);
    if (order[place] !== at) continue;
    next[key] = place + 1;
    row.kind[place] = effects.kind[at] as number;
    row.value[place] = effects.value[at] as number;
    row.expected[place] = effects.expected[at] as number;
    row.start[place] = history.invokedAt[at] as number;
    row.end[place] = history.returnedAt[at] as number;
  }
  return row;
}

function registerOf(row: Row, from: number, to: number): RegisterOperations {
  return {
    count: to - from,
    kind: row.kind.subarray(from, to),
    value: row.value.subarray(from, to),
    expected: row.expected.subarray(from, to),
    start: row.start.subarray(from, to),
    end: row.end.subarray(from, to),
    initial: absent,
  };
}

/** Whether the operation at `at` wrote something. */
export const writesAt = ({ kind }: RegisterOperations, at: number): boolean =>
  kind[at] !== registerKinds.read;

/** All that wrote something. */
export function allWritesOf(register: RegisterOperations): number[] {
  const writes: number[] = [];
  for (let at = 0; at < register.count; at++) if (writesAt(register, at)) writes.push(at);
  return writes;
}

/** Whether the operation at `at` says which value it found. */
export function readsAt(register: RegisterOperations, at: number): boolean {
  const kind = register.kind[at];
  return kind === registerKinds.read || kind === registerKinds.cas;
}

/** The value that the operation at `at` says it found; of one that {@link readsAt}. */
export function foundAt(register: RegisterOperations, at: number): number {
  const found = register.kind[at] === registerKinds.cas ? register.expected : register.value;
  return found[at] as number;
}

/**
 * By operation: 1 where it surely found what it says. What nobody answered did, if somebody who surely happened found a
 * value that only it can have written; else it need not have happened at all.
 */
export function sureReaders({ register, values }: KeyOperations): Uint8Array {
  const isSure = new Uint8Array(register.count);
  const writers = new Int32Array(values.length);
  const open: number[] = [];
  const found = new Uint8Array(values.length);
  for (let at = 0; at < register.count; at++) {
    const value = register.value[at] as number;
    if (writesAt(register, at)) writers[value] = (writers[value] as number) + 1;
    if (!readsAt(register, at)) continue;
    if (register.end[at] === Number.POSITIVE_INFINITY) open.push(at);
    else {
      isSure[at] = 1;
      found[foundAt(register, at)] = 1;
    }
  }
  for (let waiting = open; ; ) {
    const left = waiting.filter((at) => {
      const value = register.value[at] as number;
      if (found[value] === 0 || writers[value] !== 1 || value === register.initial) return true;
      isSure[at] = 1;
      found[foundAt(register, at)] = 1;
      return false;
    });
    if (left.length === waiting.length) return isSure;
    waiting = left;
  }
}

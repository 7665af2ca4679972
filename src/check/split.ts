/** A history, key by key: linearizability, and most of what is weaker, is decided for each key alone. */
import { kindCode, outcomeCode } from '../history/event.js';
import { absent, type History } from '../history/history.js';
import { type Effects, effectsOf, noEffect } from './effects.js';
import { type RegisterOperations, registerKinds } from './register/operations.js';

export interface KeyOperations {
  /** An id into the history's keys. */
  readonly key: number;
  readonly register: RegisterOperations;
  /** Of each of the register's operations, its index in the history. */
  readonly index: Int32Array;
  /** Of each of the register's values, its id in the history; absence is 0 in both. */
  readonly values: Int32Array;
  /** By the register's values that nobody but failed writes wrote: such a write's index in the history. */
  readonly failedWriters: ReadonlyMap<number, number>;
}

/** The operations of one key that are not `noEffect`, by key; and where each key's begin. */
interface Grouping {
  readonly order: Int32Array;
  readonly starts: Int32Array;
}

/** Without keys to which somebody appends: those hold texts, and are no registers. */
export function splitByKey(history: History): KeyOperations[] {
  const effects = effectsOf(history);
  const observed = observedIn(history, effects);
  const isText = appendedKeys(history);
  const isRegister = (at: number) => isText[history.key[at] as number] === 0;
  const live = groupByKey(
    history,
    (at) => isRegister(at) && isLive(history, effects, observed, at),
  );
  const failed = groupByKey(history, (at) => isFailedWrite(history, at));
  const names = { local: new Int32Array(history.values.length).fill(-1) };
  const split: KeyOperations[] = [];
  for (let key = 0; key < history.keys.length; key++) {
    const operations = live.order.subarray(live.starts[key], live.starts[key + 1]);
    if (operations.length === 0) continue;
    const failures = failed.order.subarray(failed.starts[key], failed.starts[key + 1]);
    split.push(operationsOfKey(history, effects, key, operations, failures, names));
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
  const starts = new Int32Array(history.keys.length + 1);
  const kept = new Uint8Array(history.count);
  for (let at = 0; at < history.count; at++) {
    const key = history.key[at] as number;
    if (key < 0 || !wanted(at)) continue;
    kept[at] = 1;
    starts[key + 1] = (starts[key + 1] as number) + 1;
  }
  for (let key = 1; key < starts.length; key++) {
    starts[key] = (starts[key] as number) + (starts[key - 1] as number);
  }
  const next = starts.slice();
  const order = new Int32Array(starts[history.keys.length] as number);
  for (let at = 0; at < history.count; at++) {
    if (kept[at] === 0) continue;
    const key = history.key[at] as number;
    order[next[key] as number] = at;
    next[key] = (next[key] as number) + 1;
  }
  return { order, starts };
}

/**
 * What nobody answered and nobody saw the effect of can be left out: it may as well never have happened. Seen is a
 * value that somebody read, or needed to find, on whichever key; and on a key where somebody says only that there was
 * something, or something else, anything may be what was meant.
 */
interface Observed {
  readonly values: Uint8Array;
  readonly vagueKeys: Uint8Array;
}

function observedIn(history: History, effects: Effects): Observed {
  const values = new Uint8Array(history.values.length);
  const vagueKeys = new Uint8Array(history.keys.length);
  const openReplacements: number[] = [];
  values[absent] = 1;
  for (let at = 0; at < history.count; at++) {
    const kind = effects.kind[at];
    if (kind === registerKinds.read) values[effects.value[at] as number] = 1;
    else if (kind === registerKinds.cas) {
      if (history.outcome[at] === outcomeCode.info) openReplacements.push(at);
      else values[effects.expected[at] as number] = 1;
    } else if (kind === registerKinds.update || kind === registerKinds.differs) {
      vagueKeys[history.key[at] as number] = 1;
    }
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

function isLive(history: History, effects: Effects, observed: Observed, at: number): boolean {
  if (effects.kind[at] === noEffect) return false;
  if (history.outcome[at] !== outcomeCode.info) return true;
  if (observed.vagueKeys[history.key[at] as number] === 1) return true;
  return observed.values[effects.value[at] as number] === 1;
}

function isFailedWrite(history: History, at: number): boolean {
  return history.outcome[at] === outcomeCode.fail && history.kind[at] !== kindCode.get;
}

function operationsOfKey(
  history: History,
  effects: Effects,
  key: number,
  operations: Int32Array,
  failures: Int32Array,
  names: { readonly local: Int32Array },
): KeyOperations {
  const { local } = names;
  const values: number[] = [absent];
  local[absent] = 0;
  const named = (id: number): number => {
    if (local[id] === -1) local[id] = values.push(id) - 1;
    return local[id] as number;
  };
  const register = registerOf(history, effects, operations, named);
  const failedWriters = failedWritersOf(history, register, failures, local);
  for (const id of values) local[id] = -1;
  return { key, register, index: operations, values: Int32Array.from(values), failedWriters };
}

function failedWritersOf(
  history: History,
  register: RegisterOperations,
  failures: Int32Array,
  local: Int32Array,
): Map<number, number> {
  const failedWriters = new Map<number, number>();
  if (failures.length === 0) return failedWriters;
  const written = new Set<number>();
  for (let at = 0; at < register.count; at++) {
    if (writesAt(register, at)) written.add(register.value[at] as number);
  }
  for (const failure of failures) {
    const value = local[history.written[failure] as number] ?? -1;
    if (value > 0 && !written.has(value)) failedWriters.set(value, failure);
  }
  return failedWriters;
}

function registerOf(
  history: History,
  effects: Effects,
  operations: Int32Array,
  named: (id: number) => number,
): RegisterOperations {
  const count = operations.length;
  const register = {
    count,
    kind: new Uint8Array(count),
    value: new Int32Array(count),
    expected: new Int32Array(count),
    start: new Float64Array(count),
    end: new Float64Array(count),
    initial: absent,
  };
  for (let at = 0; at < count; at++) {
    const operation = operations[at] as number;
    register.kind[at] = effects.kind[operation] as number;
    register.value[at] = named(effects.value[operation] as number);
    register.expected[at] = named(effects.expected[operation] as number);
    register.start[at] = history.invokedAt[operation] as number;
    register.end[at] = history.returnedAt[operation] as number;
  }
  return register;
}

/** Whether the operation at `at` wrote something. */
export function writesAt(register: RegisterOperations, at: number): boolean {
  const kind = register.kind[at];
  return (
    kind === registerKinds.write || kind === registerKinds.cas || kind === registerKinds.update
  );
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

/**
 * Whether an order of transactions proves what it claims. It is replayed from what the history says, step by step, by the
 * definitions of N. Crooks et al., "Seeing is believing", PODC 2017: nothing that found the order is believed.
 */
import { absent, type Step } from '../../history/history.js';
import type { StepWatch } from '../budget.js';
import { asList, isSame } from './access.js';
import type { TransactionModel } from './anomaly.js';
import type { SeenTransaction } from './transactions.js';
import { isCausalWitness } from './witness-causal.js';
import { Versions, type Witness } from './witness-versions.js';

export function isWitness(
  model: Exclude<TransactionModel, 'read-uncommitted'>,
  live: readonly SeenTransaction[],
  witness: Witness,
  watch: StepWatch,
): boolean {
  const halves = model === 'snapshot-isolation';
  if (!isWhole(live, witness.order, halves)) return false;
  switch (model) {
    case 'strict-serializable':
      return keepsTime(live, witness.order) && isSerial(live, witness.order);
    case 'serializable':
      return isSerial(live, witness.order);
    case 'snapshot-isolation':
      return isSnapshotted(live, witness.order);
    case 'read-committed':
      return new Versions(live, witness).areCommitted();
    case 'read-atomic':
    case 'causal':
      return (
        new Versions(live, witness).areCommitted() && isCausalWitness(model, live, witness, watch)
      );
  }
}

/** All that ended are in it, nobody twice, and who commits has begun. */
function isWhole(
  live: readonly SeenTransaction[],
  order: readonly number[],
  halves: boolean,
): boolean {
  const known = new Set(order);
  if (known.size !== order.length) return false;
  const isThere = (at: number) => known.has(at);
  if (halves) {
    const begun = new Set<number>();
    for (const event of order) {
      if (event % 2 === 0) begun.add(event);
      else if (!begun.has(event - 1)) return false;
    }
  }
  return live.every(({ end }, at) => {
    const isOpen = end === Number.POSITIVE_INFINITY;
    if (!halves) return isOpen || isThere(at);
    return isThere(2 * at) ? isThere(2 * at + 1) : isOpen;
  });
}

function keepsTime(live: readonly SeenTransaction[], order: readonly number[]): boolean {
  let begun = Number.NEGATIVE_INFINITY;
  for (const at of order) {
    const { start, end } = live[at] as SeenTransaction;
    begun = Math.max(begun, start);
    if (end < begun) return false;
  }
  return true;
}

type Database = Map<number, number | number[]>;

/** Each transaction, alone and in its turn, sees what it said it saw. */
function isSerial(live: readonly SeenTransaction[], order: readonly number[]): boolean {
  const database: Database = new Map();
  for (const at of order) {
    const { steps, unlike } = live[at] as SeenTransaction;
    if (!findsOthers(database, unlike)) return false;
    for (const { f, key, value } of steps) {
      if (f === 'w') database.set(key, value);
      else if (f === 'append') append(database, key, [value]);
      else if (value !== null && !isSame(database.get(key) ?? absent, value)) return false;
    }
  }
  return true;
}

const findsOthers = (database: Database, unlike: SeenTransaction['unlike']): boolean =>
  unlike.every(({ key, value }) => (database.get(key) ?? absent) !== value);

function append(database: Database, key: number, values: readonly number[]): void {
  const held = database.get(key) ?? absent;
  if (typeof held === 'number') database.set(key, [...values]);
  else held.push(...values);
}

/** Each sees what was there when it took its snapshot, and nobody writes what another one is about to write. */
function isSnapshotted(live: readonly SeenTransaction[], events: readonly number[]): boolean {
  const database: Database = new Map();
  const writing = new Set<number>();
  for (const event of events) {
    const { steps, unlike } = live[event >> 1] as SeenTransaction;
    const written = new Set(steps.filter(({ f }) => f !== 'r').map(({ key }) => key));
    if (event % 2 === 0) {
      for (const key of written) {
        if (writing.has(key)) return false;
        writing.add(key);
      }
      if (!findsOthers(database, unlike) || !seesSnapshot(database, steps)) return false;
      continue;
    }
    for (const { f, key, value } of steps) {
      if (f === 'w') database.set(key, value);
      else if (f === 'append') append(database, key, [value]);
    }
    for (const key of written) writing.delete(key);
  }
  return true;
}

function seesSnapshot(database: Database, steps: readonly Step[]): boolean {
  const own = new Map<number, number | number[]>();
  for (const { f, key, value } of steps) {
    const held = own.get(key);
    if (f === 'w') own.set(key, value);
    else if (f === 'append') {
      if (Array.isArray(held)) held.push(value);
      else own.set(key, [value]);
    } else if (value !== null) {
      const base = database.get(key) ?? absent;
      const expected = Array.isArray(held) ? [...asList(base), ...held] : (held ?? base);
      if (!isSame(expected, value)) return false;
    }
  }
  return true;
}

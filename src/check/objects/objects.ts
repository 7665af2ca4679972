/**
 * What else than registers Jepsen tests: sets, lists, counters, banks, queues, locks and generators of ids, told by the
 * operations that a history has. What each must keep is what Jepsen's own checkers define; docs/checking.md has a table.
 */
import { kindCode, outcomeCode } from '../../history/event.js';
import { absent, type History, type Kind, kinds } from '../../history/history.js';
import { type ModelName, type ObjectModelName, objectModelNames } from '../models.js';
import { balancesOf, itemsOf } from './values.js';

export type ObjectName = 'set' | 'list' | 'counter' | 'bank' | 'queue' | 'lock' | 'unique-ids';

export interface ObjectType {
  /** As a sentence calls it. */
  readonly noun: string;
  readonly operations: readonly Kind[];
  /** Strongest first. */
  readonly models: readonly ModelName[];
  /** Judged when they are asked for only. */
  readonly otherModels: readonly ModelName[];
}

const typed = (
  noun: string,
  operations: readonly Kind[],
  models: readonly ModelName[],
  otherModels: readonly ModelName[] = [],
): ObjectType => ({ noun, operations, models, otherModels });

export const objects: Readonly<Record<ObjectName, ObjectType>> = {
  set: typed('set', ['add', 'get'], ['linearizable', 'set']),
  list: typed('list', ['append', 'get'], ['linearizable', 'list']),
  counter: typed('counter', ['add', 'get'], ['linearizable', 'counter']),
  bank: typed('bank', ['transfer', 'get'], ['linearizable', 'bank']),
  queue: typed('queue', ['enqueue', 'dequeue', 'drain'], ['linearizable', 'queue', 'total-queue']),
  lock: typed(
    'lock',
    ['acquire', 'release'],
    ['owned-mutex', 'mutex'],
    ['reentrant-mutex', 'linearizable'],
  ),
  'unique-ids': typed('generator of ids', ['generate'], ['unique-ids']),
};

const objectNames = Object.keys(objects) as ObjectName[];

export const isOfObject = (model: ModelName): model is ObjectModelName =>
  (objectModelNames as readonly ModelName[]).includes(model);

/** Which object it is about; `null`: about keys. Of two that it may be, the one whose model is `asked` for. */
export function objectIn(history: History, asked: readonly ModelName[] | null): ObjectName | null {
  const found = kindsIn(history);
  const isPossible = (name: ObjectName) =>
    objects[name].operations.some((kind) => kind !== 'get' && found.has(kind));
  const wanted = objectNames.filter((name) =>
    asked?.some((model) => isOfObject(model) && objects[name].models.includes(model)),
  );
  const forced = wanted.find(isPossible);
  if (forced !== undefined) return forced;
  if (found.has('add')) return isCounter(history) ? 'counter' : 'set';
  if (found.has('append'))
    return !found.has('txn') && readsOnly(history, '[', itemsOf) ? 'list' : null;
  // Of a bank between whose accounts nothing was moved.
  if (found.has('get') && found.size === 1)
    return readsOnly(history, '{', balancesOf) ? 'bank' : null;
  return objectNames.find((name) => name !== 'list' && isPossible(name)) ?? null;
}

/** Operations that the object does not have, by name. */
export function foreignTo(name: ObjectName, history: History): Kind[] {
  const own: readonly Kind[] = objects[name].operations;
  return [...kindsIn(history)].filter((kind) => !own.includes(kind));
}

function kindsIn(history: History): ReadonlySet<Kind> {
  const codes = new Set(history.kind);
  return new Set([...codes].map((code) => kinds[code] as Kind));
}

function* readTexts({ count, kind, outcome, seen, values }: History): Generator<string> {
  for (let at = 0; at < count; at++) {
    const isRead = kind[at] === kindCode.get && outcome[at] === outcomeCode.ok;
    if (isRead && (seen[at] as number) > absent) yield values[seen[at] as number] as string;
  }
}

/** By what was read; where nothing was, by whether what is added repeats. */
function isCounter(history: History): boolean {
  for (const text of readTexts(history)) return /^-?\d+$/.test(text);
  const added = new Set(history.written);
  return added.size < history.count;
}

/** Whether something was read, and nothing but what begins with `opener` and can be read like this. */
function readsOnly(
  history: History,
  opener: string,
  parsed: (text: string) => object | null,
): boolean {
  let some = false;
  for (const text of readTexts(history)) {
    if (!text.startsWith(opener) || parsed(text) === null) return false;
    some = true;
  }
  return some;
}

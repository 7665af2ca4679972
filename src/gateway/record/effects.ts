/** What a command did to keys, as far as its words and its reply say, and which operations of a history that is. */
import type { Key } from '../../core/key.js';
import type { ClientResult, TransactionStep } from '../../core/operation.js';
import type { HistoryOperation } from '../../history/recorder/recorder.js';

export type HeldValue = Uint8Array | null;

export interface KeyEffect {
  readonly key: Key;
  /** What was there: `null` is absence, `something` any value. Not said: nobody was told. */
  readonly found?: HeldValue | 'something';
  /** What is there now. Not said: what was there. */
  readonly left?: HeldValue;
  /** Is there now, behind what was there. */
  readonly appended?: Uint8Array;
}

export type SingleOperation = Exclude<HistoryOperation, { readonly type: 'txn' }>;

/** An operation and what came of it. */
export interface ToldOperation {
  readonly operation: HistoryOperation;
  readonly result: ClientResult;
}

/** What happened at once, as one operation; `null`: it says nothing of any key. */
export function asOneOperation(effects: readonly KeyEffect[]): ToldOperation | null {
  const said = effects.filter(saysSomething);
  const [first, ...others] = said;
  if (first === undefined) return null;
  if (others.length === 0) return ofOneKey(first);
  const merged = others.reduce<KeyEffect | null>(afterEachOther, first);
  if (merged !== null) return ofOneKey(merged);
  return { operation: { type: 'txn', steps: said.flatMap(stepsOf) }, result: committed };
}

/** Each by itself: of what may have happened, or surely did not, that is all that is known. */
export function asManyOperations(effects: readonly KeyEffect[]): HistoryOperation[] {
  const written = effects.filter(
    ({ left, appended }) => left !== undefined || appended !== undefined,
  );
  return written.flatMap((effect) => ofOneKey(effect)?.operation ?? []);
}

/** RESP knows no versions. */
const done = { type: 'done', version: null, existed: null } as unknown as ClientResult;
const committed = { type: 'committed', version: null, values: [] } as unknown as ClientResult;

const saysSomething = ({ found, left, appended }: KeyEffect): boolean =>
  left !== undefined || appended !== undefined || (found !== undefined && found !== 'something');

/** One key's, one after the other; `null`: they are of two keys, or such as no one operation is. */
function afterEachOther(earlier: KeyEffect | null, later: KeyEffect): KeyEffect | null {
  if (earlier === null || earlier.key !== later.key) return null;
  if (earlier.appended !== undefined || later.appended !== undefined) return null;
  const { key, left } = later;
  const isTold = later.found !== undefined;
  if (earlier.left !== undefined) {
    if (isTold && !agrees(later.found, earlier.left)) return null;
    return { ...earlier, left: left === undefined ? earlier.left : left };
  }
  if (isTold && earlier.found !== undefined && !agrees(later.found, earlier.found)) return null;
  const known = earlier.found === undefined || earlier.found === 'something';
  const found = known && isTold ? later.found : earlier.found;
  return {
    key,
    ...(found === undefined ? {} : { found }),
    ...(left === undefined ? {} : { left }),
  };
}

function agrees(found: KeyEffect['found'], there: KeyEffect['found']): boolean {
  if (found === 'something' || there === 'something') return found !== null && there !== null;
  if (!found || !there) return found === there;
  return found.length === there.length && found.every((byte, at) => byte === there[at]);
}

function ofOneKey({ key, found, left, appended }: KeyEffect): ToldOperation | null {
  if (appended !== undefined) {
    return { operation: { type: 'append', key, value: appended }, result: done };
  }
  if (left === undefined || (found === null && left === null)) {
    if (found === undefined || found === 'something') return null;
    return { operation: { type: 'get', key }, result: valueResult(found) };
  }
  return { operation: writeOf(key, found, left), result: done };
}

function writeOf(key: Key, found: KeyEffect['found'], left: HeldValue): SingleOperation {
  if (found !== undefined && found !== null && found !== 'something') {
    return { type: 'cas', key, expected: found, value: left };
  }
  if (left === null) return { type: 'delete', key };
  if (found === undefined) return { type: 'put', key, value: left };
  return { type: found === null ? 'insert' : 'update', key, value: left };
}

const valueResult = (value: HeldValue): ClientResult => ({ type: 'value', value, version: null });

/** What was read is written as a check that held. */
function stepsOf({ key, found, left }: KeyEffect): TransactionStep[] {
  const steps: TransactionStep[] = [];
  if (found !== undefined && found !== 'something') {
    steps.push({ type: 'check', key, expected: found });
  }
  if (left === null) steps.push({ type: 'delete', key });
  else if (left !== undefined) steps.push({ type: 'put', key, value: left });
  return steps;
}

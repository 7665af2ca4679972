import type { Millis, NodeId } from '../core/ids.js';
import type { Key } from '../core/key.js';
import type { ClientResult, DataOperation, Level } from '../core/operation.js';
import type { Version } from '../core/version.js';
import type { Outcome } from '../history/history.js';
import { writtenBy } from '../workload/generator.js';

/** One operation as its client saw it. */
export interface HistoryEntry {
  readonly client: number;
  /** The one asked last. */
  readonly node: NodeId;
  readonly operation: DataOperation;
  readonly level: Level | null;
  readonly invokedAt: Millis;
  /** Infinity while the client has not heard, and for ever when it gave up. */
  readonly returnedAt: Millis;
  /** `null`: the client gave up, or the connection broke. It may have taken effect, or still will. */
  readonly result: ClientResult | null;
}

/** Happened; surely did not; nobody knows. */
export function outcomeOf({ result }: Pick<HistoryEntry, 'result'>): Outcome {
  if (result === null) return 'info';
  if (result.type !== 'error') return 'ok';
  return result.definite ? 'fail' : 'info';
}

/** A version of a key, as an answer told it. */
export interface ToldVersion {
  readonly key: Key;
  readonly version: Version;
  readonly value: Uint8Array | null;
}

/** What the answer said of versions: of what was written, or what was seen. */
export function versionsTold({ operation, result }: HistoryEntry): ToldVersion[] {
  if (result === null || !('version' in result) || result.version === null) return [];
  const { version } = result;
  if (operation.type === 'txn') {
    if (result.type !== 'committed') return [];
    return writesOf(operation).map(([key, value]) => ({ key, version, value }));
  }
  const { key } = operation;
  switch (result.type) {
    case 'value':
      return [{ key, version, value: result.value }];
    case 'refused':
      return [{ key, version, value: result.actual }];
    case 'done':
      return [{ key, version, value: writtenBy(operation) }];
    default:
      return [];
  }
}

/** What each key holds once the operation took effect; of a conditional one, if it did. */
export function writesOf(operation: DataOperation): (readonly [Key, Uint8Array | null])[] {
  if (operation.type === 'get') return [];
  if (operation.type !== 'txn') return [[operation.key, writtenBy(operation)]];
  const last = new Map<Key, Uint8Array | null>();
  for (const step of operation.steps) {
    if (step.type === 'put') last.set(step.key, step.value);
    else if (step.type === 'delete') last.set(step.key, null);
  }
  return [...last];
}

/** Of what was asked of a core, what it has to answer, and what of that was answered. */
export function answeredOf(
  asked: readonly HistoryEntry[],
  { atomicConditionals }: { readonly atomicConditionals: boolean },
) {
  // Where levels may ask for less than a majority, a conditional write still needs one.
  const isPlain = (type: DataOperation['type']): boolean =>
    atomicConditionals || ['get', 'put', 'delete'].includes(type);
  const entries = asked.filter(({ operation: { type } }) => isPlain(type));
  // What a node that is behind refuses is an answer, too.
  const isAnswered = ({ result }: HistoryEntry): boolean =>
    outcomeOf({ result }) === 'ok' || (result?.type === 'error' && result.code === 'behind');
  return { entries, answered: entries.filter(isAnswered) };
}

import type { Millis, NodeId } from '../core/ids.js';
import type { ClientResult, KeyOperation, Level } from '../core/operation.js';

/** One operation as its client saw it. */
export interface HistoryEntry {
  readonly client: number;
  readonly node: NodeId;
  readonly operation: KeyOperation;
  readonly level: Level | null;
  readonly invokedAt: Millis;
  /** Infinity while the client has not heard, and for ever when it gave up. */
  readonly returnedAt: Millis;
  /** `null`: the client gave up, or the connection broke. It may have taken effect, or still will. */
  readonly result: ClientResult | null;
}

/** Happened; surely did not; nobody knows. */
export type Outcome = 'ok' | 'fail' | 'info';

export function outcomeOf(entry: HistoryEntry): Outcome {
  if (entry.result === null) return 'info';
  if (entry.result.type !== 'error') return 'ok';
  return entry.result.definite ? 'fail' : 'info';
}

/** What the key holds once `operation` took effect; `null` for a delete and for a read. */
export function writtenValue(operation: KeyOperation): Uint8Array | null {
  return 'value' in operation ? operation.value : null;
}

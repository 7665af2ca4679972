/**
 * What a run decides beside its chance: what clients ask and when, what is broken and when, and which phases follow. A run given
 * the decisions of another under the same seed is the same run, event by event; with some of them left out it is as like it as
 * can be, since chance does not depend on what else there is (`sim/chance.ts`).
 */
import type { Millis, NodeId } from '../core/ids.js';
import type { DataOperation, Level } from '../core/operation.js';
import type { Fault } from '../faults/fault.js';
import type { Disturbed } from './disturbance.js';

export interface AskedOperation {
  readonly client: number;
  /** Not before; and not before the client's last one has ended. */
  readonly atMs: Millis;
  readonly operation: DataOperation;
  readonly level: Level | null;
  /** The node asked first. */
  readonly node: NodeId;
}

/** What follows when the clients have worked and faults have come and gone. */
export interface RunPhases {
  /** Virtual time with clients and faults, before healing. */
  readonly durationMs: Millis;
  /** Virtual time from healing to quiet, at most. */
  readonly patienceMs: Millis;
  /** It goes on after all is quiet, until the last tombstones have gone. */
  readonly isLong: boolean;
  /** After the faults some links stay broken, and each connected part is stabilized; then they are mended. */
  readonly stabilize: boolean;
  /** The clients go on when the faults are over. */
  readonly goOn: boolean;
  /** For so long nodes stay broken when nothing else is left to do: others may forget what these still have. */
  readonly absenceMs: Millis;
  /** Else: nodes restart before the faults are over, when nothing is under way any more. */
  readonly restart: boolean;
  /** Once all is quiet every key is written once more. */
  readonly writeAll: boolean;
  /** False: what clients heard until all was healed is judged, and nothing else. */
  readonly settles: boolean;
}

export interface RunDecisions {
  readonly operations: readonly AskedOperation[];
  /** As they begin, which is when they say and at the node that they name. */
  readonly faults: readonly Fault[];
}

/** Those that began, as decisions. */
export function begunFaults(disturbed: readonly Disturbed[]): Fault[] {
  const now = { whenBusy: false, atLeader: false, atNextLeader: false };
  return disturbed.flatMap((each) =>
    each.change === 'begin' ? [{ ...each.fault, ...now, atMs: each.atMs }] : [],
  );
}

/**
 * What survives a crash.
 *
 * Presumed abort (Mohan, Lindsay & Obermarck 1986, section 3) is what is *not* here: the coordinator writes nothing
 * before it has decided to commit, and nothing at all when it aborts. A transaction of which it finds no `committed`
 * has been aborted, or has been acknowledged by everybody.
 *
 * A journal's snapshot is drawn while the node works and is followed by every record since it began. The small parts
 * (transactions, decisions, members) are copied the moment a snapshot begins and so fit the records that follow; the
 * store is drawn later and may be newer than those, which its versions put right: an entry only ever replaces an older
 * one.
 */
import type { NodeId } from '../../core/ids.js';
import type { Key } from '../../core/key.js';
import type { StoredEntry } from '../../core/replica.js';
import {
  boolean,
  count,
  key,
  list,
  name,
  nullable,
  type Shape,
  struct,
  union,
  value,
  version,
} from '../../core/wire.js';
import type { KeyWrite } from '../shared/evaluate.js';

/** A worker as the coordinator knows it across its own restarts. */
export interface MemberState {
  readonly node: NodeId;
  /** Votes, and so holds every committed transaction. */
  readonly inPool: boolean;
  /**
   * Outside the pool: it has, or has in doubt, every committed version up to this stamp; 0: nothing is known. In the
   * pool: it has acknowledged this commit.
   */
  readonly holdsUpTo: number;
}

export interface Prepared {
  readonly id: TransactionId;
  /** What it only reads, and keeps locked. */
  readonly reads: readonly Key[];
  readonly writes: readonly KeyWrite[];
}

/** Given out by the coordinator in ascending order and never again, whatever crashes. */
export type TransactionId = number;

export type DurableRecord =
  // The coordinator's.
  /** No id above this one has been given out. */
  | { readonly type: 'ceiling'; readonly id: TransactionId }
  /** All workers; the greatest `generation` counts. */
  | {
      readonly type: 'members';
      readonly generation: number;
      readonly members: readonly MemberState[];
    }
  /** The commit record of Gray's paper: from here on these are committed. */
  | {
      readonly type: 'committed';
      readonly ids: readonly TransactionId[];
      readonly participants: readonly NodeId[];
    }
  /** Every participant has acknowledged: nobody will ask any more. */
  | { readonly type: 'ended'; readonly ids: readonly TransactionId[] }
  // A worker's.
  /** Which life of the worker begins. */
  | { readonly type: 'started'; readonly start: number }
  /** From here on this worker can commit and can abort, and may do neither unless it is told. */
  | {
      readonly type: 'prepared';
      readonly participants: readonly NodeId[];
      readonly transactions: readonly Prepared[];
    }
  | {
      readonly type: 'decided';
      readonly commits: readonly TransactionId[];
      readonly aborts: readonly TransactionId[];
    }
  /** Copied from another worker, or this worker's own store in a snapshot. */
  | { readonly type: 'entries'; readonly entries: readonly StoredEntry[] }
  /** The store begins anew; and nothing is remembered of transactions up to this id. */
  | { readonly type: 'reset'; readonly upTo: TransactionId }
  /** The journal before this was lost: until the store begins anew, any decision may have been forgotten. */
  | { readonly type: 'lost' }
  /** Decisions on transactions up to this id may have been forgotten. */
  | { readonly type: 'forgotten'; readonly upTo: TransactionId };

const ids = list(count);

export const recordShape: Shape<DurableRecord> = union<DurableRecord>({
  ceiling: { id: count },
  members: {
    generation: count,
    members: list(struct<MemberState>({ node: name, inPool: boolean, holdsUpTo: count })),
  },
  committed: { ids, participants: list(name) },
  ended: { ids },
  started: { start: count },
  prepared: {
    participants: list(name),
    transactions: list(
      struct<Prepared>({
        id: count,
        reads: list(key),
        writes: list(struct<KeyWrite>({ key, value: nullable(value) })),
      }),
    ),
  },
  decided: { commits: ids, aborts: ids },
  entries: { entries: list(struct<StoredEntry>({ key, version, value: nullable(value) })) },
  lost: {},
  reset: { upTo: count },
  forgotten: { upTo: count },
});

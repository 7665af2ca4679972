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
import * as wire from '../../core/wire.js';
import { entry } from '../shared/leaf-exchange.js';

const { boolean, count, key, list, name, nullable, struct, union, value } = wire;

/** A worker as the coordinator knows it across its own restarts. */
const memberState = struct({
  node: name,
  /** Votes, and so holds every committed transaction. */
  inPool: boolean,
  /**
   * Outside the pool: it has, or has in doubt, every committed version up to this stamp; 0: nothing is known. In the
   * pool: it has acknowledged this commit.
   */
  holdsUpTo: count,
});
export type MemberState = wire.Shaped<typeof memberState>;

/** `reads`: what it only reads, and keeps locked. */
const prepared = struct({
  id: count,
  reads: list(key),
  writes: list(struct({ key, value: nullable(value) })),
});
export type Prepared = wire.Shaped<typeof prepared>;

/** Given out by the coordinator in ascending order and never again, whatever crashes. */
export type TransactionId = number;
const id = count;
const ids = list(count);

export const recordShape = union({
  // The coordinator's.
  /** No id above this one has been given out. */
  ceiling: { id },
  /** All workers; the greatest `generation` counts. */
  members: { generation: count, members: list(memberState) },
  /** The commit record of Gray's paper: from here on these are committed. */
  committed: { ids, participants: list(name) },
  /** Every participant has acknowledged: nobody will ask any more. */
  ended: { ids },
  // A worker's.
  /** Which life of the worker begins. */
  started: { start: count },
  /** From here on this worker can commit and can abort, and may do neither unless it is told. */
  prepared: { participants: list(name), transactions: list(prepared) },
  decided: { commits: ids, aborts: ids },
  /** Copied from another worker, or this worker's own store in a snapshot. */
  entries: { entries: list(entry) },
  /** The store begins anew; and nothing is remembered of transactions up to this id. */
  reset: { upTo: id },
  /** The journal before this was lost: until the store begins anew, any decision may have been forgotten. */
  lost: {},
  /** Decisions on transactions up to this id may have been forgotten. */
  forgotten: { upTo: id },
});
export type DurableRecord = wire.Shaped<typeof recordShape>;

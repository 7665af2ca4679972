/**
 * Lends this worker's store to one who catches up: everything newer than what the other holds, piece by piece, each
 * piece acknowledged before the next; then what has changed meanwhile, in rounds; and, when the coordinator has made
 * everything stand still, the last changes. See `coordinator/joins.ts` for the whole.
 */
import type { Millis, NodeId } from '../../../core/ids.js';
import type { Key } from '../../../core/key.js';
import { batchBytesTarget } from '../../../core/limits.js';
import type { StoredEntry } from '../../../core/replica.js';
import type { Line } from '../line.js';
import type { Ctx, JoinNumber, Message } from '../messages.js';
import type { Store } from '../store.js';

/** Entries looked at in one turn: a long store is walked in steps, so that others get their turns. */
const entriesPerStepMax = 10_000;
/** With no more changes than this, or after so many pieces of changes, it is time for the last step. */
const changesSmall = 256;
const changePiecesMax = 64;
const entryOverheadBytes = 64;

type Copy = Extract<Message, { type: 'copy' }>;

interface Session {
  readonly join: JoinNumber;
  readonly target: NodeId;
  readonly after: number;
  /** `null` when the walk is done. What has come since it began is among the changes. */
  walk: Iterator<StoredEntry> | null;
  /** Changed since they were last sent. */
  readonly changed: Set<Key>;
  /** Pieces sent since the walk was done. */
  changePieces: number;
  toldNearly: boolean;
  /** Since when it has been asked for the last changes. */
  finishingSince: Millis | null;
  inFlight: Copy | null;
  sentAt: Millis;
  pieces: number;
}

interface SourceTimes {
  readonly retryMs: Millis;
  /** A join that does not move for so long is called off. */
  readonly stallMs: Millis;
}

export class CopySource {
  readonly #store: Store;
  readonly #times: SourceTimes;
  #session: Session | null = null;

  constructor(store: Store, times: SourceTimes) {
    this.#store = store;
    this.#times = times;
  }

  get isActive(): boolean {
    return this.#session !== null;
  }

  start(join: JoinNumber, target: NodeId, after: number, ctx: Ctx): void {
    const changed = new Set<Key>();
    this.#store.watch(changed);
    this.#session = {
      join,
      target,
      after,
      walk: this.#store.entries(),
      changed,
      changePieces: 0,
      toldNearly: false,
      finishingSince: null,
      inFlight: null,
      sentAt: 0,
      pieces: 0,
    };
    ctx.setTimer('copy', 0);
  }

  stop(join: JoinNumber | null): void {
    if (this.#session === null || (join !== null && this.#session.join !== join)) return;
    this.#session = null;
    this.#store.watch(null);
  }

  /** The target is in the pool: its word that the last piece has arrived may have been lost, and is not needed. */
  onPool(pool: readonly NodeId[]): void {
    const session = this.#session;
    if (session === null || session.finishingSince === null) return;
    if (pool.includes(session.target)) this.stop(null);
  }

  /** No transaction is under way any more: the next pieces are the last. */
  finish(join: JoinNumber, ctx: Ctx): void {
    if (this.#session?.join !== join) return;
    this.#session.finishingSince = ctx.now;
    ctx.setTimer('copy', 0);
  }

  onCopied(from: NodeId, join: JoinNumber, number: number, ctx: Ctx): void {
    const session = this.#session;
    if (session?.join !== join || session.target !== from) return;
    if (session.inFlight?.number !== number) return;
    const { last } = session.inFlight;
    session.inFlight = null;
    if (last) this.stop(join);
    else ctx.setTimer('copy', 0);
  }

  /** The timer `copy`: the next piece, as far as one step gets. */
  step(line: Line | null, ctx: Ctx): void {
    const session = this.#session;
    if (session === null || session.inFlight !== null) return;
    const entries = this.#gather(session);
    if (session.walk !== null && entries.length === 0) {
      ctx.setTimer('copy', 0);
      return;
    }
    const done = session.walk === null && session.changed.size === 0;
    const last = session.finishingSince !== null && done;
    if (entries.length > 0 || last) this.#send(session, entries, last, ctx);
    if (session.walk !== null || session.toldNearly) return;
    session.changePieces += 1;
    // With fast writers and a slow joiner the changes may never become few: then the last step is a longer one.
    const few = session.changed.size <= changesSmall;
    if (!few && session.changePieces < changePiecesMax) return;
    session.toldNearly = true;
    line?.send({ type: 'copy-nearly', join: session.join }, ctx);
  }

  resend(ctx: Ctx): void {
    const session = this.#session;
    if (session === null || session.inFlight === null) return;
    const { finishingSince, sentAt } = session;
    // The target may have come into the pool, and have left it before a heartbeat said so: nobody waits for this any more.
    if (finishingSince !== null && ctx.now - finishingSince >= this.#times.stallMs) {
      this.stop(null);
      return;
    }
    if (ctx.now - sentAt < this.#times.retryMs) return;
    session.sentAt = ctx.now;
    ctx.send(session.target, session.inFlight);
  }

  #send(session: Session, entries: readonly StoredEntry[], last: boolean, ctx: Ctx): void {
    session.pieces += 1;
    const { join, pieces: number } = session;
    session.inFlight = { type: 'copy', join, number, entries, last };
    session.sentAt = ctx.now;
    ctx.send(session.target, session.inFlight);
  }

  #gather(session: Session): readonly StoredEntry[] {
    const entries: StoredEntry[] = [];
    let bytes = 0;
    const add = (entry: StoredEntry) => {
      entries.push(entry);
      bytes += entry.key.length + (entry.value?.length ?? 0) + entryOverheadBytes;
    };
    for (let step = 0; step < entriesPerStepMax && bytes < batchBytesTarget; step++) {
      if (session.walk === null) break;
      const next = session.walk.next();
      if (next.done) session.walk = null;
      else if (next.value.version.stamp > session.after) add(next.value);
    }
    if (session.walk !== null) return entries;
    for (const key of session.changed) {
      if (bytes >= batchBytesTarget) break;
      session.changed.delete(key);
      const entry = this.#store.get(key);
      if (entry !== undefined) add(entry);
    }
    return entries;
  }
}

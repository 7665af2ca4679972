import type { Decision } from '../core/decision.js';
import type { NodeId, RequestId } from '../core/ids.js';
import type { ClientResult } from '../core/operation.js';
import type { Position } from './ports.js';

/** A result on its way to a client. */
export interface Reply {
  readonly id: RequestId;
  readonly result: ClientResult;
}

/** What goes to one peer. */
interface Outgoing<M> {
  readonly to: NodeId;
  readonly messages: M[];
}

/** What one turn wants to let out: one batch a peer, its replies, and what it says is decided. */
export class TurnOutput<M> {
  /** A list: a turn has something for a few peers, mostly the one that it had something for last, or the next one. */
  batches: readonly Outgoing<M>[] = none;
  replies: readonly Reply[] = none;
  decisions: readonly Decision[] = none;

  send(to: NodeId, message: M): void {
    for (let at = this.batches.length - 1; at >= 0; at--) {
      const batch = this.batches[at] as Outgoing<M>;
      if (batch.to === to) {
        batch.messages.push(message);
        return;
      }
    }
    this.batches = withItem(this.batches, { to, messages: [message] });
  }

  reply(id: RequestId, result: ClientResult): void {
    this.replies = withItem(this.replies, { id, result });
  }

  decide<T>(subject: string, value: T, show: (value: T) => string = String): void {
    this.decisions = withItem<Decision>(this.decisions, { subject, value, show } as Decision);
  }

  get isEmpty(): boolean {
    return this.batches === none && this.replies === none && this.decisions === none;
  }
}

const none: readonly never[] = [];

/** Mostly it is one item: a list that begins empty would get room for many. */
function withItem<T>(items: readonly T[], item: T): readonly T[] {
  if (items === none) return [item];
  (items as T[]).push(item);
  return items;
}

/**
 * The durability gate: holds a turn's output until the journal has made durable everything appended by the end of
 * that turn.
 *
 * The gate is the journal's position, not whether the turn itself wrote: a turn that writes nothing can still reveal
 * state that an earlier turn wrote and that is not on disk yet. Output leaves in the order of its turns.
 */
export class DurabilityGate<M> {
  readonly #release: (output: TurnOutput<M>) => void;
  #held: { readonly position: Position; readonly output: TurnOutput<M> }[] = [];

  constructor(release: (output: TurnOutput<M>) => void) {
    this.#release = release;
  }

  /** Lets `output` go at once when `durable` has reached `position`, and holds it otherwise. */
  pass(output: TurnOutput<M>, position: Position, durable: Position): void {
    if (output.isEmpty) return;
    // Position never decreases from turn to turn, so when this one may go, nothing older can still be held.
    if (position <= durable) this.#release(output);
    else this.#held.push({ position, output });
  }

  /** Lets everything go that waited for at most `durable`. */
  open(durable: Position): void {
    let released = 0;
    for (const { position, output } of this.#held) {
      if (position > durable) break;
      this.#release(output);
      released++;
    }
    if (released > 0) this.#held = this.#held.slice(released);
  }

  get heldCount(): number {
    return this.#held.length;
  }
}

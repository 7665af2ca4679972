/**
 * Keeps out messages with numbers that no counter of this cluster can have reached (`core/number-bound.ts`): as if they had
 * been lost, for no protocol minds that.
 */
import type { Millis, NodeId } from '../../core/ids.js';
import { numberBound, numberBoundMin } from '../../core/number-bound.js';
import type { Context, ProtocolTypes } from '../../core/replica.js';
import { count, counted, name, type Shape, struct } from '../../core/wire.js';

type Surroundings = Pick<Context<ProtocolTypes>, 'self' | 'now' | 'wallClock' | 'tell'>;

const tellAgainMs: Millis = 10_000;

/** A number in a message that this node's own may have to exceed. */
export const counter = counted(count);
/** A version whose stamp is such a number. */
export const stamped = struct({ stamp: counter, node: name });

export class NumberGuard<M> {
  readonly #shape: Shape<M>;
  #tellAt: Millis = Number.NEGATIVE_INFINITY;

  constructor(shape: Shape<M>) {
    this.#shape = shape;
  }

  /** What a node says to itself is taken. */
  admits(message: M, from: NodeId, ctx: Surroundings): boolean {
    const greatest = this.#shape.greatest?.(message) ?? 0;
    if (greatest <= numberBoundMin || greatest <= numberBound(ctx.wallClock)) return true;
    if (from === ctx.self) return true;
    this.refuse(from, ctx);
    return false;
  }

  /** Tells that a message was not taken, but not of each. */
  refuse(node: NodeId, ctx: Surroundings): void {
    if (ctx.now < this.#tellAt) return;
    this.#tellAt = ctx.now + tellAgainMs;
    ctx.tell({ what: 'refuses impossible numbers of', node });
  }
}

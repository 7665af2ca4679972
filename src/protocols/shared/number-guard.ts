/**
 * Keeps out messages with numbers that no counter of this cluster can have reached (`core/number-bound.ts`): as if they had
 * been lost, for no protocol minds that.
 */
import type { Millis, NodeId } from '../../core/ids.js';
import { numberBound, numberBoundMin } from '../../core/number-bound.js';
import type { Context, ProtocolTypes } from '../../core/replica.js';
import type { Version } from '../../core/version.js';

type Surroundings = Pick<Context<ProtocolTypes>, 'self' | 'now' | 'wallClock' | 'tell'>;

const tellAgainMs: Millis = 10_000;

export class NumberGuard {
  #tellAt: Millis = Number.NEGATIVE_INFINITY;

  /** `greatest`: of all numbers in a message that go on counting here. What a node says to itself is taken. */
  admits(greatest: number, from: NodeId, ctx: Surroundings): boolean {
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

export function greatestStamp(items: readonly { readonly version: Version }[]): number {
  let greatest = 0;
  for (const { version } of items) if (version.stamp > greatest) greatest = version.stamp;
  return greatest;
}

/**
 * Requests that clients brought to a worker: it forwards them to the coordinator and hands back the answers.
 *
 * What was never sent fails `unavailable`, surely without effect. A write that was sent to a coordinator that has since
 * restarted, or does not answer, may have been committed: only `timeout` is true then. A read had no effect in any
 * case, so it is sent again, or fails definitely.
 */

import type { Millis, NodeId } from '../../../core/ids.js';
import type { ClientRequest, ClientResult } from '../../../core/operation.js';
import { operationBytes } from '../../../core/operation-bytes.js';
import { overloaded, timedOut, unavailable } from '../../../core/results.js';
import { TransientMap } from '../../../core/transient.js';
import { batchesOf } from '../../shared/batches.js';
import type { Line } from '../line.js';
import type { Answer, Ctx } from '../messages.js';
import { isReadOnly, type TakenOperation, taken } from '../operations.js';
import { bounds } from '../options.js';

interface Forward {
  readonly number: number;
  readonly operation: TakenOperation;
  readonly deadline: Millis;
  sent: boolean;
}

/**
 * The coordinator gets this part of the time that the client gives: then it aborts before the client gives up, and its
 * answer, which is definite, comes in time.
 */
const shareOfTimeout = 0.9;

export class Forwards {
  readonly #coordinator: NodeId;
  readonly #pending = new TransientMap<number, Forward>();
  #unsent: Forward[] = [];

  constructor(coordinator: NodeId) {
    this.#coordinator = coordinator;
  }

  get count(): number {
    return this.#pending.size;
  }

  add({ id, operation, timeoutMs }: ClientRequest, ctx: Ctx): void {
    if (this.#pending.size >= bounds.forwardsMax) return ctx.reply(id, overloaded(ctx.self));
    const forward = {
      number: id,
      operation: taken(operation),
      deadline: ctx.now + timeoutMs,
      sent: false,
    };
    this.#pending.set(id, forward);
    this.#unsent.push(forward);
  }

  /** Sends what came in this turn, and what had to wait for a line. */
  flush(line: Line, ctx: Ctx): void {
    if (this.#unsent.length === 0) return;
    const open = this.#unsent.filter((forward) => this.#pending.has(forward.number));
    this.#unsent = [];
    for (const batch of batchesOf(open, (forward) => operationBytes(forward.operation))) {
      const requests = batch.map(({ number, operation, deadline }) => {
        return { number, operation, timeoutMs: Math.max(0, deadline - ctx.now) * shareOfTimeout };
      });
      for (const forward of batch) forward.sent = true;
      line.send({ type: 'forward', requests }, ctx);
    }
  }

  onAnswers(answers: readonly Answer[], ctx: Ctx): void {
    for (const { number, result } of answers) {
      const forward = this.#pending.get(number);
      if (forward !== undefined) this.#finish(forward, result, ctx);
    }
  }

  /** To a coordinator that does not know whether its earlier self has done it already. */
  protected maySendAgain(forward: Forward): boolean {
    return isRead(forward);
  }

  /** The coordinator has begun a new life and knows nothing of what was sent to the last one. */
  onNewCoordinator(ctx: Ctx): void {
    for (const forward of this.#pending.values()) {
      if (!forward.sent) continue;
      if (this.maySendAgain(forward)) {
        forward.sent = false;
        this.#unsent.push(forward);
      } else {
        const why = `${this.#coordinator} restarted while the request was under way`;
        this.#finish(forward, timedOut(why), ctx);
      }
    }
  }

  /** The coordinator is silent: what can't have had an effect need not wait for it. */
  onSilence(ctx: Ctx): void {
    const why = unavailable(`the coordinator ${this.#coordinator} does not answer`);
    for (const forward of this.#pending.values()) {
      if (!forward.sent || isRead(forward)) this.#finish(forward, why, ctx);
    }
    this.#unsent = [];
  }

  sweep(ctx: Ctx): void {
    for (const forward of this.#pending.values()) {
      if (forward.deadline > ctx.now) continue;
      const result = forward.sent
        ? timedOut(`no answer from the coordinator ${this.#coordinator} in time`)
        : unavailable(`${this.#coordinator} was not reached in time; nothing was sent`);
      this.#finish(forward, result, ctx);
    }
  }

  #finish(forward: Forward, result: ClientResult, ctx: Ctx): void {
    this.#pending.delete(forward.number);
    ctx.reply(forward.number, result);
  }
}

function isRead({ operation }: Forward): boolean {
  return operation.type !== 'reconfigure' && isReadOnly(operation);
}

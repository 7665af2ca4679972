import type { Millis, NodeId } from '../../../core/ids.js';
import type { ClientResult, DataOperation } from '../../../core/operation.js';
import type { Ctx } from '../messages.js';
import type { Pool } from './pool.js';

/** Whom to answer: a client of this node, or a worker that forwarded its client's request. */
export interface Origin {
  /** `null`: this node. */
  readonly worker: NodeId | null;
  /** Which life of the worker. */
  readonly start: number;
  /** The request's number at its node. */
  readonly number: number;
}

/** A request on its way through the coordinator. */
export interface Pending {
  readonly origin: Origin;
  readonly operation: DataOperation;
  readonly bytes: number;
  readonly deadline: Millis;
}

/** Answers a request, once; a worker that has restarted has no use for the answer any more. */
export function respond(origin: Origin, result: ClientResult, pool: Pool, ctx: Ctx): void {
  const { worker, start, number } = origin;
  if (worker === null) {
    ctx.reply(number, result);
    return;
  }
  const member = pool.get(worker);
  if (member?.line?.start === start) member.outbox.answers.push({ number, result });
}

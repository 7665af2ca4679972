import type { Millis, NodeId } from '../../../core/ids.js';
import type { DataOperation } from '../../../core/operation.js';

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

/** One node of `--mode 2pc`: the first of the cluster coordinates, all others are workers. */
import type { NodeId } from '../../core/ids.js';
import type { ClientRequest } from '../../core/operation.js';
import type { Rejoin, Replica, ReplicaSetup, ReplicaView } from '../../core/replica.js';
import { NumberGuard } from '../shared/number-guard.js';
import { Coordinator } from './coordinator/coordinator.js';
import {
  type Ctx,
  type Message,
  messageShape,
  type Timer,
  type TwoPhaseCommit,
} from './messages.js';
import { type Options, timesOf } from './options.js';
import { type DurableRecord, recordShape } from './records.js';
import { coordinatorView, workerView } from './view.js';
import { Worker, type WorkerParts } from './worker/worker.js';

export class TwoPhaseCommitReplica implements Replica<TwoPhaseCommit> {
  readonly #role: Coordinator | Worker;
  readonly #numbers = new NumberGuard(messageShape);
  #view: ReplicaView | null = null;

  constructor({ self, nodes, options }: ReplicaSetup<Options>, parts: Partial<WorkerParts> = {}) {
    const times = timesOf(options);
    const workers = nodes.slice(1);
    this.#role =
      self === nodes[0]
        ? new Coordinator(self, workers, times)
        : new Worker(self, nodes, times, parts);
  }

  recover(record: DurableRecord): void {
    this.#role.recover(record);
  }

  onStart(ctx: Ctx, rejoin: Rejoin | null = null): void {
    this.#role.onStart(ctx, rejoin);
  }

  onMessage(from: NodeId, message: Message, ctx: Ctx): void {
    if (this.#numbers.admits(message, from, ctx)) {
      this.#role.onMessage(from, message, ctx);
    }
  }

  onRequest(request: ClientRequest, ctx: Ctx): void {
    this.#role.onRequest(request, ctx);
  }

  onTimer(timer: Timer, ctx: Ctx): void {
    this.#role.onTimer(timer, ctx);
  }

  onTurnEnd(ctx: Ctx): void {
    this.#role.onTurnEnd(ctx);
  }

  snapshot(): Iterable<DurableRecord> {
    return this.#role.snapshot();
  }

  inspect(): ReplicaView {
    const role = this.#role;
    this.#view ??= role instanceof Coordinator ? coordinatorView(role) : workerView(role);
    return this.#view;
  }
}

export const twoPhaseCommitProtocol = {
  message: messageShape,
  record: recordShape,
  create: (setup: ReplicaSetup<Options>) => new TwoPhaseCommitReplica(setup),
};

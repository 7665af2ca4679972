import type { NodeId } from '../../core/ids.js';
import type { ProtocolTypes } from '../../core/replica.js';
import type { Ticket } from '../../sim/manual.js';
import type { RandomSchedule } from './random-schedule.js';

/**
 * A node whose disk is replaced: it is removed, started empty and added again, each asked for until it is done. One node
 * at a time: the others must be able to do without what it had.
 */
export class DiskLoss<P extends ProtocolTypes, Options> {
  #node: NodeId | null = null;
  #step: 'remove' | 'add' = 'remove';
  #ticket: Ticket | null = null;
  #count = 0;

  /** `victims`: who may lose its disk; all when left out. */
  constructor(readonly victims: readonly NodeId[] | null = null) {}

  get isOver(): boolean {
    return this.#node === null;
  }

  /** Another disk is lost, or the node that has lost its own comes a step nearer. */
  advance(schedule: RandomSchedule<P, Options>): void {
    const { cluster, random } = schedule;
    if (this.#node === null) {
      this.#node = random.pick(this.victims ?? cluster.nodes);
      this.#step = 'remove';
      this.#ticket = null;
      this.#count += 1;
      schedule.reserved.add(this.#node);
      if (cluster.isUp(this.#node)) cluster.crash(this.#node);
    }
    const node = this.#node;
    const refusal = this.#ticket?.result;
    if (refusal?.type === 'error' && refusal.code === 'bad-request') {
      // What it holds is nowhere else: it keeps its disk.
      this.#node = null;
      schedule.reserved.delete(node);
      if (!cluster.isUp(node)) cluster.start(node);
      return;
    }
    const result = this.#ticket?.result ?? null;
    if (result?.type === 'done') {
      this.#ticket = null;
      if (this.#step === 'add') {
        this.#node = null;
        schedule.reserved.delete(node);
        return;
      }
      this.#step = 'add';
      const removal = { stamp: result.version.stamp, existed: result.existed === true };
      cluster.apply({ do: 'wipe', node });
      cluster.start(node, { incarnation: 1_000_000 * this.#count, removal });
    }
    if (this.#ticket !== null && result === null && !this.#ticket.isOrphaned) return;
    const others = cluster.up.filter((other) => other !== node);
    if (others.length === 0) return;
    const operation = { type: 'reconfigure', change: this.#step, node } as const;
    this.#ticket = cluster.request(random.pick(others), operation, { timeoutMs: 300 });
  }
}

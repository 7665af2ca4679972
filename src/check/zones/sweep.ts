/**
 * The second half of engine 1: absence, which can be written any number of times.
 *
 * A walk over time, forward zones in their order. What could have happened by now but need not have yet is pending.
 * Reads of absence happen as soon as there is absence, plain blocks as soon as there is a value: neither changes
 * anything then. Everything else waits until a deadline or a zone forces it, because a delete kept is a delete to use
 * later; and of deletes, and of creations, the one with the earliest deadline goes first, because it can be replaced by
 * a later one but not the other way round. When a value has to come where there was absence, a creation that is pending
 * comes first: it costs nothing then. If this walk finds no order, there is none.
 */
import type { RegisterOperations } from '../register/operations.js';
import { MinHeap } from '../sort.js';
import type { Blocks } from './blocks.js';
import { byTail, itemKinds, type Plan } from './plan.js';

/** An order, or the time by which absence was needed and no delete was left. */
export type Swept = { readonly witness: Int32Array } | { readonly failedAt: number };

const never = Number.POSITIVE_INFINITY;

export function sweep(blocks: Blocks, plan: Plan): Swept {
  const walk = new Walk(plan, new WitnessBuilder(blocks, plan));
  for (const block of plan.forward) {
    const from = blocks.end[block] as number;
    const to = plan.blockStart[block] as number;
    const isCreated = blocks.isRootedInAbsence[block] === 1;
    const isDone = walk.until(from, to) && walk.pass(block, isCreated);
    if (!isDone) return { failedAt: Math.max(to, walk.failedAt) };
  }
  if (!walk.until(never, never)) return { failedAt: walk.failedAt };
  return { witness: walk.witness.order() };
}

class WitnessBuilder {
  readonly #operations: RegisterOperations;
  readonly #blocks: Blocks;
  readonly #plan: Plan;
  readonly #order: Int32Array;
  #length = 0;

  constructor(blocks: Blocks, plan: Plan) {
    this.#operations = blocks.clusters.operations;
    this.#blocks = blocks;
    this.#plan = plan;
    this.#order = new Int32Array(this.#operations.count);
  }

  order(): Int32Array {
    return this.#order.subarray(0, this.#length);
  }

  addItem(item: number): void {
    const id = this.#plan.items.id[item] as number;
    if (id >= this.#operations.count) this.addBlock(id - this.#operations.count);
    else {
      this.#add(id);
      this.#addTail(this.#operations.value[id] as number);
    }
  }

  /** Cluster after cluster: the writer, then the reads by start. */
  addBlock(block: number): void {
    const { writer, reads, readsFrom } = this.#blocks.clusters;
    const { chain, chainFrom } = this.#blocks;
    const to = chainFrom[block + 1] as number;
    for (let place = chainFrom[block] as number; place < to; place++) {
      const cluster = chain[place] as number;
      if ((writer[cluster] as number) >= 0) this.#add(writer[cluster] as number);
      const readsTo = readsFrom[cluster + 1] as number;
      for (let at = readsFrom[cluster] as number; at < readsTo; at++)
        this.#add(reads[at] as number);
    }
    if (this.#plan.leavesAbsence[block] === byTail) this.#addTail(chain[to - 1] as number);
  }

  /** The compare-and-sets that lead from a value to absence. */
  #addTail(value: number): void {
    for (let own = value; own !== 0; ) {
      const at = this.#blocks.clusters.tail[own] as number;
      this.#add(at);
      own = this.#operations.value[at] as number;
    }
  }

  #add(at: number): void {
    this.#order[this.#length++] = at;
  }
}

class Walk {
  readonly witness: WitnessBuilder;
  failedAt = Number.NEGATIVE_INFINITY;
  readonly #plan: Plan;
  /** Pending items by kind; reads of absence only while there is a value, plain blocks only while there is absence. */
  readonly #absences: MinHeap;
  readonly #deletes: MinHeap;
  readonly #values: MinHeap;
  readonly #creates: MinHeap;
  #isAbsent = true;
  /** How many items, by release, are or were pending. */
  #released = 0;

  constructor(plan: Plan, witness: WitnessBuilder) {
    this.witness = witness;
    this.#plan = plan;
    const { deadline } = plan.items;
    this.#absences = new MinHeap(deadline);
    this.#deletes = new MinHeap(deadline);
    this.#values = new MinHeap(deadline);
    this.#creates = new MinHeap(deadline);
  }

  /**
   * Does what has to be done before a zone: what can happen by its beginning, `from`, and can't wait for its end, `to`.
   * False when that takes absence that is not to be had.
   */
  until(from: number, to: number): boolean {
    const { order, release, count } = this.#plan.items;
    for (;;) {
      let deadline = this.#earliest();
      while (this.#released < count) {
        const item = order[this.#released] as number;
        const time = release[item] as number;
        if (time > from || time > deadline) break;
        this.#released++;
        deadline = Math.min(deadline, this.#release(item));
      }
      if (deadline >= to) return true;
      if (!this.#force(deadline)) return false;
    }
  }

  /** Goes through the zone of a forward block. False when it takes absence that is not to be had. */
  pass(block: number, isCreated: boolean): boolean {
    if (isCreated) {
      if (!this.#isAbsent && !this.#delete()) return false;
    } else if (this.#isAbsent) this.#leaveAbsence();
    this.witness.addBlock(block);
    if (this.#plan.leavesAbsence[block] !== 0) this.#becomeAbsent();
    else this.#becomeValue();
    return true;
  }

  #earliest(): number {
    return Math.min(
      this.#absences.leastKey,
      this.#deletes.leastKey,
      this.#values.leastKey,
      this.#creates.leastKey,
    );
  }

  /** The item's deadline if it is pending from now on, Infinity if it happens at once. */
  #release(item: number): number {
    const { kind, deadline } = this.#plan.items;
    const own = kind[item];
    const isNow =
      (own === itemKinds.absence && this.#isAbsent) || (own === itemKinds.value && !this.#isAbsent);
    if (isNow) {
      this.witness.addItem(item);
      return never;
    }
    this.#queueOf(own).push(item);
    return deadline[item] as number;
  }

  #queueOf(kind: number | undefined): MinHeap {
    if (kind === itemKinds.absence) return this.#absences;
    if (kind === itemKinds.delete) return this.#deletes;
    return kind === itemKinds.value ? this.#values : this.#creates;
  }

  /** What can't wait any longer. */
  #force(deadline: number): boolean {
    this.failedAt = deadline;
    if (this.#absences.leastKey === deadline) return this.#delete();
    if (this.#creates.leastKey === deadline) return this.#create();
    if (this.#values.leastKey === deadline) this.#leaveAbsence();
    else this.#delete();
    return true;
  }

  /** Leads to absence by the delete that can wait least; what can come before it at no cost does. */
  #delete(): boolean {
    if (this.#deletes.isEmpty) return false;
    if (this.#isAbsent) this.#leaveAbsence();
    this.witness.addItem(this.#deletes.pop() as number);
    this.#becomeAbsent();
    return true;
  }

  #create(): boolean {
    if (!this.#isAbsent && !this.#delete()) return false;
    this.witness.addItem(this.#creates.pop() as number);
    this.#becomeValue();
    return true;
  }

  /** A value is to come, or a delete: a creation and all plain blocks that are pending may as well come first. */
  #leaveAbsence(): void {
    if (!this.#creates.isEmpty) this.witness.addItem(this.#creates.pop() as number);
    this.#becomeValue();
  }

  #becomeAbsent(): void {
    this.#isAbsent = true;
    while (!this.#absences.isEmpty) this.witness.addItem(this.#absences.pop() as number);
  }

  #becomeValue(): void {
    this.#isAbsent = false;
    while (!this.#values.isEmpty) this.witness.addItem(this.#values.pop() as number);
  }
}

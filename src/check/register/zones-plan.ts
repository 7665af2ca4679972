/**
 * What has to be put in order, once blocks are known: forward blocks, whose order is given, and around them everything
 * that happens at one time of our choice: backward blocks, deletes, and reads of absence.
 */
import { type RegisterOperations, registerKinds } from './operations.js';
import { around, type Blocks } from './zones-blocks.js';
import type { Clusters, Suspects } from './zones-clusters.js';
import { sortByKey } from './zones-sort.js';

/** What an item needs to find, and what it leaves. */
export const itemKinds = {
  /** Finds absence and leaves it: a read of absence, a backward block that began in absence and was deleted. */
  absence: 0,
  /** Finds anything, leaves absence: a delete, a backward block that was deleted. */
  delete: 1,
  /** Finds anything, leaves a value: a backward block. */
  value: 2,
  /** Finds absence, leaves a value: a backward block that begins with a create-if-absent. */
  create: 3,
} as const;

/** Absence that a compare-and-set may have left, though nobody knows whether it happened. */
const byTail = 2;

export interface Plan {
  /** Forward blocks, in order. */
  readonly forward: Int32Array;
  /** Of each block: its zone's end or, backward, its release. A tail that is taken for done moves it. */
  readonly blockStart: Float64Array;
  /** Of each block: 0 leaves a value, 1 leaves absence, 2 leaves it by its tail. */
  readonly leavesAbsence: Uint8Array;
  /** Blocks whose tail could not simply be taken for done, because it came later than the block. */
  readonly late: readonly number[];
  readonly items: Items;
}

export interface Items {
  readonly count: number;
  /** Item numbers by release. */
  readonly order: Int32Array;
  /** An operation; from the number of operations on, a block. */
  readonly id: Int32Array;
  readonly kind: Uint8Array;
  /** It can happen from `release` to `deadline`, both included. */
  readonly release: Float64Array;
  readonly deadline: Float64Array;
}

const { read, write, cas } = registerKinds;
const never = Number.POSITIVE_INFINITY;

export function planOf(operations: RegisterOperations, clusters: Clusters, blocks: Blocks): Plan {
  const blockStart = blocks.start.slice();
  const leavesAbsence = blocks.leavesAbsence.slice();
  const late: number[] = [];
  for (let block = 0; block < blocks.count; block++) {
    if (leavesAbsence[block] !== 0) continue;
    const from = tailFromOf(clusters, blocks, block);
    if (from === never) continue;
    const latest = blocks.isRootedInAbsence[block] === 1 ? never : (blocks.end[block] as number);
    // Absence is never worse than a value, and costs nothing when it moves neither a zone nor what needs absence.
    if (from <= (blockStart[block] as number)) leavesAbsence[block] = byTail;
    else if (latest !== never && from <= latest) {
      leavesAbsence[block] = byTail;
      blockStart[block] = from;
    } else late.push(block);
  }
  return arranged(operations, clusters, blocks, blockStart, leavesAbsence, late);
}

function tailFromOf({ tailFrom }: Clusters, { chain, chainFrom }: Blocks, block: number): number {
  return tailFrom[chain[(chainFrom[block + 1] as number) - 1] as number] as number;
}

function arranged(
  operations: RegisterOperations,
  clusters: Clusters,
  blocks: Blocks,
  blockStart: Float64Array,
  leavesAbsence: Uint8Array,
  late: readonly number[],
): Plan {
  const forward = new Int32Array(blocks.count);
  let count = 0;
  for (let block = 0; block < blocks.count; block++) {
    if ((blocks.end[block] as number) < (blockStart[block] as number)) forward[count++] = block;
  }
  const plan = { blockStart, leavesAbsence, late };
  return {
    ...plan,
    forward: sortByKey(forward.subarray(0, count), blocks.end),
    items: itemsOf(operations, clusters, blocks, plan),
  };
}

/** Fills the columns of {@link Items}. */
class ItemsBuilder {
  #count = 0;
  readonly #id: Int32Array;
  readonly #kind: Uint8Array;
  readonly #release: Float64Array;
  readonly #deadline: Float64Array;

  constructor(countMax: number) {
    this.#id = new Int32Array(countMax);
    this.#kind = new Uint8Array(countMax);
    this.#release = new Float64Array(countMax);
    this.#deadline = new Float64Array(countMax);
  }

  add(id: number, kind: number, release: number, deadline: number): void {
    const item = this.#count++;
    this.#id[item] = id;
    this.#kind[item] = kind;
    this.#release[item] = release;
    this.#deadline[item] = deadline;
  }

  items(): Items {
    const count = this.#count;
    const release = this.#release.subarray(0, count);
    return {
      ...{ count, release },
      order: sortByKey(
        new Int32Array(count).map((_, item) => item),
        release,
      ),
      id: this.#id.subarray(0, count),
      kind: this.#kind.subarray(0, count),
      deadline: this.#deadline.subarray(0, count),
    };
  }
}

function itemsOf(
  operations: RegisterOperations,
  clusters: Clusters,
  blocks: Blocks,
  { blockStart, leavesAbsence }: Pick<Plan, 'blockStart' | 'leavesAbsence'>,
): Items {
  const { count, kind, value, expected, start, end } = operations;
  const builder = new ItemsBuilder(count + blocks.count);
  for (let block = 0; block < blocks.count; block++) {
    const release = blockStart[block] as number;
    const deadline = blocks.end[block] as number;
    if (deadline < release) continue;
    builder.add(
      count + block,
      kindOf(blocks.isRootedInAbsence[block] === 1, leavesAbsence[block] !== 0),
      release,
      deadline,
    );
  }
  for (let at = 0; at < count; at++) {
    const own = value[at] as number;
    const release = start[at] as number;
    const deadline = end[at] as number;
    if (own !== 0) {
      // A write that nobody saw, and a compare-and-set that may have deleted it: together a delete that may have been.
      const isUnseen = kind[at] === write && clusters.isLive[own] === 0;
      const from = clusters.tailFrom[own] as number;
      if (isUnseen && from !== never) {
        builder.add(at, itemKinds.delete, Math.max(release, from), never);
      }
    } else if (kind[at] === write) builder.add(at, itemKinds.delete, release, deadline);
    else if (kind[at] === read) builder.add(at, itemKinds.absence, release, deadline);
    else if (kind[at] === cas && expected[at] === 0 && deadline !== never) {
      builder.add(at, itemKinds.absence, release, deadline);
    }
  }
  return builder.items();
}

function kindOf(isRootedInAbsence: boolean, leavesAbsence: boolean): number {
  if (leavesAbsence) return isRootedInAbsence ? itemKinds.absence : itemKinds.delete;
  return isRootedInAbsence ? itemKinds.create : itemKinds.value;
}

/** Two zones that overlap, or something strictly inside a zone: each had to be before the other. */
export function conflict(
  operations: RegisterOperations,
  clusters: Clusters,
  blocks: Blocks,
  plan: Plan,
): Suspects | null {
  const { forward, blockStart } = plan;
  const both = (one: number, other: number): Suspects => {
    const mine = around(
      operations,
      clusters,
      blocks,
      one,
      boundsOf(blocks, other).start,
      boundsOf(blocks, other).end,
    );
    const ended = Math.min(...mine.map((at) => operations.end[at] as number));
    const started = Math.max(...mine.map((at) => operations.start[at] as number));
    const others = around(operations, clusters, blocks, other, started, ended);
    return { suspects: [...mine, ...others] };
  };
  for (let place = 1; place < forward.length; place++) {
    const one = forward[place - 1] as number;
    const other = forward[place] as number;
    if ((blocks.end[other] as number) < (blockStart[one] as number)) return both(one, other);
  }
  const { order, id, release, deadline } = plan.items;
  let place = 0;
  for (const item of order) {
    // The last zone that began before the item could.
    while (
      place < forward.length &&
      (blocks.end[forward[place] as number] as number) < (release[item] as number)
    ) {
      place++;
    }
    if (place === 0) continue;
    const zone = forward[place - 1] as number;
    if ((deadline[item] as number) >= (blockStart[zone] as number)) continue;
    const own = id[item] as number;
    if (own >= operations.count) return both(zone, own - operations.count);
    const suspects = around(
      operations,
      clusters,
      blocks,
      zone,
      operations.start[own] as number,
      operations.end[own] as number,
    );
    return { suspects: [own, ...suspects] };
  }
  return null;
}

const boundsOf = ({ start, end }: Blocks, block: number) => ({
  start: start[block] as number,
  end: end[block] as number,
});

/**
 * The same with late tails taken for done where that does not by itself contradict anything: the block's zone then
 * reaches to its tail. A guess, which a witness has to prove.
 */
export function withLateTails(
  operations: RegisterOperations,
  clusters: Clusters,
  blocks: Blocks,
  plan: Plan,
): Plan {
  const blockStart = plan.blockStart.slice();
  const leavesAbsence = plan.leavesAbsence.slice();
  const from = (block: number) => tailFromOf(clusters, blocks, block);
  let taken = Number.NEGATIVE_INFINITY;
  for (const block of [...plan.late].sort((a, b) => from(a) - from(b))) {
    const zoneFrom = blocks.end[block] as number;
    const zoneTo = from(block);
    if (zoneFrom < zoneTo && (zoneFrom < taken || isDisturbed(blocks, plan, block, zoneTo))) {
      continue;
    }
    leavesAbsence[block] = byTail;
    blockStart[block] = zoneTo;
    if (zoneFrom < zoneTo) taken = zoneTo;
  }
  return arranged(operations, clusters, blocks, blockStart, leavesAbsence, []);
}

/** Whether something must happen between a block's least end and `to`. */
function isDisturbed(blocks: Blocks, plan: Plan, block: number, to: number): boolean {
  const from = blocks.end[block] as number;
  const { release, deadline, count } = plan.items;
  for (let item = 0; item < count; item++) {
    if (from < (release[item] as number) && (deadline[item] as number) < to) return true;
  }
  return plan.forward.some(
    (other) =>
      other !== block &&
      from < (plan.blockStart[other] as number) &&
      (blocks.end[other] as number) < to,
  );
}

/** The same with deletes for late tails that can happen at any later time: more than could really have been. */
export function withFreeTails(
  operations: RegisterOperations,
  clusters: Clusters,
  blocks: Blocks,
  plan: Plan,
): Plan {
  const { items } = plan;
  const builder = new ItemsBuilder(items.count + plan.late.length);
  for (let item = 0; item < items.count; item++) {
    builder.add(
      items.id[item] as number,
      items.kind[item] as number,
      items.release[item] as number,
      items.deadline[item] as number,
    );
  }
  for (const block of plan.late) {
    const { chain, chainFrom } = blocks;
    const tail = clusters.tail[chain[(chainFrom[block + 1] as number) - 1] as number] as number;
    builder.add(tail, itemKinds.delete, tailFromOf(clusters, blocks, block), never);
  }
  return { ...plan, items: builder.items() };
}

/**
 * What has to be put in order, once blocks are known: forward blocks, whose order is given, and around them everything
 * that happens at one time of our choice: backward blocks, deletes, and reads of absence.
 */
import { countWhile } from '../../core/lookup.js';
import { registerKinds, type Suspects } from '../register/operations.js';
import { sortByKey } from '../sort.js';
import { around, type Blocks } from './blocks.js';

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
export const byTail = 2;

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

export function planOf(blocks: Blocks): Plan {
  const blockStart = blocks.start.slice();
  const leavesAbsence = blocks.leavesAbsence.slice();
  const late: number[] = [];
  const forward = forwardOf(blocks, blockStart);
  for (let block = 0; block < blocks.count; block++) {
    if (leavesAbsence[block] !== 0) continue;
    const from = blocks.clusters.tailFrom[lastClusterOf(blocks, block)] as number;
    if (from === never) continue;
    // Absence is never worse than a value, and costs nothing when it moves neither a zone nor what needs absence.
    if (from <= (blockStart[block] as number)) leavesAbsence[block] = byTail;
    else if (from > (blocks.end[block] as number)) late.push(block);
    else if (isInside(blocks, { forward, blockStart }, block, from)) continue;
    else if (blocks.isRootedInAbsence[block] === 1) late.push(block);
    else {
      leavesAbsence[block] = byTail;
      blockStart[block] = from;
    }
  }
  const plan = { forward, blockStart, leavesAbsence, late };
  return { ...plan, items: itemsOf(blocks, plan) };
}

/** The forward blocks, in order. */
function forwardOf(blocks: Blocks, blockStart: Float64Array): Int32Array {
  const forward = new Int32Array(blocks.count);
  let count = 0;
  for (let block = 0; block < blocks.count; block++) {
    if ((blocks.end[block] as number) < (blockStart[block] as number)) forward[count++] = block;
  }
  return sortByKey(forward.subarray(0, count), blocks.end);
}

/** Whether a backward block that happens at `from` at the earliest would be strictly inside a zone. */
function isInside(
  blocks: Blocks,
  { forward, blockStart }: Pick<Plan, 'forward' | 'blockStart'>,
  block: number,
  from: number,
): boolean {
  const { end } = blocks;
  const zone = forward[countWhile(forward, (other) => (end[other] as number) < from) - 1];
  return zone !== undefined && (blockStart[zone] as number) > (end[block] as number);
}

function itemsOf(
  blocks: Blocks,
  { blockStart, leavesAbsence }: Pick<Plan, 'blockStart' | 'leavesAbsence'>,
  tails: readonly LateTail[] = [],
): Items {
  const { clusters } = blocks;
  const { count, kind, value, expected, start, end } = clusters.operations;
  const countMax = count + blocks.count + tails.length;
  const id = new Int32Array(countMax);
  const kinds = new Uint8Array(countMax);
  const releases = new Float64Array(countMax);
  const deadlines = new Float64Array(countMax);
  let items = 0;
  const add = (own: number, itemKind: number, release: number, deadline: number) => {
    id[items] = own;
    kinds[items] = itemKind;
    releases[items] = release;
    deadlines[items++] = deadline;
  };
  for (const { tail, from } of tails) add(tail, itemKinds.delete, from, from);
  for (let block = 0; block < blocks.count; block++) {
    const release = blockStart[block] as number;
    const deadline = blocks.end[block] as number;
    if (deadline < release) continue;
    add(
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
        add(at, itemKinds.delete, Math.max(release, from), never);
      }
    } else if (kind[at] === write) add(at, itemKinds.delete, release, deadline);
    else if (kind[at] === read) add(at, itemKinds.absence, release, deadline);
    else if (kind[at] === cas && expected[at] === 0 && deadline !== never) {
      add(at, itemKinds.absence, release, deadline);
    }
  }
  const release = releases.subarray(0, items);
  return {
    ...{
      count: items,
      release,
      order: sortByKey(
        new Int32Array(items).map((_, item) => item),
        release,
      ),
    },
    id: id.subarray(0, items),
    kind: kinds.subarray(0, items),
    deadline: deadlines.subarray(0, items),
  };
}

function kindOf(isRootedInAbsence: boolean, leavesAbsence: boolean): number {
  if (leavesAbsence) return isRootedInAbsence ? itemKinds.absence : itemKinds.delete;
  return isRootedInAbsence ? itemKinds.create : itemKinds.value;
}

/** Two zones that overlap, or something strictly inside a zone: each had to be before the other. */
export function blockConflict(blocks: Blocks, plan: Plan): Suspects | null {
  const { operations } = blocks.clusters;
  const { forward, blockStart } = plan;
  const both = (one: number, other: number): Suspects => {
    const mine = around(blocks, one, blocks.start[other] as number, blocks.end[other] as number);
    const ended = Math.min(...mine.map((at) => operations.end[at] as number));
    const started = Math.max(...mine.map((at) => operations.start[at] as number));
    const others = around(blocks, other, started, ended);
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
    const [start, end] = [operations.start[own] as number, operations.end[own] as number];
    return { suspects: [own, ...around(blocks, zone, start, end)] };
  }
  return null;
}

/**
 * The same with late tails taken for done where that does not by itself contradict anything: the block's zone then
 * reaches to its tail. A guess, which a witness has to prove.
 */
export function withLateTails(blocks: Blocks, plan: Plan): Plan {
  const blockStart = plan.blockStart.slice();
  const leavesAbsence = plan.leavesAbsence.slice();
  let taken = Number.NEGATIVE_INFINITY;
  for (const { block, from } of lateTails(blocks, plan)) {
    const zoneFrom = blocks.end[block] as number;
    if (zoneFrom < from && zoneFrom < taken) continue;
    leavesAbsence[block] = byTail;
    blockStart[block] = from;
    if (zoneFrom < from) taken = from;
  }
  const forward = forwardOf(blocks, blockStart);
  const guess = { forward, blockStart, leavesAbsence, late: [] };
  return { ...guess, items: itemsOf(blocks, guess) };
}

/**
 * The same, more generous than the truth, so that what is impossible even so is impossible. A block that began in
 * absence leaves it at once; after another, its tail is a delete by itself. Nothing happens between a block and its
 * tail, so the first time when the tail can be is as good as any.
 */
export function withFreeTails(blocks: Blocks, plan: Plan): Plan {
  const leavesAbsence = plan.leavesAbsence.slice();
  const tails: LateTail[] = [];
  for (const tail of lateTails(blocks, plan)) {
    if (blocks.isRootedInAbsence[tail.block] === 1) leavesAbsence[tail.block] = 1;
    else tails.push(tail);
  }
  const free = { ...plan, leavesAbsence };
  return { ...free, items: itemsOf(blocks, free, tails) };
}

interface LateTail {
  readonly block: number;
  /** Its first operation, and the earliest time when it can happen. */
  readonly tail: number;
  readonly from: number;
}

/**
 * The late tails that can have happened, by the earliest time when. At the latest it is when something else has to have
 * happened that comes after the block, because then it comes after the tail, too.
 */
function lateTails(blocks: Blocks, plan: Plan): LateTail[] {
  const { order, release, deadline, count } = plan.items;
  /** Of the items from the n-th on, by release, the earliest deadline. */
  const earliest = new Float64Array(count + 1).fill(never);
  for (let nth = count - 1; nth >= 0; nth--) {
    const own = deadline[order[nth] as number] as number;
    earliest[nth] = Math.min(own, earliest[nth + 1] as number);
  }
  const latestOf = (block: number) => {
    const time = blocks.end[block] as number;
    const nth = countWhile(order, (item) => (release[item] as number) <= time, 0, count);
    let zone = countWhile(plan.forward, (one) => (plan.blockStart[one] as number) <= time);
    if (plan.forward[zone] === block) zone++;
    const next = plan.forward[zone];
    return Math.min(
      earliest[nth] as number,
      next === undefined ? never : (blocks.end[next] as number),
    );
  };
  const { tail, tailFrom } = blocks.clusters;
  return plan.late
    .map((block) => {
      const last = lastClusterOf(blocks, block);
      return { block, tail: tail[last] as number, from: tailFrom[last] as number };
    })
    .filter(({ block, from }) => from <= latestOf(block))
    .sort((a, b) => a.from - b.from);
}

function lastClusterOf({ chain, chainFrom }: Blocks, block: number): number {
  return chain[(chainFrom[block + 1] as number) - 1] as number;
}

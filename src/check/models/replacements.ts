/**
 * What finds a value and puts another in its place leaves no room between the two. Chains of such writes are blocks:
 * in an order of all writes, each block stands together.
 */
import type { Narrator } from '../evidence/narrator.js';
import type { Finding } from '../finding.js';
import { cycleAmong } from '../graph/cycles.js';
import { allWritesOf, type KeyOperations, writesAt } from '../register/split.js';
import { because, type Constraint } from './order.js';
import { initialOrigin, type Origins } from './origins.js';

/** `null` when an order of the key's writes agrees with the constraints and keeps every block together. */
export function replacementsInOrder(
  narrator: Narrator,
  operations: KeyOperations,
  constraints: readonly Constraint[],
  of: Int32Array,
  { rank }: Origins,
): Finding | null {
  const successor = new Map<number, number>();
  for (const at of allWritesOf(operations.register)) {
    const origin = of[at] as number;
    if (origin < 0 && origin !== initialOrigin) continue;
    const rival = successor.get(origin);
    if (rival !== undefined) return lostUpdate(narrator, operations, origin, rival, at);
    successor.set(origin, at);
  }
  if (successor.size === 0) return null;
  if (rank !== null) return betweenVersions(narrator, operations, of, rank);
  return betweenBlocks(narrator, operations, constraints, of);
}

function lostUpdate(
  narrator: Narrator,
  { index }: KeyOperations,
  origin: number,
  one: number,
  other: number,
): Finding {
  const [first, second] = [index[one] as number, index[other] as number];
  return {
    anomaly: 'lost update',
    sentence: `${narrator.whoDid(first)}, and ${narrator.whoDid(second)}: only one of them can have found it`,
    operations: [first, second, ...(origin < 0 ? [] : [index[origin] as number])],
    culprit: second,
  };
}

function betweenVersions(
  narrator: Narrator,
  { index, register }: KeyOperations,
  of: Int32Array,
  rank: Int32Array,
): Finding | null {
  const byRank: number[] = [];
  const writes = allWritesOf(register);
  for (const at of writes) byRank[rank[at] as number] = at;
  for (const at of writes) {
    const origin = of[at] as number;
    if (origin < 0 && origin !== initialOrigin) continue;
    const found = origin < 0 ? -1 : (rank[origin] as number);
    if (rank[at] === found + 1) continue;
    const between = index[byRank[found + 1] as number] as number;
    const then = index[at] as number;
    return {
      anomaly: 'lost update',
      sentence: `${narrator.whoDid(then)}, although by its version ${narrator.deed(between)} came in between`,
      operations: [then, between, ...(origin < 0 ? [] : [index[origin] as number])],
      culprit: then,
    };
  }
  return null;
}

/** Constraints between blocks instead of writes. Within one block a constraint that is no circle agrees with it. */
function betweenBlocks(
  narrator: Narrator,
  operations: KeyOperations,
  constraints: readonly Constraint[],
  of: Int32Array,
): Finding | null {
  const { count } = operations.register;
  const block = blocksOf(operations, of);
  const between: Constraint[] = [];
  const [from, to]: [number[], number[]] = [[], []];
  for (const constraint of constraints) {
    const older = block[constraint.older] as number;
    const newer = block[constraint.newer] as number;
    if (older === newer) continue;
    if (newer === count) return tellBlocks(narrator, operations, of, [constraint]);
    if (older === count) continue;
    between.push(constraint);
    from.push(older);
    to.push(newer);
  }
  const circle = cycleAmong(count, from, to, () => true);
  if (circle === null) return null;
  const chosen = circle.map((at) => between[at] as Constraint);
  return tellBlocks(narrator, operations, of, chosen);
}

/** By write, the first write of its block; `count` for the block that begins with the initial state. */
function blocksOf({ register }: KeyOperations, of: Int32Array): Int32Array {
  const block = new Int32Array(register.count).fill(-1);
  for (let at = 0; at < register.count; at++) {
    const trail: number[] = [];
    let root = at;
    // Origins of writes that replaced something lead to the block's beginning; circles were refused before.
    while (block[root] === -1 && writesAt(register, root) && (of[root] as number) >= 0) {
      trail.push(root);
      root = of[root] as number;
    }
    const isInitial = of[root] === initialOrigin && writesAt(register, root);
    const name = block[root] !== -1 ? (block[root] as number) : isInitial ? register.count : root;
    block[root] = name;
    for (const write of trail) block[write] = name;
  }
  return block;
}

function tellBlocks(
  narrator: Narrator,
  operations: KeyOperations,
  of: Int32Array,
  circle: readonly Constraint[],
): Finding {
  const { index } = operations;
  const involved = circle.flatMap(({ first, second }) => [
    ...[first, of[first] as number],
    ...[second, of[second] as number],
  ]);
  const steps = circle.map(({ reason, first, second }) =>
    didBoth(narrator, operations, reason === because.replaced, first, second),
  );
  const all = withChains(operations, of, new Set(involved.filter((at) => at >= 0)));
  return {
    anomaly: 'contradiction',
    sentence: `${steps[0]}, which leaves no room for what replaced what`,
    because: steps.slice(1),
    operations: [...all].map((at) => index[at] as number),
    culprit: index[circle[0]?.second as number] as number,
  };
}

/** What a session did, one after the other, as numbered in the key's register; `isOne`: the second alone. */
export function didBoth(
  narrator: Narrator,
  { index }: KeyOperations,
  isOne: boolean,
  first: number,
  second: number,
): string {
  const [one, other] = [index[first] as number, index[second] as number];
  if (isOne) return narrator.whoDid(other);
  return `${narrator.whoDid(one)} and then ${narrator.did(other)}`;
}

/** With all writes of the blocks that the involved ones belong to, up to a bound that keeps the story short. */
function withChains(
  { register }: KeyOperations,
  of: Int32Array,
  involved: ReadonlySet<number>,
): Set<number> {
  const all = new Set(involved);
  for (const at of involved) {
    let write = at;
    for (let steps = 0; steps < 8; steps++) {
      const origin = of[write] as number;
      if (origin < 0 || !writesAt(register, write)) break;
      all.add(origin);
      write = origin;
    }
  }
  return all;
}

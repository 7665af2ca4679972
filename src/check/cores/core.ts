/**
 * The core of a violation: a few operations that are impossible by themselves, whatever the others did.
 *
 * Leaving out an operation must not make up a contradiction: a read whose writer is left out would be one by itself. So
 * a set of operations counts as impossible only after it is *weakened*: what an operation found counts only when every
 * write outside of the set that could have made it so is ruled out by the set. What is not ruled out is forgotten: the
 * read is dropped, the compare-and-set becomes a write. If the weakened set has no order, then none of all operations
 * can have one: from that, take away what is outside of the set, and what each operation found is still there.
 */
import { invariant } from '../../core/invariant.js';
import { bruteForce } from '../register/brute-force.js';
import {
  type RegisterAnomaly,
  type RegisterOperations,
  registerKinds,
} from '../register/operations.js';
import { picked, Writers } from './writers.js';

export interface Core {
  /** Operations, by start. */
  readonly core: readonly number[];
  readonly anomaly: RegisterAnomaly;
}

/** Up to this size a set is judged by trying all orders. */
const bruteForceUpTo = 11;
/** Operations looked at, over all tries: then the core is as small as it got. */
const workMax = 4_000_000;

/**
 * The core of operations that have no order. `suspects`: some of them that have none already, as far as an engine knows;
 * all, if it does not. `isImpossible`: the engine, for sets too large to try all orders of; false when it can't tell.
 */
export function coreOf(
  operations: RegisterOperations,
  suspects: readonly number[],
  isImpossible: (some: RegisterOperations) => boolean,
): Core {
  const judge = new Judge(operations, isImpossible);
  const { writers } = judge;
  const needed = shrunk(judge, judge.isImpossible(suspects) ? suspects : whole(operations));
  const isProved = needed.length > bruteForceUpTo || judge.isImpossible(needed);
  invariant(isProved, 'a violation whose core is possible');
  return {
    core: writers.byStart(fewest(judge, told(writers, needed))),
    anomaly: anomalyOf(operations, needed, writers),
  };
}

/** With where values came from: a reader wants to see it, and more operations don't make it possible. */
function told(writers: Writers, needed: readonly number[]): number[] {
  return [...new Set([...needed, ...writers.sources(needed)])];
}

/** What is told may be impossible with fewer to tell, if one begins without another operation. */
function fewest(judge: Judge, core: readonly number[]): readonly number[] {
  if (core.length > bruteForceUpTo) return core;
  for (const at of core) {
    const others = core.filter((other) => other !== at);
    if (!judge.isImpossible(others)) continue;
    const fewer = told(judge.writers, shrunk(judge, others));
    if (fewer.length < core.length) return fewest(judge, fewer);
  }
  return core;
}

function whole({ count }: RegisterOperations): number[] {
  return Array.from({ length: count }, (_, at) => at);
}

class Judge {
  readonly writers: Writers;
  readonly #operations: RegisterOperations;
  readonly #engine: (some: RegisterOperations) => boolean;
  #work = 0;

  constructor(operations: RegisterOperations, engine: (some: RegisterOperations) => boolean) {
    this.#operations = operations;
    this.#engine = engine;
    this.writers = new Writers(operations);
  }

  get isTired(): boolean {
    return this.#work > workMax;
  }

  isImpossible(some: readonly number[]): boolean {
    this.#work += some.length;
    const weak = weakened(this.#operations, this.writers, some);
    return weak.count <= bruteForceUpTo ? !bruteForce(weak) : this.#engine(weak);
  }
}

/** The operations of the set as far as they count. */
function weakened(
  operations: RegisterOperations,
  writers: Writers,
  some: readonly number[],
): RegisterOperations {
  const open = writers.unexplained(some);
  if (some.length <= bruteForceUpTo) {
    for (const [at, outside] of [...open]) {
      if (outside.value === null) continue;
      const others = [...open.keys()].filter((other) => other !== at);
      const rescue = { value: outside.value, start: outside.start, end: outside.end };
      // One write, wider than all that could have made it so: if that does not help, none of them does.
      if (!bruteForce(picked(operations, some, new Set(others), rescue))) open.delete(at);
    }
  }
  return picked(operations, some, new Set(open.keys()));
}

function shrunk(judge: Judge, suspects: readonly number[]): number[] {
  let core = suspects.length > bruteForceUpTo ? recent(judge, suspects) : [...suspects];
  for (let size = core.length >> 1; size > 1; size >>= 1) core = withoutChunks(judge, core, size);
  for (;;) {
    const smaller = withoutChunks(judge, core, 1);
    if (smaller.length === core.length) return core;
    core = smaller;
  }
}

/** Takes away what it can, `size` operations at a time. */
function withoutChunks(judge: Judge, suspects: readonly number[], size: number): number[] {
  let core = [...suspects];
  for (let from = 0; from < core.length && !judge.isTired; ) {
    const fewer = [...core.slice(0, from), ...core.slice(from + size)];
    if (judge.isImpossible(fewer)) core = fewer;
    else from += size;
  }
  return core;
}

/** The last of many suspects, as few as are impossible still, and what wrote the values that they saw. */
function recent(judge: Judge, suspects: readonly number[]): number[] {
  const byStart = judge.writers.byStart(suspects);
  for (let size = bruteForceUpTo; size < suspects.length && !judge.isTired; size *= 4) {
    const window = judge.writers.since(byStart, size);
    if (judge.isImpossible(window)) return window;
  }
  return byStart;
}

function anomalyOf(
  operations: RegisterOperations,
  core: readonly number[],
  writers: Writers,
): RegisterAnomaly {
  const { kind, value, start, end, initial } = operations;
  const expectations = new Map<number, number>();
  let absences = 0;
  for (const at of core) {
    const found = writers.found(at);
    if (found === null) continue;
    if (found === 0) absences++;
    if (kind[at] === registerKinds.cas) {
      expectations.set(found, (expectations.get(found) ?? 0) + 1);
    }
    if (found === initial) continue;
    const by = writers.of(found);
    if (by.length === 0) return 'phantom read';
    if (by.every((other) => (end[at] as number) < (start[other] as number))) return 'future read';
  }
  const deletes = core.some((at) => kind[at] !== registerKinds.read && value[at] === 0);
  if (absences > 1 && deletes) return 'contradiction';
  if ([...expectations.values()].some((times) => times > 1)) return 'lost update';
  if (core.some((at) => kind[at] === registerKinds.read)) return 'stale read';
  return core.some((at) => kind[at] === registerKinds.write) ? 'lost update' : 'contradiction';
}

/**
 * Where a value was written more than once, nobody knows whose a read has seen: all ways are tried, those first that fit
 * what was going on at the time.
 */
import { askBudget, type Budget } from '../budget.js';
import { asList, atFirst, type ReadAccess } from './access.js';
import { appendsOf } from './chain.js';
import {
  type Choices,
  nameOf,
  noChoices,
  type SourcedRead,
  type Sources,
  type Sourcing,
  undecided,
} from './sources.js';
import type { SeenTransaction } from './transactions.js';

/** Whether nothing is left to decide. */
export const isDecided = ({ reads, undecidedLists }: Sources): boolean =>
  undecidedLists.length === 0 && reads.every(({ source }) => source !== undecided);

/** All at once as they most likely were. */
export function guess(sourcing: Sourcing, start: Sources, budget: Budget): Sources {
  let sources = start;
  let choices = noChoices;
  while (!isDecided(sources)) {
    askBudget(budget);
    const [key] = sources.undecidedLists;
    if (key !== undefined) {
      const first = chainsOf(sources, key).next();
      if (first.done) return sources;
      choices = { ...choices, chains: new Map(choices.chains).set(key, first.value) };
    } else {
      const chosen = new Map(choices.sources);
      for (const read of sources.reads) {
        if (read.source !== undecided) continue;
        const [likely] = candidates(sources, read);
        chosen.set(nameOf(read.by, read.key, read.value), likely as number);
      }
      choices = { ...choices, sources: chosen };
    }
    sources = sourcing.resolve(choices);
  }
  return sources;
}

export interface Accepted {
  /** Asked before all is decided, too: what it forbids then, no more decisions allow. */
  readonly isPossible: (sources: Sources) => boolean;
  /** Nothing more need be decided. */
  readonly isEnough: (sources: Sources) => boolean;
}

/** The first way of deciding that is accepted; `null` when there is none. */
export function firstAccepted(
  sourcing: Sourcing,
  start: Sources,
  { isPossible, isEnough }: Accepted,
  budget: Budget,
): Sources | null {
  const stack = [waysOn(start, noChoices)];
  for (let ways = stack.at(-1); ways !== undefined; ways = stack.at(-1)) {
    askBudget(budget, 1000 * stack.length);
    const next = ways.next();
    if (next.done) {
      stack.pop();
      continue;
    }
    const sources = sourcing.resolve(next.value);
    if (!isPossible(sources)) continue;
    if (isEnough(sources)) return sources;
    stack.push(waysOn(sources, next.value));
  }
  return null;
}

function* waysOn(sources: Sources, choices: Choices): Generator<Choices> {
  const [key] = sources.undecidedLists;
  if (key !== undefined) {
    for (const chain of chainsOf(sources, key)) {
      yield { ...choices, chains: new Map(choices.chains).set(key, chain) };
    }
    return;
  }
  const open = sources.reads.filter(({ source }) => source === undecided);
  const [read] = open.sort((a, b) => candidates(sources, a).length - candidates(sources, b).length);
  if (read === undefined) return;
  const name = nameOf(read.by, read.key, read.value);
  for (const source of candidates(sources, read)) {
    yield { ...choices, sources: new Map(choices.sources).set(name, source) };
  }
}

/** Whoever began last before the read ended comes first. */
function candidates({ live, written }: Sources, { by, key, value }: SourcedRead): number[] {
  const { end } = live[by] as SeenTransaction;
  const startOf = (source: number) =>
    source === atFirst ? Number.NEGATIVE_INFINITY : (live[source] as SeenTransaction).start;
  const isInTime = (source: number) => startOf(source) <= end;
  return [...written.sources(by, key, value)].sort(
    (a, b) => Number(isInTime(b)) - Number(isInTime(a)) || startOf(b) - startOf(a),
  );
}

/** All ways in which the longest list can have come about, one transaction's appends after the other's. */
function* chainsOf(sources: Sources, key: number): Generator<readonly number[]> {
  const { access, live } = sources;
  const longest = longestOf(sources, key);
  if (longest === null) return;
  const list = asList(longest.shown);
  const writers = access.flatMap((own, by) => {
    const appends = appendsOf(own, key);
    return appends.length > 0 ? [{ by, appends }] : [];
  });
  writers.sort(
    (a, b) => (live[a.by] as SeenTransaction).start - (live[b.by] as SeenTransaction).start,
  );
  const used: number[] = [];
  const ends = [0];
  const tries: number[] = [0];
  for (let next = tries.at(-1); next !== undefined; next = tries.at(-1)) {
    const at = ends.at(-1) as number;
    const isWhole = at >= list.length;
    if (isWhole) yield [...used];
    const writer = isWhole ? undefined : writers[next];
    tries[tries.length - 1] = next + 1;
    if (writer === undefined) {
      tries.pop();
      ends.pop();
      used.pop();
      continue;
    }
    const { by, appends } = writer;
    const rest = list.length - at;
    if (used.includes(by) || (appends.length > rest && longest.by !== by)) continue;
    if (!appends.every((value, nth) => nth >= rest || list[at + nth] === value)) continue;
    used.push(by);
    ends.push(at + appends.length);
    tries.push(0);
  }
}

function longestOf({ access, happened }: Sources, key: number): ReadAccess | null {
  let longest: ReadAccess | null = null;
  access.forEach(({ reads }, by) => {
    if (happened[by] === 0) return;
    for (const read of reads) {
      if (read.key !== key) continue;
      const isLonger = longest === null || asList(read.shown).length > asList(longest.shown).length;
      if (isLonger) longest = read;
    }
  });
  return longest;
}

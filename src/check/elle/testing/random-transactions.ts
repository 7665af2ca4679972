import type { Random } from '../../../core/random.js';
import type { Outcome, Step } from '../../../history/history.js';
import type { Drawn } from './histories.js';

type Value = number | readonly number[];

/** What a store does that should do better. */
interface Manners {
  /** How likely a transaction reads from some moments ago; and a single read from some other one. */
  readonly lag: number;
  readonly skew: number;
  /** How likely a read shows anything at all that somebody wrote, in any order. */
  readonly rubbish: number;
  /** How likely what failed leaves something behind. */
  readonly dirt: number;
}

interface World {
  readonly random: Random;
  readonly isList: readonly boolean[];
  readonly repeats: boolean;
  readonly deletes: number;
  readonly manners: Manners;
  /** By key, what it held, one commit after the other. */
  readonly past: Value[][];
  /** By key, what anybody ever wrote. */
  readonly written: number[][];
  count: number;
}

/** A few transactions of a few sessions, on lists and on single values, from a store that is at times not what it says. */
export function randomTransactions(random: Random, most = 8): Drawn[] {
  const count = 1 + Math.min(random.below(most), random.below(most));
  const keys = 1 + random.below(3);
  const lists = random.pick([0, 0.5, 1]);
  const isList = Array.from({ length: keys }, () => random.chance(lists));
  const world: World = {
    ...{ random, isList, repeats: random.chance(0.25), deletes: random.pick([0, 0, 0.1]) },
    manners: {
      lag: random.pick([0, 0, 0.3, 0.8]),
      skew: random.pick([0, 0, 0.2, 0.6]),
      rubbish: random.pick([0, 0, 0, 0.05, 0.3]),
      dirt: random.pick([0, 0, 0.2]),
    },
    past: isList.map((list) => [list ? [] : 0]),
    written: isList.map(() => []),
    count: 0,
  };
  const sessions = random.pick([1, 2, 3, count]);
  const points = Array.from({ length: count }, () => 2 * random.below(15)).sort((a, b) => a - b);
  const busy = random.pick([1, 4, 20]);
  const lastEnd = new Map<number, number>();
  return points.map((point, at) => {
    const process = sessions === count ? at : random.below(sessions);
    const outcome = random.pick(outcomes);
    const earliest = lastEnd.get(process) ?? Number.NEGATIVE_INFINITY;
    const start = Math.max(earliest, point - random.below(busy));
    const last = Math.max(point, start) + random.below(busy);
    lastEnd.set(process, last + random.below(2));
    const steps = stepsOf(world, outcome);
    return {
      process,
      outcome,
      start,
      end: outcome === 'info' ? Number.POSITIVE_INFINITY : last,
      steps,
    };
  });
}

const outcomes: readonly Outcome[] = ['ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'info', 'fail'];

function stepsOf(world: World, outcome: Outcome): Step[] {
  const { random, manners, past, isList } = world;
  const happens = outcome === 'ok' || (outcome === 'info' && random.chance(0.6));
  const lag = random.chance(manners.lag) ? 1 + random.below(3) : 0;
  const own = new Map<number, { value: Value; appended: number[] }>();
  const says = outcome === 'ok' || (outcome === 'info' && random.chance(0.15));
  const steps = Array.from({ length: 1 + random.below(4) }, (): Step => {
    const key = random.below(isList.length);
    const versions = past[key] as Value[];
    const skew = random.chance(manners.skew) ? random.below(3) : 0;
    const back = Math.max(0, versions.length - 1 - lag - skew);
    const held = own.get(key);
    const seen = held?.value ?? (versions[back] as Value);
    if (random.chance(0.5)) {
      return { f: 'r', key, value: says ? shown(world, key, seen) : null };
    }
    const value = newValue(world, key);
    world.written[key]?.push(value);
    if (isList[key]) {
      const appended = [...(held?.appended ?? []), value];
      own.set(key, { value: [...(seen as readonly number[]), value], appended });
      return { f: 'append', key, value };
    }
    own.set(key, { value, appended: [] });
    return { f: 'w', key, value };
  });
  if (happens || random.chance(manners.dirt)) {
    for (const [key, { value, appended }] of own) {
      const versions = past[key] as Value[];
      const last = versions.at(-1) as Value;
      // Appends go to what is there, whatever was read; at times they do not.
      const isBlind = isList[key] === true && !random.chance(manners.skew / 2);
      versions.push(isBlind ? [...(last as readonly number[]), ...appended] : value);
    }
  }
  return steps;
}

function newValue({ random, repeats, deletes, isList, ...world }: World, key: number): number {
  if (!isList[key] && random.chance(deletes)) return 0;
  const isOld = repeats && random.chance(isList[key] ? 0.25 : 0.6);
  const known = world.written[key] as number[];
  if (isOld && known.length > 0) return random.pick(known);
  return known.length + 1 + 10 * key;
}

function shown({ random, manners, written, isList }: World, key: number, seen: Value): Value {
  if (!random.chance(manners.rubbish)) return seen;
  const all = written[key] as number[];
  if (!isList[key]) return random.pick([0, ...all, 9]);
  const list = [...(seen as readonly number[])];
  switch (random.below(4)) {
    case 0:
      return list.slice(0, -1);
    case 1:
      return list.filter(() => random.chance(0.7));
    case 2:
      return list.reverse();
    default:
      return [...list, random.pick([...all, 9])];
  }
}

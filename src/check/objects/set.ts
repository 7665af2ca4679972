/** A set to which one only adds. */
import { type Narrator, plainText } from '../evidence/narrator.js';
import { type Finding, holds, type Judgement, violated } from '../finding.js';
import { isRead, type ObjectCall } from './calls.js';
import { type GrowingWords, judgeElements, type Reading, readingsOf } from './growing.js';
import { type OutOfOrder, outOfOrder, type Phased } from './phases.js';

const words: GrowingWords = { noun: 'set', did: 'added', deed: 'add' };

export function judgeSet(narrator: Narrator, calls: readonly ObjectCall[]): Judgement {
  const readings = readingsOf(calls, words.noun);
  return 'type' in readings ? readings : judgeElements(narrator, calls, readings, words);
}

/** By phases: what was read must be ever larger sets, each within the next. */
export function linearizableSet(narrator: Narrator, calls: readonly ObjectCall[]): Judgement {
  const readings = readingsOf(calls, words.noun);
  if ('type' in readings) return readings;
  const strange = judgeElements(narrator, calls, readings, words);
  if (strange.type === 'violated' && strange.finding.anomaly !== 'lost element') return strange;
  const adds = addsOf(calls);
  const aborted = abortedIn(narrator, calls, readings, adds);
  if (aborted !== null) return violated(aborted);
  const chain = chainOf(readings);
  if ('odd' in chain) return violated(forkFinding(narrator, chain.odd, adds));
  const found = outOfOrder(phasesOf(chain, readings, adds));
  return found === null ? holds : violated(orderFinding(narrator, found, readings, adds));
}

/** By element, what may have added it. */
function addsOf(calls: readonly ObjectCall[]): Map<string, ObjectCall[]> {
  const adds = new Map<string, ObjectCall[]>();
  for (const call of calls) {
    if (call.kind !== 'add' || call.isFailed || call.written === null) continue;
    const own = adds.get(call.written);
    if (own === undefined) adds.set(call.written, [call]);
    else own.push(call);
  }
  return adds;
}

function abortedIn(
  narrator: Narrator,
  calls: readonly ObjectCall[],
  readings: readonly Reading[],
  adds: ReadonlyMap<string, readonly ObjectCall[]>,
): Finding | null {
  for (const { call, items } of readings) {
    const item = items.find((each) => !adds.has(each));
    if (item === undefined) continue;
    const failed = calls.filter(({ kind, written }) => kind === 'add' && written === item);
    return {
      anomaly: 'aborted read',
      sentence: `${narrator.who(call.at)} read ${plainText(item)}, which surely was not added`,
      because: [],
      operations: [...failed.map(({ at }) => at), call.at],
      culprit: call.at,
    };
  }
  return null;
}

interface Chain {
  /** By element, in the how manieth of the sets that differ it is first; the empty set is the one before all. */
  readonly firstIn: ReadonlyMap<string, number>;
  readonly setOf: ReadonlyMap<Reading, number>;
  readonly length: number;
}

/** Two reads, each with an element that the other has not. */
interface Fork {
  readonly odd: readonly [Reading, Reading];
}

function chainOf(readings: readonly Reading[]): Chain | Fork {
  const bySize = [...readings].sort((a, b) => a.items.length - b.items.length);
  const firstIn = new Map<string, number>();
  const setOf = new Map<Reading, number>();
  let last: Reading | null = null;
  let length = 0;
  for (const reading of bySize) {
    const isLarger = reading.items.length > firstIn.size;
    const fresh = reading.items.filter((item) => !firstIn.has(item));
    if (last !== null && reading.items.length - fresh.length < firstIn.size) {
      return { odd: [last, reading] };
    }
    if (isLarger) {
      length++;
      for (const item of fresh) firstIn.set(item, length);
    }
    setOf.set(reading, length);
    last = reading;
  }
  return { firstIn, setOf, length };
}

function phasesOf(
  { firstIn, setOf, length }: Chain,
  readings: readonly Reading[],
  adds: ReadonlyMap<string, readonly ObjectCall[]>,
): Phased[] {
  const phased: Phased[] = readings.map((reading) => {
    const phase = 2 * (setOf.get(reading) ?? 0) + 1;
    return { call: reading.call, from: phase, to: phase };
  });
  for (const [item, own] of adds) {
    const first = firstIn.get(item);
    const from = 2 * (first ?? length + 1);
    // What was added once more changes nothing, so only one of them, the first to begin, must be in time.
    const needed = own.reduce((a, b) => (b.start < a.start ? b : a));
    for (const call of own) {
      if (first === undefined && !call.isOk) continue;
      const to = call === needed && first !== undefined ? from : Number.POSITIVE_INFINITY;
      phased.push({ call, from, to });
    }
  }
  return phased;
}

function forkFinding(
  narrator: Narrator,
  [a, b]: Fork['odd'],
  adds: ReadonlyMap<string, readonly ObjectCall[]>,
): Finding {
  const missing = (from: Reading, others: Reading): string => {
    const present = new Set(others.items);
    return from.items.find((item) => !present.has(item)) as string;
  };
  const [x, y] = [missing(a, b), missing(b, a)];
  const saw = ({ call }: Reading, has: string, lacks: string) =>
    `${narrator.who(call.at)} read ${plainText(has)} without ${plainText(lacks)}`;
  const added = [x, y].flatMap((item) => adds.get(item) ?? []);
  return {
    anomaly: 'two orders',
    sentence: `${saw(a, x, y)}, and ${saw(b, y, x)}`,
    because: ['whichever was added first, one of the two reads has only the other'],
    operations: [...added, a.call, b.call].map(({ at }) => at),
    culprit: -1,
  };
}

/** `early` must come after `late`, but had ended before it began. */
function orderFinding(
  narrator: Narrator,
  { early, late }: OutOfOrder,
  readings: readonly Reading[],
  adds: ReadonlyMap<string, readonly ObjectCall[]>,
): Finding {
  const who = (call: ObjectCall) => narrator.who(call.at);
  const name = (call: ObjectCall) => plainText(call.written ?? '');
  const told = (
    anomaly: string,
    sentence: string,
    culprit: ObjectCall,
    more: ObjectCall[] = [],
  ) => {
    const operations = [early, late, ...more].map(({ at }) => at);
    return { anomaly, sentence, because: [], operations, culprit: culprit.at };
  };
  if (isRead(early) && isRead(late)) {
    const sentence = `${who(late)} read a smaller set than ${who(early)} had read before`;
    return told('stale read', sentence, late);
  }
  if (isRead(late)) {
    const sentence = `${who(late)} read the set without ${name(early)} after ${who(early)}'s add of it had been acknowledged`;
    return told('stale read', sentence, late);
  }
  if (isRead(early)) {
    const sentence = `${who(early)} read ${name(late)} before anybody began to add it`;
    return told('future read', sentence, early, [...(adds.get(late.written ?? '') ?? [])]);
  }
  const odd = readings.find(({ items }) => {
    const present = new Set(items);
    return present.has(late.written ?? '') && !present.has(early.written ?? '');
  });
  const { call } = odd as Reading;
  const sentence = `${who(call)} read ${name(late)} without ${name(early)}, whose add had been acknowledged before that of ${name(late)} began`;
  return told('two orders', sentence, call, [call]);
}

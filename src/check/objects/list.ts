/** A list to which one only appends, each value once; read whole. */
import { type Narrator, shownText } from '../evidence/narrator.js';
import { type Finding, unknownBecause, violated } from '../finding.js';
import { type JudgeCalls, type ObjectCall, possible } from './calls.js';
import {
  abortedIn,
  type Growing,
  type GrowingWords,
  growingOf,
  judgeElements,
  judgePhases,
  type Phased,
  strangeIn,
  type WholeRead,
} from './growing.js';

const words: GrowingWords = { noun: 'list', did: 'appended', deed: 'append', less: 'shorter' };

/** All reads show beginnings of one list, from which nothing is missing in the end. */
export const judgeList: JudgeCalls = (narrator, calls, budget) => {
  const growing = growingOf(calls, words, budget);
  const elements = judgeElements(narrator, growing);
  if (elements.type === 'violated') return elements;
  const odd = disagreementIn(growing.readings);
  return odd === null ? elements : violated(disagreement(narrator, growing, odd));
};

/** By phases: the longest read says which append was the how manieth. */
export const linearizableList: JudgeCalls = (narrator, calls, budget) => {
  const growing = growingOf(calls, words, budget);
  const strange = strangeIn(narrator, growing);
  if (strange !== null) return violated(strange);
  const odd = disagreementIn(growing.readings);
  if (odd !== null) return violated(disagreement(narrator, growing, odd));
  const appends = possible(calls).filter(({ kind }) => kind === 'append');
  if (new Set(appends.map(({ written }) => written)).size < appends.length) {
    return unknownBecause('a value was appended more than once');
  }
  const aborted = abortedIn(narrator, growing);
  if (aborted !== null) return violated(aborted);
  const longest = longestOf(growing.readings);
  const placeOf = new Map(
    Array.from(longest, (id, at) => [growing.names[id] as string, at] as const),
  );
  // What a longer list tells of the order in which two values were appended.
  return judgePhases(narrator, growing, phasesOf(appends, growing.readings, placeOf), (pair) => {
    const [early, late] = [pair.early.written ?? '', pair.late.written ?? ''];
    const isSeen = placeOf.has(early);
    const shown = growing.names.indexOf(isSeen ? early : late);
    const { call } = growing.readings.find(({ items }) => items.includes(shown)) as WholeRead;
    const saw = `${shownText(late)} ${isSeen ? 'before' : 'without'} ${shownText(early)}`;
    return { call, saw };
  });
};

function longestOf(readings: readonly WholeRead[]): Int32Array {
  let longest: Int32Array = new Int32Array(0);
  for (const { items } of readings) if (items.length > longest.length) longest = items;
  return longest;
}

/** Two reads of which neither is the beginning of the other. */
function disagreementIn(readings: readonly WholeRead[]): readonly [WholeRead, WholeRead] | null {
  let longest: WholeRead | null = null;
  for (const reading of readings) {
    if (longest !== null && placeOfDifference(longest, reading) >= 0) return [longest, reading];
    if (longest === null || reading.items.length > longest.items.length) longest = reading;
  }
  return null;
}

function placeOfDifference(a: WholeRead, b: WholeRead): number {
  const length = Math.min(a.items.length, b.items.length);
  for (let at = 0; at < length; at++) if (a.items[at] !== b.items[at]) return at;
  return -1;
}

function disagreement(
  narrator: Narrator,
  { names }: Growing,
  [a, b]: readonly [WholeRead, WholeRead],
): Finding {
  const place = placeOfDifference(a, b);
  const saw = ({ call, items }: WholeRead) =>
    `${narrator.who(call.at)} read ${shownText(names[items[place] as number] as string)}`;
  return {
    anomaly: 'two orders',
    sentence: `in place ${place + 1} of the list, ${saw(a)}, and ${saw(b)}`,
    operations: [a.call.at, b.call.at],
    culprit: -1,
  };
}

function phasesOf(
  appends: readonly ObjectCall[],
  readings: readonly WholeRead[],
  placeOf: ReadonlyMap<string, number>,
): Phased[] {
  const phased = readings.map(({ call, items }): Phased => {
    const phase = 2 * items.length + 1;
    return { call, from: phase, to: phase };
  });
  for (const call of appends) {
    const place = placeOf.get(call.written ?? '');
    if (place === undefined && !call.isOk) continue;
    const from = 2 * (place ?? placeOf.size) + 2;
    phased.push({ call, from, to: place === undefined ? Number.POSITIVE_INFINITY : from });
  }
  return phased;
}

/** A list to which one only appends, each value once; read whole. */
import { type Narrator, shownText } from '../evidence/narrator.js';
import { type Finding, holds, type ModelVerdict, unknownBecause, violated } from '../finding.js';
import type { Budget } from '../register/operations.js';
import type { ObjectCall } from './calls.js';
import {
  abortedIn,
  type Growing,
  type GrowingWords,
  growingOf,
  judgeElements,
  strangeIn,
  type WholeRead,
} from './growing.js';
import { type OrderStory, orderFinding } from './growing-order.js';
import { type OutOfOrder, outOfOrder, type Phased } from './phases.js';

const words: GrowingWords = { noun: 'list', did: 'appended', deed: 'append' };

/** All reads show beginnings of one list, from which nothing is missing in the end. */
export function judgeList(
  narrator: Narrator,
  calls: readonly ObjectCall[],
  budget: Budget,
): ModelVerdict {
  const growing = growingOf(calls, words, budget);
  if ('type' in growing) return growing;
  const elements = judgeElements(narrator, growing);
  if (elements.type === 'violated') return elements;
  const odd = disagreementIn(growing.readings);
  return odd === null ? elements : violated(disagreement(narrator, growing, odd));
}

/** By phases: the longest read says which append was the how manieth. */
export function linearizableList(
  narrator: Narrator,
  calls: readonly ObjectCall[],
  budget: Budget,
): ModelVerdict {
  const growing = growingOf(calls, words, budget);
  if ('type' in growing) return growing;
  const strange = strangeIn(narrator, growing);
  if (strange !== null) return violated(strange);
  const odd = disagreementIn(growing.readings);
  if (odd !== null) return violated(disagreement(narrator, growing, odd));
  const appends = calls.filter(({ kind, isFailed }) => kind === 'append' && !isFailed);
  if (new Set(appends.map(({ written }) => written)).size < appends.length) {
    return unknownBecause('a value was appended more than once');
  }
  const aborted = abortedIn(narrator, growing);
  if (aborted !== null) return violated(aborted);
  const longest = longestOf(growing.readings);
  const placeOf = new Map(
    Array.from(longest, (id, at) => [growing.names[id] as string, at] as const),
  );
  const found = outOfOrder(phasesOf(appends, growing.readings, placeOf));
  if (found === null) return holds;
  return violated(orderFinding(narrator, found, storyOf(growing, found, placeOf)));
}

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

/** What a longer list tells of the order in which two values were appended. */
function storyOf(
  { readings, names }: Growing,
  { early, late }: OutOfOrder,
  placeOf: ReadonlyMap<string, number>,
): OrderStory {
  const name = (call: ObjectCall) => shownText(call.written ?? '');
  return {
    words,
    less: 'shorter',
    writers: () => [],
    witness: () => {
      const isSeen = placeOf.has(early.written ?? '');
      const shown = names.indexOf((isSeen ? early : late).written ?? '');
      const { call } = readings.find(({ items }) => items.includes(shown)) as WholeRead;
      return { call, saw: `${name(late)} ${isSeen ? 'before' : 'without'} ${name(early)}` };
    },
  };
}

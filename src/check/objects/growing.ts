/**
 * Sets and lists to which one only adds, read whole: what was added must be seen, once, and nothing else. Jepsen's `set`
 * and `set-full`: an element is known from when its addition was acknowledged, or it was first read; it is lost if a read
 * that began later misses it and none that began later still has it.
 */

import type { Narrator } from '../evidence/narrator.js';
import { plainText } from '../evidence/narrator.js';
import { type Finding, type Judgement, unknown, violated } from '../finding.js';
import { isRead, type ObjectCall } from './calls.js';
import { listOf } from './objects.js';

export interface GrowingWords {
  /** `set`, `list` */
  readonly noun: string;
  /** `added`, `appended` */
  readonly did: string;
  /** `add`, `append` */
  readonly deed: string;
}

export interface Reading {
  readonly call: ObjectCall;
  readonly items: readonly string[];
}

interface Element {
  readonly adds: ObjectCall[];
  /** Since when it is known, and by whom. */
  known: ObjectCall | null;
  lastPresent: ObjectCall | null;
  lastAbsent: ObjectCall | null;
}

/** The reads, each with its items; or why that can't be told. */
export function readingsOf(calls: readonly ObjectCall[], noun: string): Reading[] | Judgement {
  const readings: Reading[] = [];
  for (const call of calls) {
    if (!isRead(call)) continue;
    const items = call.seen === null ? [] : listOf(call.seen);
    if (items === null) return unknown(`what was read of the ${noun} is not always a list`);
    readings.push({ call, items });
  }
  return readings;
}

export function judgeElements(
  narrator: Narrator,
  calls: readonly ObjectCall[],
  readings: readonly Reading[],
  words: GrowingWords,
): Judgement {
  if (readings.length === 0) return unknown(`nobody read the ${words.noun}`);
  const elements = elementsOf(calls);
  const strange = strangeIn(narrator, elements, readings, words);
  if (strange !== null) return violated(strange);
  findReads(elements, readings);
  let late = 0;
  let latestNs = 0;
  let stable = 0;
  let recovered = 0;
  for (const [item, element] of elements) {
    const { known, lastPresent, lastAbsent, adds } = element;
    if (isLost(element)) return violated(lostFinding(narrator, item, element, words));
    if (lastPresent === null || (lastAbsent !== null && lastAbsent.start >= lastPresent.start)) {
      continue;
    }
    stable++;
    if (!adds.some(({ isOk }) => isOk)) recovered++;
    const age = lastAbsent === null || known === null ? 0 : lastAbsent.start - known.end;
    if (age > 0) late++;
    latestNs = Math.max(latestNs, age);
  }
  if (stable === 0) return unknown(`no read of the ${words.noun} shows what was ${words.did}`);
  return { type: 'holds', note: noteOf({ stable, late, latestNs, recovered }, words) };
}

interface Counts {
  readonly stable: number;
  readonly late: number;
  readonly latestNs: number;
  readonly recovered: number;
}

function noteOf({ stable, late, recovered }: Counts, { did }: GrowingWords): string {
  const notes = [
    late > 0 ? `${late} of ${stable} were missing from reads that began after they were known` : '',
    recovered > 0 ? `${recovered} were seen that nobody knew to be ${did}` : '',
  ];
  return notes.filter((note) => note !== '').join('; ');
}

function elementsOf(calls: readonly ObjectCall[]): Map<string, Element> {
  const elements = new Map<string, Element>();
  for (const call of calls) {
    if (call.kind === 'get' || call.written === null) continue;
    let element = elements.get(call.written);
    if (element === undefined) {
      element = { adds: [], known: null, lastPresent: null, lastAbsent: null };
      elements.set(call.written, element);
    }
    element.adds.push(call);
    if (call.isOk && (element.known === null || call.end < element.known.end)) element.known = call;
  }
  return elements;
}

/** What was read though nobody tried to add it, or twice in one read. */
function strangeIn(
  narrator: Narrator,
  elements: ReadonlyMap<string, Element>,
  readings: readonly Reading[],
  { did, noun }: GrowingWords,
): Finding | null {
  for (const { call, items } of readings) {
    const met = new Map<string, number>();
    for (const item of items) {
      const times = (met.get(item) ?? 0) + 1;
      met.set(item, times);
      const adds = elements.get(item)?.adds ?? [];
      const most = noun === 'set' ? 1 : adds.length;
      if (times <= Math.max(most, 1) && adds.length > 0) continue;
      const isDuplicate = adds.length > 0;
      const said = `${narrator.who(call.at)} read ${plainText(item)}`;
      return {
        anomaly: isDuplicate ? 'duplicated element' : 'unexpected element',
        sentence: isDuplicate
          ? `${said} ${times} times in one ${noun}`
          : `${said}, which nobody ${did}`,
        because: [],
        operations: [...adds.map(({ at }) => at), call.at],
        culprit: call.at,
      };
    }
  }
  return null;
}

/** Each read is looked through once; what is missing from one is not looked for in those before. */
function findReads(elements: ReadonlyMap<string, Element>, readings: readonly Reading[]): void {
  const unmissed = new Map(elements);
  for (const { call, items } of [...readings].sort((a, b) => b.call.start - a.call.start)) {
    const present = new Set(items);
    for (const item of present) {
      const element = elements.get(item);
      if (element === undefined) continue;
      element.lastPresent ??= call;
      if (element.known === null || call.end < element.known.end) element.known = call;
    }
    for (const [item, element] of unmissed) {
      if (present.has(item)) continue;
      element.lastAbsent = call;
      unmissed.delete(item);
    }
  }
}

function isLost({ known, lastPresent, lastAbsent }: Element): boolean {
  if (known === null || lastAbsent === null || known.end >= lastAbsent.start) return false;
  return lastPresent === null || lastPresent.start < lastAbsent.start;
}

function lostFinding(
  narrator: Narrator,
  item: string,
  { known, lastAbsent, adds }: Element,
  { noun, deed }: GrowingWords,
): Finding {
  const first = known as ObjectCall;
  const last = lastAbsent as ObjectCall;
  const name = plainText(item);
  const since =
    first.kind === 'get'
      ? `${narrator.who(first.at)} had read it`
      : `${narrator.who(first.at)}'s ${deed} of it had been acknowledged`;
  return {
    anomaly: 'lost element',
    sentence: `${narrator.who(last.at)} read the ${noun} without ${name} after ${since}, and no later read has it`,
    because: [],
    operations: [...(first.kind === 'get' ? adds.slice(0, 1) : []), first, last].map(
      ({ at }) => at,
    ),
    culprit: last.at,
  };
}

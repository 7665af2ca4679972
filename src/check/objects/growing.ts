/**
 * Sets and lists to which one only adds, read whole: what was added must be seen, once, and nothing else. Jepsen's `set`
 * and `set-full`: an element is known from when its addition was acknowledged, or it was first read; it is lost if a read
 * that began later misses it and none that began later still has it.
 */

import { entryOf } from '../../core/lookup.js';
import { askBudget, type Budget, Undecided } from '../budget.js';
import { type Narrator, shownText } from '../evidence/narrator.js';
import { type Finding, holds, type ModelVerdict, unknownBecause, violated } from '../finding.js';
import { isRead, type ObjectCall } from './calls.js';
import { parsedOf } from './values.js';

export interface GrowingWords {
  readonly noun: 'set' | 'list';
  /** `added`, `appended` */
  readonly did: string;
  /** `add`, `append` */
  readonly deed: string;
  /** `smaller`, `shorter` */
  readonly less: string;
}

export interface WholeRead {
  readonly call: ObjectCall;
  /** Ids of elements. */
  readonly items: Int32Array;
}

export interface Element {
  /** What tried to add it, in the order of the history. */
  readonly adds: ObjectCall[];
  /** Since when it is known, and by whom. */
  known: ObjectCall | null;
  lastPresent: ObjectCall | null;
  lastAbsent: ObjectCall | null;
}

export interface Growing {
  readonly words: GrowingWords;
  readonly readings: readonly WholeRead[];
  /** By id. */
  readonly elements: readonly Element[];
  readonly names: readonly string[];
}

/** Elements by number: many reads of many elements are the rule. */
class Elements {
  readonly all: Element[] = [];
  readonly names: string[] = [];
  readonly #ids = new Map<string, number>();
  readonly #numbers = new Map<number, number>();

  idOf(name: string): number {
    let id = this.#ids.get(name);
    if (id === undefined) {
      id = this.names.push(name) - 1;
      this.#ids.set(name, id);
      this.all.push({ adds: [], known: null, lastPresent: null, lastAbsent: null });
    }
    return id;
  }

  /** A string is its own text, anything else is its JSON. */
  idOfItem(item: unknown): number {
    if (typeof item === 'string') return this.idOf(item);
    if (typeof item !== 'number') return this.idOf(JSON.stringify(item));
    return entryOf(this.#numbers, item, () => this.idOf(`${item}`));
  }
}

/** Read once for all models. */
const read = new WeakMap<readonly ObjectCall[], Growing>();

/** What was added and read. */
export function growingOf(
  calls: readonly ObjectCall[],
  words: GrowingWords,
  budget: Budget,
): Growing {
  const known = read.get(calls);
  if (known !== undefined) return known;
  const elements = new Elements();
  const readings: WholeRead[] = [];
  for (const call of calls) {
    if (call.kind !== 'get' && call.written !== null) {
      elements.all[elements.idOf(call.written)]?.adds.push(call);
    } else if (isRead(call)) {
      askBudget(budget, 4 * elements.names.length * readings.length);
      const items = call.seen === null ? [] : parsedOf(call.seen);
      if (!Array.isArray(items)) {
        throw new Undecided(`what was read of the ${words.noun} is not always a list`);
      }
      readings.push({ call, items: Int32Array.from(items, (item) => elements.idOfItem(item)) });
    }
  }
  const growing = { words, readings, elements: elements.all, names: elements.names };
  findReads(growing, budget);
  read.set(calls, growing);
  return growing;
}

/** Each read is looked through once; what is missing from one is not looked for in those before. */
function findReads({ elements, readings }: Growing, budget: Budget): void {
  for (const element of elements) {
    for (const add of element.adds) {
      if (add.isOk && (element.known === null || add.end < element.known.end)) element.known = add;
    }
  }
  const latestFirst = [...readings].sort((a, b) => b.call.start - a.call.start);
  const seenIn = new Int32Array(elements.length).fill(-1);
  let unmissed = elements.map((_, id) => id);
  for (const [order, { call, items }] of latestFirst.entries()) {
    askBudget(budget);
    for (const id of items) {
      seenIn[id] = order;
      const element = elements[id] as Element;
      element.lastPresent ??= call;
      if (element.known === null || call.end < element.known.end) element.known = call;
    }
    let missing = 0;
    for (const id of unmissed) {
      if (seenIn[id] === order) continue;
      (elements[id] as Element).lastAbsent = call;
      missing++;
    }
    if (missing > 0) unmissed = unmissed.filter((id) => seenIn[id] === order);
  }
}

export function judgeElements(narrator: Narrator, growing: Growing): ModelVerdict {
  const { elements, readings, words } = growing;
  if (readings.length === 0) return unknownBecause(`nobody read the ${words.noun}`);
  const strange = strangeIn(narrator, growing);
  if (strange !== null) return violated(strange);
  let late = 0;
  let stable = 0;
  let recovered = 0;
  for (const [id, element] of elements.entries()) {
    const { known, lastPresent, lastAbsent, adds } = element;
    if (isLost(element)) return violated(lostFinding(narrator, growing, id));
    if (lastPresent === null || (lastAbsent !== null && lastAbsent.start >= lastPresent.start)) {
      continue;
    }
    stable++;
    if (!adds.some(({ isOk }) => isOk)) recovered++;
    if (lastAbsent !== null && known !== null && lastAbsent.start > known.end) late++;
  }
  if (stable === 0)
    return unknownBecause(`no read of the ${words.noun} shows what was ${words.did}`);
  const notes = [
    late > 0 ? `${late} of ${stable} were missing from reads that began after they were known` : '',
    recovered > 0 ? `${recovered} were seen that nobody knew to be ${words.did}` : '',
  ];
  return { type: 'holds', note: notes.filter((note) => note !== '').join('; ') };
}

/** What was read though nobody tried to add it, or twice in one read. */
export function strangeIn(
  narrator: Narrator,
  { elements, readings, names, words: { noun, did } }: Growing,
): Finding | null {
  const seenIn = new Int32Array(elements.length).fill(-1);
  for (const [order, { call, items }] of readings.entries()) {
    for (const id of items) {
      const { adds } = elements[id] as Element;
      const isRepeated = seenIn[id] === order;
      seenIn[id] = order;
      const times = isRepeated ? items.filter((other) => other === id).length : 1;
      const most = noun === 'set' ? 1 : adds.length;
      if (adds.length > 0 && times <= most) continue;
      const said = `${narrator.who(call.at)} read ${shownText(names[id] as string)}`;
      const isDuplicate = adds.length > 0;
      return {
        anomaly: isDuplicate ? 'duplicated element' : 'unexpected element',
        sentence: isDuplicate
          ? `${said} ${times} times in one ${noun}`
          : `${said}, which nobody ${did}`,
        operations: [...adds.map(({ at }) => at), call.at],
        culprit: call.at,
      };
    }
  }
  return null;
}

/** What was read though all who tried to add it surely failed. */
export function abortedIn(
  narrator: Narrator,
  { elements, readings, names, words: { did } }: Growing,
): Finding | null {
  const isAborted = elements.map(({ adds }) => adds.every(({ isFailed }) => isFailed));
  if (!isAborted.includes(true)) return null;
  for (const { call, items } of readings) {
    const id = items.find((item) => isAborted[item] === true);
    if (id === undefined) continue;
    return {
      anomaly: 'aborted read',
      sentence: `${narrator.who(call.at)} read ${shownText(names[id] as string)}, which surely was not ${did}`,
      operations: [...(elements[id] as Element).adds.map(({ at }) => at), call.at],
      culprit: call.at,
    };
  }
  return null;
}

function isLost({ known, lastPresent, lastAbsent }: Element): boolean {
  if (known === null || lastAbsent === null || known.end >= lastAbsent.start) return false;
  return lastPresent === null || lastPresent.start < lastAbsent.start;
}

function lostFinding(narrator: Narrator, { elements, names, words }: Growing, id: number): Finding {
  const { known, lastAbsent, adds } = elements[id] as Element;
  const first = known as ObjectCall;
  const last = lastAbsent as ObjectCall;
  const since =
    first.kind === 'get'
      ? `${narrator.who(first.at)} had read it`
      : `${narrator.who(first.at)}'s ${words.deed} of it had been acknowledged`;
  const name = shownText(names[id] as string);
  return {
    anomaly: 'lost element',
    sentence: `${narrator.who(last.at)} read the ${words.noun} without ${name} after ${since}, and no later read has it`,
    operations: [...(first.kind === 'get' ? adds.slice(0, 1) : []), first, last].map(
      ({ at }) => at,
    ),
    culprit: last.at,
  };
}

/**
 * Linearizability where what was read fixes the order of everything. Each call belongs into a phase, or no earlier than one:
 * between two reads that differ stand the additions that make the difference. An order of the phases is an order of the
 * calls; it keeps the clock unless a call of a later phase had ended before one of an earlier phase began. Intervals keep
 * more than pairs only where pairs do.
 */
export interface Phased {
  readonly call: ObjectCall;
  /** It takes effect in no phase before, */
  readonly from: number;
  /** and in none after. */
  readonly to: number;
}

/** `early` had ended before `late` began, and must come after it. */
interface OutOfOrder {
  readonly early: ObjectCall;
  readonly late: ObjectCall;
}

/** `null`: there are no such two. */
function outOfOrder(calls: readonly Phased[]): OutOfOrder | null {
  const byFrom = [...calls].sort((a, b) => b.from - a.from);
  const byTo = [...calls].sort((a, b) => b.to - a.to);
  let next = 0;
  let first: ObjectCall | null = null;
  for (const { call, to } of byTo) {
    for (; next < byFrom.length && (byFrom[next] as Phased).from > to; next++) {
      const other = (byFrom[next] as Phased).call;
      if (first === null || other.end < first.end) first = other;
    }
    if (first !== null && first.end < call.start) return { early: first, late: call };
  }
  return null;
}

/** Of two additions that can only have happened in the other order: who saw that, and what. */
type Witness = (pair: OutOfOrder) => { readonly call: ObjectCall; readonly saw: string };

/** `writers`: who else wrote what was read before `late` wrote it. */
export function judgePhases(
  narrator: Narrator,
  { words: { noun, deed, less } }: Growing,
  calls: readonly Phased[],
  witness: Witness,
  writers: (late: ObjectCall) => readonly ObjectCall[] = () => [],
): ModelVerdict {
  const pair = outOfOrder(calls);
  if (pair === null) return holds;
  const { early, late } = pair;
  const who = (call: ObjectCall) => narrator.who(call.at);
  const name = (call: ObjectCall) => shownText(call.written ?? '');
  const told = (
    anomaly: string,
    sentence: string,
    culprit: ObjectCall,
    more: readonly ObjectCall[] = [],
  ): ModelVerdict => {
    const operations = [early, late, ...more].map(({ at }) => at);
    return violated({ anomaly, sentence, operations, culprit: culprit.at });
  };
  if (isRead(early) && isRead(late)) {
    const sentence = `${who(late)} read a ${less} ${noun} than ${who(early)} had read before`;
    return told('stale read', sentence, late);
  }
  if (isRead(late)) {
    const sentence = `${who(late)} read the ${noun} without ${name(early)} after ${who(early)}'s ${deed} of it had been acknowledged`;
    return told('stale read', sentence, late);
  }
  if (isRead(early)) {
    const sentence = `${who(early)} read ${name(late)} before anybody began to ${deed} it`;
    return told('future read', sentence, early, writers(late));
  }
  const { call, saw } = witness(pair);
  const sentence = `${who(call)} read ${saw}, whose ${deed} had been acknowledged before that of ${name(late)} began`;
  return told('two orders', sentence, call, [call]);
}

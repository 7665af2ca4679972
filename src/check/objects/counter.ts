/** A counter that begins at zero, to which one adds. */
import { type Narrator, shownText } from '../evidence/narrator.js';
import { type Finding, holds, type ModelVerdict, unknownBecause, violated } from '../finding.js';
import { countWhile } from '../lookup.js';
import type { Budget } from '../register/operations.js';
import { hashNumber } from '../search/hash.js';
import type { Model } from '../search/model.js';
import { isRead, type ObjectCall } from './calls.js';
import { searched } from './searched.js';

interface Read {
  readonly call: ObjectCall;
  readonly value: number;
}

interface Add {
  readonly call: ObjectCall;
  readonly amount: number;
}

const wholeNumber = (text: string | null): number | null => {
  const number = text === null || text.trim() === '' ? Number.NaN : Number(text);
  return Number.isSafeInteger(number) ? number : null;
};

/** Reads of nothing say nothing. */
function numbersOf(calls: readonly ObjectCall[]): { reads: Read[]; adds: Add[] } | ModelVerdict {
  const reads: Read[] = [];
  const adds: Add[] = [];
  for (const call of calls) {
    const isAdd = call.kind === 'add';
    if (call.isFailed || (!isAdd && (!isRead(call) || call.seen === null))) continue;
    const number = wholeNumber(isAdd ? call.written : call.seen);
    if (number === null)
      return unknownBecause('what is added to a counter, or read, is a whole number');
    if (isAdd) adds.push({ call, amount: number });
    else reads.push({ call, value: number });
  }
  return { reads, adds };
}

/**
 * Jepsen's `counter`: each read is between the least that the counter can be (all that had been acknowledged before the
 * read began) and the most (all that had been begun before it ended). What is taken away counts the other way round.
 */
export function judgeCounter(narrator: Narrator, calls: readonly ObjectCall[]): ModelVerdict {
  const numbers = numbersOf(calls);
  if ('type' in numbers) return numbers;
  const { reads, adds } = numbers;
  const up = adds.filter(({ amount }) => amount > 0);
  const down = adds.filter(({ amount }) => amount < 0);
  const sureUp = sumsBy(up, ({ call }) => call.end);
  const sureDown = sumsBy(down, ({ call }) => call.end);
  const begunUp = sumsBy(up, ({ call }) => call.start);
  const begunDown = sumsBy(down, ({ call }) => call.start);
  for (const { call, value } of reads) {
    const least = sureUp.before(call.start) + begunDown.upTo(call.end);
    const most = begunUp.upTo(call.end) + sureDown.before(call.start);
    if (value < least) return violated(tooLittle(narrator, { call, value }, adds, least));
    if (value > most) return violated(tooMuch(narrator, { call, value }, adds, most));
  }
  return holds;
}

/** What the amounts whose moments were up to some time come to. */
function sumsBy(adds: readonly Add[], momentOf: (add: Add) => number) {
  const sorted = [...adds].sort((a, b) => momentOf(a) - momentOf(b));
  const moments = sorted.map(momentOf);
  const sums = [0];
  for (const { amount } of sorted) sums.push((sums.at(-1) as number) + amount);
  const sumOf = (isWithin: (moment: number) => boolean): number =>
    sums[countWhile(moments, isWithin)] as number;
  return {
    before: (time: number) => sumOf((moment) => moment < time),
    upTo: (time: number) => sumOf((moment) => moment <= time),
  };
}

/** As few of the adds as suffice: the largest first. */
function tooLittle(
  narrator: Narrator,
  { call, value }: Read,
  adds: readonly Add[],
  least: number,
): Finding {
  const before = adds.filter((add) => add.amount > 0 && add.call.end < call.start);
  const begun = adds.filter((add) => add.amount < 0 && add.call.start <= call.end);
  let sum = begun.reduce((total, { amount }) => total + amount, 0);
  const enough: Add[] = [];
  for (const add of [...before].sort((a, b) => b.amount - a.amount)) {
    if (sum > value) break;
    sum += add.amount;
    enough.push(add);
  }
  const taken = begun.length === 0 ? '' : ', whatever was taken away by then';
  return {
    anomaly: 'lost add',
    sentence: `${narrator.who(call.at)} read ${value} after adds that come to ${least} had been acknowledged${taken}`,
    operations: [...[...enough, ...begun].map((add) => add.call.at), call.at],
    culprit: call.at,
  };
}

function tooMuch(
  narrator: Narrator,
  { call, value }: Read,
  adds: readonly Add[],
  most: number,
): Finding {
  const counted = adds.filter((add) =>
    add.amount > 0 ? add.call.start <= call.end : add.call.end < call.start,
  );
  return {
    anomaly: 'add that nobody made',
    sentence: `${narrator.who(call.at)} read ${value}, but all adds begun by then come to ${most} at most`,
    operations: [...counted.map((add) => add.call.at), call.at],
    culprit: call.at,
  };
}

type CounterOperation = { readonly add: number } | { readonly read: number };

const counterModel: Model<number, CounterOperation> = {
  initial: 0,
  step: (state, operation) =>
    'add' in operation ? [true, state + operation.add] : [state === operation.read, state],
  equal: (a, b) => a === b,
  hash: (state) => hashNumber(state, 0x811c9dc5),
};

export function linearizableCounter(
  narrator: Narrator,
  calls: readonly ObjectCall[],
  budget: Budget,
): ModelVerdict {
  const numbers = numbersOf(calls);
  if ('type' in numbers) return numbers;
  const bounds = judgeCounter(narrator, calls);
  if (bounds.type === 'violated') return bounds;
  const { reads, adds } = numbers;
  const asked = [
    ...adds.map(({ call, amount }) => ({ call, operation: { add: amount } })),
    ...reads.map(({ call, value }) => ({ call, operation: { read: value } })),
  ];
  return searched(counterModel, asked, budget, (core) => {
    const last = core.at(-1) as ObjectCall;
    const what = isRead(last)
      ? `read ${shownText(last.seen ?? '')}`
      : `added ${shownText(last.written ?? '')}`;
    return `${narrator.who(last.at)} ${what}, which no order of the adds and reads before it explains`;
  });
}

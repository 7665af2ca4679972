/** A counter that begins at zero, to which one adds. */

import { countWhile } from '../../core/lookup.js';
import { Undecided } from '../budget.js';
import type { Narrator } from '../evidence/narrator.js';
import { type Finding, holds, violated } from '../finding.js';
import { hashNumber, type Model } from '../search/model.js';
import { searched, unexplained } from '../search/searched.js';
import { isRead, type JudgeCalls, type ObjectCall } from './calls.js';

/** What was read, or is added. */
interface Said {
  readonly call: ObjectCall;
  readonly number: number;
}

function numberIn(text: string | null): number {
  const number = text === null || text.trim() === '' ? Number.NaN : Number(text);
  if (Number.isSafeInteger(number)) return number;
  throw new Undecided('what is added to a counter, or read, is a whole number');
}

/** Reads of nothing say nothing. */
function numbersOf(calls: readonly ObjectCall[]): { reads: Said[]; adds: Said[] } {
  const reads: Said[] = [];
  const adds: Said[] = [];
  for (const call of calls) {
    if (call.isFailed) continue;
    if (call.kind === 'add') adds.push({ call, number: numberIn(call.written) });
    else if (isRead(call) && call.seen !== null) reads.push({ call, number: numberIn(call.seen) });
  }
  return { reads, adds };
}

/**
 * Jepsen's `counter`: each read is between the least that the counter can be (all that had been acknowledged before the
 * read began) and the most (all that had been begun before it ended). What is taken away counts the other way round.
 */
export const judgeCounter: JudgeCalls = (narrator, calls) => {
  const { reads, adds } = numbersOf(calls);
  const up = adds.filter(({ number }) => number > 0);
  const down = adds.filter(({ number }) => number < 0);
  const sureUp = sumsBy(up, ({ call }) => call.end);
  const sureDown = sumsBy(down, ({ call }) => call.end);
  const begunUp = sumsBy(up, ({ call }) => call.start);
  const begunDown = sumsBy(down, ({ call }) => call.start);
  for (const read of reads) {
    const { start, end } = read.call;
    const least = sureUp.before(start) + begunDown.upTo(end);
    const most = begunUp.upTo(end) + sureDown.before(start);
    if (read.number < least) return violated(tooLittle(narrator, read, adds, least));
    if (read.number > most) return violated(tooMuch(narrator, read, adds, most));
  }
  return holds;
};

/** What the amounts whose moments were up to some time come to. */
function sumsBy(adds: readonly Said[], momentOf: (add: Said) => number) {
  const sorted = [...adds].sort((a, b) => momentOf(a) - momentOf(b));
  const moments = sorted.map(momentOf);
  const sums = [0];
  for (const { number } of sorted) sums.push((sums.at(-1) as number) + number);
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
  { call, number }: Said,
  adds: readonly Said[],
  least: number,
): Finding {
  const before = adds.filter((add) => add.number > 0 && add.call.end < call.start);
  const begun = adds.filter((add) => add.number < 0 && add.call.start <= call.end);
  let sum = begun.reduce((total, add) => total + add.number, 0);
  const enough: Said[] = [];
  for (const add of before.sort((a, b) => b.number - a.number)) {
    if (sum > number) break;
    sum += add.number;
    enough.push(add);
  }
  const taken = begun.length === 0 ? '' : ', whatever was taken away by then';
  return {
    anomaly: 'lost add',
    sentence: `${narrator.who(call.at)} read ${number} after adds that come to ${least} had been acknowledged${taken}`,
    operations: [...[...enough, ...begun].map((add) => add.call.at), call.at],
    culprit: call.at,
  };
}

function tooMuch(
  narrator: Narrator,
  { call, number }: Said,
  adds: readonly Said[],
  most: number,
): Finding {
  const counted = adds.filter((add) =>
    add.number > 0 ? add.call.start <= call.end : add.call.end < call.start,
  );
  return {
    anomaly: 'add that nobody made',
    sentence: `${narrator.who(call.at)} read ${number}, but all adds begun by then come to ${most} at most`,
    operations: [...counted.map((add) => add.call.at), call.at],
    culprit: call.at,
  };
}

const counterModel: Model<number, { readonly isRead: boolean; readonly number: number }> = {
  initial: 0,
  step: (state, { isRead: reads, number }) =>
    reads ? [state === number, state] : [true, state + number],
  equal: (a, b) => a === b,
  hash: (state) => hashNumber(state, 0x811c9dc5),
};

export const linearizableCounter: JudgeCalls = (narrator, calls, budget) => {
  const bounds = judgeCounter(narrator, calls, budget);
  if (bounds.type === 'violated') return bounds;
  const { reads, adds } = numbersOf(calls);
  const asked = [...adds, ...reads].map(({ call, number }) => ({
    call,
    operation: { isRead: isRead(call), number },
  }));
  return searched(counterModel, asked, budget, unexplained(narrator, 'the adds and reads'));
};

/** A queue as first in, first out, linearizable. */

import { countWhile } from '../../core/lookup.js';
import { type Budget, Undecided } from '../budget.js';
import { type Narrator, shownText } from '../evidence/narrator.js';
import { type Finding, holds, type ModelVerdict, violated } from '../finding.js';
import { hashString, type Model } from '../search/model.js';
import { type Asked, searched, unexplained } from '../search/searched.js';
import { type JudgeCalls, type ObjectCall, possible } from './calls.js';
import { type Dealings, dealingsOf, judgeQueue } from './queue.js';

/**
 * Where each value is enqueued once, and all that was taken is known, there is nothing to search. It is then enough that
 * nothing is taken twice or too early; that of two, of which one had surely gone in before the other, it does not surely
 * come out after it; and that who found the queue empty did not do so while something was surely in it all the time
 * (T. Henzinger, A. Sezgin and V. Vafeiadis, "Aspect-oriented linearizability proofs", CONCUR 2013).
 */
export const linearizableQueue: JudgeCalls = (narrator, calls, budget) => {
  const queue = judgeQueue(narrator, calls, budget);
  if (queue.type !== 'holds') return queue;
  const dealings = dealingsOf(calls);
  const { takings, open } = dealings;
  const enqueues = possible(dealings.enqueues);
  const isUnique = new Set(enqueues.map(({ written }) => written)).size === enqueues.length;
  if (!isUnique || open.length > 0) return searchedQueue(narrator, dealings, budget);
  const taken = new Map<string, ObjectCall>();
  for (const { call, item } of takings) if (item !== null) taken.set(item, call);
  const stays = enqueues
    .map((enqueue) => ({ enqueue, out: taken.get(enqueue.written ?? '') }))
    .filter(({ enqueue, out }) => enqueue.isOk || out !== undefined);
  const empty = takings.filter(({ item }) => item === null).map(({ call }) => call);
  const finding = overtakingIn(narrator, stays) ?? notEmpty(narrator, stays, empty);
  return finding === null ? holds : violated(finding);
};

/** An item's time in the queue. */
interface Stay {
  readonly enqueue: ObjectCall;
  /** Absent: it never came out. */
  readonly out: ObjectCall | undefined;
}

const outFrom = ({ out }: Stay): number => out?.start ?? Number.POSITIVE_INFINITY;

function overtakingIn(narrator: Narrator, stays: readonly Stay[]): Finding | null {
  const byEnd = [...stays].sort((a, b) => a.enqueue.end - b.enqueue.end);
  const byStart = [...stays].sort((a, b) => a.enqueue.start - b.enqueue.start);
  let next = 0;
  let latest: Stay | null = null;
  for (const second of byStart) {
    for (; next < byEnd.length; next++) {
      const first = byEnd[next] as Stay;
      if (first.enqueue.end >= second.enqueue.start) break;
      if (latest === null || outFrom(first) > outFrom(latest)) latest = first;
    }
    if (latest === null || second.out === undefined) continue;
    if (outFrom(latest) > second.out.end) return overtaking(narrator, latest, second, second.out);
  }
  return null;
}

function overtaking(narrator: Narrator, first: Stay, second: Stay, secondOut: ObjectCall): Finding {
  const name = ({ enqueue }: Stay) => shownText(enqueue.written ?? '');
  const out = first.out === undefined ? 'which never came out' : 'which came out later';
  const operations = [first.enqueue, second.enqueue, secondOut, ...(first.out ? [first.out] : [])];
  return {
    anomaly: 'overtaking',
    sentence: `${narrator.who(secondOut.at)} took ${name(second)} from the queue before ${name(first)}, ${out}, though ${name(first)} had gone in before ${name(second)} was begun`,
    operations: operations.map(({ at }) => at),
    culprit: secondOut.at,
  };
}

/** Who found the queue empty while one item or another was in it, from before it began until after it had ended. */
function notEmpty(
  narrator: Narrator,
  stays: readonly Stay[],
  empty: readonly ObjectCall[],
): Finding | null {
  const known = soFar(stays);
  for (const call of empty) {
    const chain = coverOf(call, known);
    if (chain === null) continue;
    const names = chain.map(({ enqueue }) => shownText(enqueue.written ?? ''));
    const what = names.length === 1 ? `${names[0]} was` : `${names.join(', then ')} were`;
    const outs = chain.flatMap(({ out }) => (out === undefined ? [] : [out]));
    return {
      anomaly: 'found empty',
      sentence: `${narrator.who(call.at)} found the queue empty, though ${what} in it all the time`,
      operations: [...chain.map(({ enqueue }) => enqueue), ...outs, call].map(({ at }) => at),
      culprit: call.at,
    };
  }
  return null;
}

/** By when they were surely in the queue; and of the first one, the first two, …, the one that stayed longest. */
interface Stays {
  readonly begins: readonly number[];
  readonly longest: readonly Stay[];
}

function soFar(stays: readonly Stay[]): Stays {
  const byBegin = [...stays].sort((a, b) => a.enqueue.end - b.enqueue.end);
  const longest: Stay[] = [];
  for (const stay of byBegin) {
    const before = longest.at(-1);
    longest.push(before === undefined || outFrom(stay) > outFrom(before) ? stay : before);
  }
  return { begins: byBegin.map(({ enqueue }) => enqueue.end), longest };
}

/** As few stays as together cover all of the call; `null`: there is a moment that none of them does. */
function coverOf(call: ObjectCall, { begins, longest }: Stays): Stay[] | null {
  const chain: Stay[] = [];
  /** Up to here, and not with it, something was in the queue. */
  let until = call.start;
  while (until <= call.end) {
    // The first must be in before the call begins, each other before the one before it comes out.
    const count = countWhile(begins, (begin) => begin < until);
    const stay = count === 0 ? undefined : longest[count - 1];
    if (stay === undefined || outFrom(stay) <= until) return null;
    chain.push(stay);
    until = outFrom(stay);
  }
  return chain;
}

type QueueOperation =
  | { readonly put: string }
  /** `null`: it was found empty; `undefined`: nobody knows what came out. */
  | { readonly took: string | null | undefined };

const queueModel: Model<readonly string[], QueueOperation> = {
  initial: [],
  step(state, operation) {
    if ('put' in operation) return [true, [...state, operation.put]];
    const { took } = operation;
    if (took === undefined) return [true, state.slice(1)];
    if (took === null) return [state.length === 0, state];
    return [state[0] === took, state.slice(1)];
  },
  equal: (a, b) => a.length === b.length && a.every((item, at) => item === b[at]),
  hash: (state) => state.reduce((hash, item) => hashString(item, hash + 1), 0x811c9dc5),
  bytes: (state) => 32 + 16 * state.length,
};

function searchedQueue(
  narrator: Narrator,
  { enqueues, takings, open }: Dealings,
  budget: Budget,
): ModelVerdict {
  // How many a drain has taken nobody knows.
  if (open.some(({ kind }) => kind === 'drain')) throw new Undecided('nobody answered a drain');
  const asked: Asked<QueueOperation>[] = [
    ...possible(enqueues).map((call) => ({ call, operation: { put: call.written ?? '' } })),
    ...takings.map(({ call, item }) => ({ call, operation: { took: item } })),
    ...open.map((call) => ({ call, operation: { took: undefined } })),
  ];
  const tell = unexplained(narrator, 'what was enqueued and dequeued');
  return searched(queueModel, asked, budget, tell);
}

/** What the models of objects mean, written down as simply as can be, and slowly. */
import type { ObjectCall } from '../calls.js';

type Step<State> = (state: State, call: ObjectCall) => State | null;

const effective = (calls: readonly ObjectCall[]) =>
  calls.filter(({ isFailed, kind, isOk }) => !isFailed && (kind !== 'get' || isOk));

/**
 * Every order that keeps the clock is tried; what has no end may be left out, and so may what is not `demanded`. `step` is
 * null where a call is impossible.
 */
export function isLinearizable<State>(
  calls: readonly ObjectCall[],
  initial: State,
  step: Step<State>,
  demanded: (call: ObjectCall) => boolean = () => true,
): boolean {
  const isDemanded = (call: ObjectCall) => call.end !== Number.POSITIVE_INFINITY && demanded(call);
  const extend = (state: State, left: readonly ObjectCall[]): boolean => {
    if (!left.some(isDemanded)) return true;
    return left.some((call) => {
      const missed = left.filter((other) => other.end < call.start);
      if (missed.some(isDemanded)) return false;
      const after = step(state, call);
      const rest = left.filter((other) => other !== call && !missed.includes(other));
      return after !== null && extend(after, rest);
    });
  };
  return extend(initial, effective(calls));
}

const parsed = (text: string | null): unknown => (text === null ? null : JSON.parse(text));

export const setStep: Step<readonly string[]> = (state, call) => {
  if (call.kind === 'add') return [...new Set([...state, call.written as string])].sort();
  const read = (parsed(call.seen) as unknown[]).map(String).sort();
  return read.join() === state.join() ? state : null;
};

export const listStep: Step<readonly string[]> = (state, call) => {
  if (call.kind === 'append') return [...state, call.written as string];
  return (parsed(call.seen) as unknown[]).join() === state.join() ? state : null;
};

export const counterStep: Step<number> = (state, call) => {
  if (call.kind === 'add') return state + Number(call.written);
  return Number(call.seen) === state ? state : null;
};

export const mutexStep: Step<boolean> = (isHeld, { kind }) =>
  isHeld === (kind === 'acquire') ? null : kind === 'acquire';

export const ownedStep: Step<number | 'free'> = (holder, { kind, process }) => {
  if (kind === 'acquire') return holder === 'free' ? process : null;
  return holder === process ? 'free' : null;
};

export const reentrantStep: Step<readonly number[]> = (held, { kind, process }) => {
  if (held.some((owner) => owner !== process)) return null;
  if (kind === 'acquire') return [...held, process];
  return held.length === 0 ? null : held.slice(1);
};

/** Drains must have been made dequeues before. */
export const queueStep: Step<readonly string[]> = (state, call) => {
  if (call.kind === 'enqueue') return [...state, call.written as string];
  if (!call.isOk) return state.slice(1);
  if (call.seen === null) return state.length === 0 ? state : null;
  return state[0] === call.seen ? state.slice(1) : null;
};

export function drainsAsDequeues(calls: readonly ObjectCall[]): ObjectCall[] {
  return calls.flatMap((call) => {
    if (call.kind !== 'drain' || !call.isOk) return [call];
    const items = [...((parsed(call.seen) as unknown[] | null) ?? []).map(String), null];
    return items.map((seen): ObjectCall => ({ ...call, kind: 'dequeue', seen }));
  });
}

/** For the balances that accounts began with, each of `beginnings` is tried. */
export function isLinearizableBank(
  calls: readonly ObjectCall[],
  beginnings: readonly Readonly<Record<string, number>>[],
  demanded?: (call: ObjectCall) => boolean,
): boolean {
  const step: Step<Readonly<Record<string, number>>> = (state, call) => {
    if (call.kind === 'get') {
      const read = parsed(call.seen) as Record<string, number>;
      return read['a'] === state['a'] && read['b'] === state['b'] ? state : null;
    }
    const { from, to, amount } = parsed(call.written) as {
      from: string;
      to: string;
      amount: number;
    };
    const after = { ...state, [from]: (state[from] as number) - amount };
    return { ...after, [to]: (after[to] as number) + amount };
  };
  return beginnings.some((beginning) => isLinearizable(calls, beginning, step, demanded));
}

export type Answer = 'holds' | 'violated' | 'unknown';

const itemsOf = (call: ObjectCall): string[] =>
  ((parsed(call.seen) as unknown[]) ?? []).map(String);

/** Jepsen's set-full without its option, read by read and element by element; and no element that nobody tried to add. */
export function growing(calls: readonly ObjectCall[], noun: 'set' | 'list'): Answer {
  const reads = calls.filter(({ kind, isOk }) => kind === 'get' && isOk);
  const attempts = calls.filter(({ kind }) => kind !== 'get');
  if (reads.length === 0) return 'unknown';
  const elements = [...new Set(attempts.map(({ written }) => written as string))];
  const isStrange = reads.some((read) =>
    itemsOf(read).some((item, at, all) => !elements.includes(item) || all.indexOf(item) !== at),
  );
  const isForked =
    noun === 'list' &&
    reads.some((a) =>
      reads.some((b) =>
        itemsOf(a).some((item, at) => at < itemsOf(b).length && itemsOf(b)[at] !== item),
      ),
    );
  let stable = 0;
  for (const element of elements) {
    const having = reads.filter((read) => itemsOf(read).includes(element));
    const lacking = reads.filter((read) => !itemsOf(read).includes(element));
    const knownAt = Math.min(
      ...attempts.filter(({ isOk, written }) => isOk && written === element).map(({ end }) => end),
      ...having.map(({ end }) => end),
    );
    const lastPresent = Math.max(Number.NEGATIVE_INFINITY, ...having.map(({ start }) => start));
    const lastAbsent = Math.max(Number.NEGATIVE_INFINITY, ...lacking.map(({ start }) => start));
    if (knownAt < lastAbsent && lastPresent < lastAbsent) return 'violated';
    if (lastPresent > lastAbsent) stable++;
  }
  if (isStrange || isForked) return 'violated';
  return stable === 0 ? 'unknown' : 'holds';
}

/** Jepsen's counter, for each read by itself. */
export function counterBounds(calls: readonly ObjectCall[]): Answer {
  const reads = calls.filter(({ kind, isOk }) => kind === 'get' && isOk);
  const adds = calls.filter(({ kind, isFailed }) => kind === 'add' && !isFailed);
  const isWithin = reads.every((read) => {
    let [least, most] = [0, 0];
    for (const { written, start, end } of adds) {
      const amount = Number(written);
      const [isSure, isPossible] = [end < read.start, start <= read.end];
      if (amount > 0 ? isSure : isPossible) least += amount;
      if (amount > 0 ? isPossible : isSure) most += amount;
    }
    return least <= Number(read.seen) && Number(read.seen) <= most;
  });
  return isWithin ? 'holds' : 'violated';
}

/** Every dequeue comes from somewhere, in whichever order those that ended at one time are looked at. */
export function queueSources(calls: readonly ObjectCall[]): Answer {
  const taken = drainsAsDequeues(calls).filter(
    ({ kind, isOk, seen }) => kind === 'dequeue' && isOk && seen !== null,
  );
  const isFine = taken.every((last) => {
    const until = (call: ObjectCall) => call.seen === last.seen && call.end <= last.end;
    const sources = calls.filter(
      ({ kind, isFailed, written, start }) =>
        kind === 'enqueue' && !isFailed && written === last.seen && start <= last.end,
    );
    return taken.filter(until).length <= sources.length;
  });
  return isFine ? 'holds' : 'violated';
}

/** Jepsen's total-queue, where each value is enqueued once; lost is what can't be in the queue any more. */
export function totalQueue(calls: readonly ObjectCall[]): Answer {
  const enqueues = calls.filter(({ kind }) => kind === 'enqueue');
  const all = drainsAsDequeues(calls).filter(({ kind }) => kind === 'dequeue');
  const out = all.filter(({ isOk, seen }) => isOk && seen !== null).map(({ seen }) => seen);
  if (out.some((item) => enqueues.every(({ written }) => written !== item))) return 'violated';
  const left = enqueues.filter(({ isOk, written }) => isOk && !out.includes(written));
  if (left.length === 0) return 'holds';
  const empty = all.filter(({ isOk, isFailed, seen }) => isFailed || (isOk && seen === null));
  const lost = left.filter(({ end }) => empty.some(({ start }) => end < start));
  const open = calls.filter(({ kind, isOk, isFailed }) => kind !== 'enqueue' && !isOk && !isFailed);
  const mayHave = open.some(({ kind }) => kind === 'drain') ? Infinity : open.length;
  return lost.length > mayHave ? 'violated' : 'unknown';
}

/** A queue. */

import { pushTo } from '../../core/lookup.js';
import { Undecided } from '../budget.js';
import { type Narrator, shownText } from '../evidence/narrator.js';
import { type Finding, holds, unknownBecause, violated } from '../finding.js';
import { type JudgeCalls, type ObjectCall, possible } from './calls.js';
import { itemsOf } from './values.js';

/** One item that came out; `null`: the queue was found empty, as it is by a drain in the end. */
export interface Taking {
  readonly call: ObjectCall;
  readonly item: string | null;
}

export interface Dealings {
  /** Those that surely failed among them. */
  readonly enqueues: readonly ObjectCall[];
  /** A drain is as many of them as it brought. */
  readonly takings: readonly Taking[];
  /** Dequeues and drains that nobody answered. */
  readonly open: readonly ObjectCall[];
}

export function dealingsOf(calls: readonly ObjectCall[]): Dealings {
  const enqueues: ObjectCall[] = [];
  const takings: Taking[] = [];
  const open: ObjectCall[] = [];
  for (const call of calls) {
    if (call.kind === 'enqueue') enqueues.push(call);
    else if (call.isFailed) continue;
    else if (!call.isOk) open.push(call);
    else if (call.kind === 'dequeue') takings.push({ call, item: call.seen });
    else {
      const items = call.seen === null ? [] : itemsOf(call.seen);
      if (items === null) throw new Undecided('what a drain brings is a list');
      for (const item of [...items, null]) takings.push({ call, item });
    }
  }
  return { enqueues, takings, open };
}

function grouped<T>(all: readonly T[], nameOf: (each: T) => string | null): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const each of all) {
    const name = nameOf(each);
    if (name !== null) pushTo(groups, name, each);
  }
  return groups;
}

/**
 * Jepsen's `queue`: every dequeue comes from somewhere. As many as had been begun, and may have happened, can have been
 * dequeued by any time.
 */
export const judgeQueue: JudgeCalls = (narrator, calls) => {
  const { enqueues, takings } = dealingsOf(calls);
  const sources = grouped(possible(enqueues), ({ written }) => written);
  const taken = grouped(takings, ({ item }) => item);
  for (const [item, own] of taken) {
    const byStart = [...(sources.get(item) ?? [])].sort((a, b) => a.start - b.start);
    const byEnd = [...own].sort((a, b) => a.call.end - b.call.end || a.call.at - b.call.at);
    for (const [count, { call }] of byEnd.entries()) {
      const source = byStart[count];
      if (source !== undefined && source.start <= call.end) continue;
      return violated(fromNowhere(narrator, item, byEnd.slice(0, count + 1), byStart));
    }
  }
  return holds;
};

function fromNowhere(
  narrator: Narrator,
  item: string,
  taken: readonly Taking[],
  sources: readonly ObjectCall[],
): Finding {
  const { call } = taken.at(-1) as Taking;
  const begun = sources.filter(({ start }) => start <= call.end);
  const said = `${narrator.who(call.at)} took ${shownText(item)} from the queue`;
  const times = begun.length === 1 ? 'once' : `${begun.length} times`;
  const first = taken[0] as Taking;
  const before =
    begun.length === 1
      ? `${narrator.who(first.call.at)} had taken it already`
      : `it had been taken ${taken.length - 1} times already`;
  return {
    anomaly: begun.length === 0 ? 'unexpected element' : 'duplicated element',
    sentence:
      begun.length > 0
        ? `${said}, which was enqueued ${times}, and ${before}`
        : `${said}, which nobody had begun to enqueue${sources.length > 0 ? ' by then' : ''}`,
    operations: [...sources.map(({ at }) => at), ...taken.map(({ call: { at } }) => at)],
    culprit: call.at,
  };
}

/**
 * Jepsen's `total-queue`: what goes in must come out, and nothing else; twice will do. That something is lost can only
 * be said when the queue was emptied later, by a drain or by a dequeue that found nothing; and not of as many as
 * dequeues that nobody answered may have taken.
 */
export const judgeTotalQueue: JudgeCalls = (narrator, calls) => {
  const { enqueues, takings, open } = dealingsOf(calls);
  const attempts = grouped(enqueues, ({ written }) => written);
  const taken = grouped(takings, ({ item }) => item);
  for (const [item, [first]] of taken) {
    if (attempts.has(item)) continue;
    return violated(fromNowhere(narrator, item, [first as Taking], []));
  }
  const lost: ObjectCall[] = [];
  for (const [item, own] of attempts) {
    const sure = own.filter(({ isOk }) => isOk);
    lost.push(...sure.slice(taken.get(item)?.length ?? 0));
  }
  if (lost.length === 0) return { type: 'holds', note: noteOf(attempts, taken) };
  const emptied = emptiedIn(calls);
  const gone = lost.filter(({ end }) => emptied !== null && end < emptied.start);
  if (emptied === null || gone.length === 0) {
    return unknownBecause(
      `${lost.length} were not dequeued, and nobody emptied the queue in the end`,
    );
  }
  if (open.some(({ kind }) => kind === 'drain') || gone.length <= open.length) {
    return unknownBecause(`a dequeue that nobody answered may have taken what is missing`);
  }
  return violated(lostFinding(narrator, gone, emptied, open));
};

/** The last that found the queue empty, or left it so. Jepsen's clients often fail where they find nothing. */
function emptiedIn(calls: readonly ObjectCall[]): ObjectCall | null {
  const isEmptying = ({ kind, isOk, isFailed, seen }: ObjectCall): boolean => {
    if (kind === 'drain') return isOk;
    return kind === 'dequeue' && (isFailed || (isOk && seen === null));
  };
  return calls
    .filter(isEmptying)
    .reduce<ObjectCall | null>(
      (last, call) => (last === null || call.start > last.start ? call : last),
      null,
    );
}

function lostFinding(
  narrator: Narrator,
  gone: readonly ObjectCall[],
  emptied: ObjectCall,
  open: readonly ObjectCall[],
): Finding {
  const [first] = gone;
  const more = gone.length > 1 ? `; so are ${gone.length - 1} more` : '';
  const item = shownText(first?.written ?? '');
  return {
    anomaly: 'lost element',
    sentence: `${narrator.who(first?.at ?? 0)}'s enqueue of ${item} had been acknowledged, and it never came out, though the queue was emptied${more}`,
    because:
      open.length === 0
        ? []
        : [`${open.length} dequeues that nobody answered can't have taken all of them`],
    operations: [...gone.slice(0, open.length + 1), ...open, emptied].map(({ at }) => at),
    culprit: first?.at ?? -1,
  };
}

function noteOf(
  attempts: ReadonlyMap<string, readonly ObjectCall[]>,
  taken: ReadonlyMap<string, readonly Taking[]>,
): string {
  let twice = 0;
  let recovered = 0;
  for (const [item, { length }] of taken) {
    const own = attempts.get(item) ?? [];
    twice += Math.max(0, length - own.length);
    const sure = own.filter(({ isOk }) => isOk).length;
    recovered += Math.max(0, Math.min(length, own.length) - sure);
  }
  const notes = [
    twice > 0 ? `${twice} came out more often than they went in` : '',
    recovered > 0 ? `${recovered} came out that nobody knew to be in` : '',
  ];
  return notes.filter((note) => note !== '').join('; ');
}

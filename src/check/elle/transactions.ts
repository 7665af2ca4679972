/** A history as transactions: an operation on a single key is one, too. */

import { entryOf } from '../../core/lookup.js';
import { kindCode, outcomeCode } from '../../history/event.js';
import { absent, type History, type Step } from '../../history/history.js';
import { sessionsOf } from '../models/sessions.js';

/** A value that something else was found in the place of: nobody says what. */
interface Unlike {
  readonly key: number;
  readonly value: number;
}

export interface SeenTransaction {
  /** Its index in the history. */
  readonly at: number;
  readonly steps: readonly Step[];
  /** What it found when it began. */
  readonly unlike: readonly Unlike[];
  readonly session: number;
  readonly start: number;
  /** Infinity when nobody knows whether it happened. */
  readonly end: number;
}

export interface SeenTransactions {
  /** In the order of their starts: all that happened, and what may have happened. */
  readonly live: readonly SeenTransaction[];
  /** What surely did not happen, with what it would have written. */
  readonly aborted: readonly SeenTransaction[];
  /** Somebody found something else than a value: only an order of all that is replayed proves anything then. */
  readonly isVague: boolean;
}

/** `initials`: by key, the value that it held at first instead of nothing. Its name and that of absence are exchanged. */
export function transactionsOf(
  history: History,
  initials: ReadonlyMap<number, number> = new Map(),
): SeenTransactions {
  const live: SeenTransaction[] = [];
  const aborted: SeenTransaction[] = [];
  const sessions = sessionsOf(history);
  let isVague = false;
  for (let at = 0; at < history.count; at++) {
    const hasFailed = history.outcome[at] === outcomeCode.fail;
    const { steps, unlike } = hasFailed ? said(refused(history, at)) : asked(history, at);
    if (unlike.length > 0) isVague = true;
    const transaction = {
      ...{ at, steps, unlike, session: sessions.of[at] as number },
      ...{ start: history.invokedAt[at] as number, end: history.returnedAt[at] as number },
    };
    if (hasFailed) {
      const wanted = { ...transaction, steps: asked(history, at).steps };
      if (wanted.steps.some(({ f }) => f !== 'r')) aborted.push(wanted);
    }
    if (steps.length > 0 || unlike.length > 0) live.push(transaction);
  }
  live.sort((a, b) => a.start - b.start || a.at - b.at);
  const begun = (one: SeenTransaction): SeenTransaction => ({
    ...one,
    steps: one.steps.map((step) => withInitial(step, initials.get(step.key))),
    unlike: one.unlike.map((found) => withInitial(found, initials.get(found.key))),
  });
  if (initials.size === 0) return { live, aborted, isVague };
  return { live: live.map(begun), aborted: aborted.map(begun), isVague };
}

function withInitial<Found extends Step | Unlike>(step: Found, initial: number | undefined): Found {
  if (initial === undefined || typeof step.value !== 'number') return step;
  if (step.value === absent) return { ...step, value: initial };
  return step.value === initial ? { ...step, value: absent } : step;
}

type Said = Pick<SeenTransaction, 'steps' | 'unlike'>;

function asked(history: History, at: number): Said {
  const key = history.key[at] as number;
  const value = history.written[at] as number;
  const write: Step = { f: 'w', key, value };
  switch (history.kind[at]) {
    case kindCode.get: {
      const isOk = history.outcome[at] === outcomeCode.ok;
      return said(isOk ? [{ f: 'r', key, value: history.seen[at] as number }] : []);
    }
    case kindCode.put:
    case kindCode.delete:
      return said([write]);
    case kindCode.insert:
      return said([{ f: 'r', key, value: absent }, write]);
    case kindCode.cas:
      return said([{ f: 'r', key, value: history.expected[at] as number }, write]);
    case kindCode.update:
      return said([write], [{ key, value: absent }]);
    default:
      return said(history.steps.get(at) ?? []);
  }
}

/** A refused conditional write is a read of what it met. */
function refused(history: History, at: number): Step[] {
  const value = history.seen[at] as number;
  return value < absent ? [] : [{ f: 'r', key: history.key[at] as number, value }];
}

const said = (steps: readonly Step[], unlike: readonly Unlike[] = []): Said => ({ steps, unlike });

/** The same, of which only these need have happened as they say; the others may have, and may have read anything. */
export function relaxed(
  transactions: SeenTransactions,
  demanded: ReadonlySet<number>,
): SeenTransactions {
  const live = transactions.live.map((one, at): SeenTransaction => {
    if (demanded.has(at)) return one;
    const steps = one.steps.map((step): Step => (step.f === 'r' ? { ...step, value: null } : step));
    return { ...one, steps, unlike: [], end: Number.POSITIVE_INFINITY };
  });
  return { ...transactions, live };
}

/** Transactions in chains, in each of which everything ended before what comes after it began: one a session, mostly. */

export interface Chains {
  readonly count: number;
  /** By transaction. */
  readonly chain: Int32Array;
  /** From 1, in its chain. */
  readonly position: Int32Array;
}

/** What either knows: by chain, how many of it. */
export function joinClock(clock: Int32Array, other: Int32Array): void {
  for (let at = 0; at < clock.length; at++) {
    if ((clock[at] as number) < (other[at] as number)) clock[at] = other[at] as number;
  }
}

export function sessionChains(live: readonly SeenTransaction[], happened: Uint8Array): Chains {
  const chain = new Int32Array(live.length).fill(-1);
  const position = new Int32Array(live.length);
  const bySession = new Map<number, { id: number; length: number; end: number }[]>();
  let count = 0;
  live.forEach(({ session, start, end }, at) => {
    if (happened[at] === 0) return;
    const own = entryOf(bySession, session, () => []);
    let free = own.find((one) => one.end < start);
    if (free === undefined) {
      free = { id: count++, length: 0, end };
      own.push(free);
    }
    free.end = end;
    free.length += 1;
    chain[at] = free.id;
    position[at] = free.length;
  });
  return { count, chain, position };
}

import { pushTo } from '../../core/lookup.js';
import { outcomeCode } from '../../history/event.js';
import { type History, type Kind, kinds, unsaid } from '../../history/history.js';
import type { Budget } from '../budget.js';
import type { Narrator } from '../evidence/narrator.js';
import type { ModelVerdict } from '../finding.js';

/** One operation on an object. */
export interface ObjectCall {
  /** Its index in the history. */
  readonly at: number;
  readonly kind: Kind;
  readonly start: number;
  /** Infinity: nobody knows whether it happened. */
  readonly end: number;
  readonly isOk: boolean;
  /** It surely did not happen. */
  readonly isFailed: boolean;
  readonly process: number;
  /** What was added, appended, enqueued or transferred. */
  readonly written: string | null;
  /** What was read, dequeued or generated; `null`: nothing, or not said. */
  readonly seen: string | null;
}

/** Judges the calls of one key by one model. Throws `Undecided` where they don't say enough. */
export type JudgeCalls = (
  narrator: Narrator,
  calls: readonly ObjectCall[],
  budget: Budget,
) => ModelVerdict;

/** By key, in the order of the history. */
export function callsByKey(history: History): ObjectCall[][] {
  const byKey = new Map<number, ObjectCall[]>();
  for (let at = 0; at < history.count; at++) {
    pushTo(byKey, history.key[at] as number, callOf(history, at));
  }
  return [...byKey.values()];
}

function callOf(history: History, at: number): ObjectCall {
  const outcome = history.outcome[at];
  const isOk = outcome === outcomeCode.ok;
  const textOf = (id: number | undefined): string | null =>
    id === undefined || id === unsaid ? null : (history.values[id] ?? null);
  return {
    ...{ at, isOk, isFailed: outcome === outcomeCode.fail },
    kind: kinds[history.kind[at] as number] as Kind,
    start: history.invokedAt[at] as number,
    end: history.returnedAt[at] as number,
    process: history.process[at] as number,
    written: textOf(history.written[at]),
    seen: isOk ? textOf(history.seen[at]) : null,
  };
}

export const isRead = ({ kind, isOk }: ObjectCall): boolean => kind === 'get' && isOk;

/** What may have happened: what surely did not says nothing of most objects, for Jepsen's clients fail for many reasons. */
export const possible = (calls: readonly ObjectCall[]): ObjectCall[] =>
  calls.filter(({ isFailed }) => !isFailed);

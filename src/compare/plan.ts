/** The load and the faults that all get, from the words of the command line. */
import { toShare } from '../bench/plan.js';
import { toDuration } from '../config/duration.js';
import type { Millis } from '../core/ids.js';

export interface CompareWords {
  readonly clients: number;
  readonly rate: number;
  readonly ops?: number | undefined;
  readonly duration?: string | undefined;
  readonly reads: string;
  readonly keys: number;
  readonly timeout: string;
}

const durationDefault = '9s';

export interface LoadPlan {
  readonly clientCount: number;
  /** Each client asks so often at most. */
  readonly everyMs: Millis;
  readonly operationsMax: number;
  readonly durationMs: Millis;
  readonly readShare: number;
  readonly keyCount: number;
  /** Of one operation. */
  readonly timeoutMs: Millis;
  readonly seed: number;
}

/** Throws `bad-request` when a word can't be meant. */
export function planLoad(words: CompareWords, seed: number): LoadPlan {
  const { clients, rate, ops, reads, keys, timeout } = words;
  const lasting = words.duration ?? (ops === undefined ? durationDefault : undefined);
  return {
    clientCount: clients,
    everyMs: (1000 * clients) / rate,
    operationsMax: ops ?? Number.POSITIVE_INFINITY,
    // As long as so many take if nobody is kept waiting: the faults come in the middle of it.
    durationMs:
      lasting === undefined ? (1000 * (ops ?? 0)) / rate : toDuration(lasting, '--duration'),
    readShare: toShare(reads),
    keyCount: keys,
    timeoutMs: toDuration(timeout, '--timeout'),
    seed,
  };
}

/** More are never asked: nobody asks more often than that. */
export function operationsIn(plan: LoadPlan): number {
  const { clientCount, everyMs, operationsMax, durationMs } = plan;
  return Math.min(operationsMax, clientCount * Math.ceil(durationMs / everyMs + 1));
}

/** What a cluster's `--mode 2pc` can be told, and the times and bounds that follow from it. */
import type { Millis } from '../../core/ids.js';
import { twoPhaseCommitOptions } from '../option-tables.js';
import { badOption, type OptionsOf, readOptions } from '../shared/mode-options.js';

export type Options = OptionsOf<typeof twoPhaseCommitOptions>;

/** Throws `bad-request` (definite) for options that no cluster of `nodes` nodes can have. */
export function parseTwoPhaseCommitOptions(
  given: Readonly<Record<string, unknown>>,
  nodes: number,
): Options {
  if (nodes < 2) {
    throw badOption('mode 2pc needs 2 nodes at least: the first coordinates, the others hold data');
  }
  return readOptions('2pc', twoPhaseCommitOptions, given);
}

/** All other times are fractions of the one that users know, so that a short vote-timeout makes everything brisk. */
export interface Times {
  readonly voteTimeoutMs: Millis;
  /** Between two heartbeats of the coordinator. */
  readonly heartbeatMs: Millis;
  /** Silence after which a node is believed to be out of reach. */
  readonly suspicionMs: Millis;
  /** Between looks at deadlines, while something is pending. */
  readonly sweepMs: Millis;
  /** After so long without an answer a message is sent, or a question asked, again. */
  readonly retryMs: Millis;
  /** A catching-up that has made no progress for so long is given up and begun anew. */
  readonly stallMs: Millis;
}

export function timesOf({ voteTimeoutMs }: Options): Times {
  return {
    voteTimeoutMs,
    heartbeatMs: between(10, voteTimeoutMs / 5, 200),
    suspicionMs: between(50, voteTimeoutMs, 1500),
    sweepMs: between(2, voteTimeoutMs / 20, 50),
    retryMs: between(5, voteTimeoutMs / 8, 250),
    stallMs: Math.max(500, 3 * voteTimeoutMs),
  };
}

function between(least: number, wanted: number, most: number): number {
  return Math.min(most, Math.max(least, wanted));
}

/** Past each of these a request waits or is refused; nothing grows without end. */
export const bounds = {
  /** Numbers that a coordinator reserves at a time, durably; a restart skips what is left of them. */
  idsReserved: 65_536,
  /**
   * Transactions in phase one, and as many commits that one worker has not acknowledged; more of them wait in the queue.
   * Enough to fill batches; with many more a busy machine would take longer over them than a vote may take.
   */
  outstandingMax: 1024,
  /** Keys and values of the transactions in phase one: each is written by every worker before it votes, in time. */
  undecidedBytesMax: 2 * 1024 * 1024,
  /** Transactions up to this size need not wait for that. */
  smallBytesMax: 64 * 1024,
  /** A vote may take longer by 1 ms for each so many bytes in phase one: a worker has to write them first. */
  votedBytesPerMs: 4 * 1024,
  /** Requests that wait at the coordinator for their transaction to begin, and how much they may hold. */
  queueMax: 16_384,
  queueBytesMax: 64 * 1024 * 1024,
  /** Reads under way at the coordinator. */
  readsMax: 16_384,
  /** Requests that a worker has forwarded and that are not answered. */
  forwardsMax: 16_384,
  /** Decisions that a worker has not written down: far fewer than may wait for its acknowledgement. */
  unwrittenMax: 256,
  /** Decisions that a worker remembers so that it can tell others. */
  decisionsKeptMax: 8192,
} as const;

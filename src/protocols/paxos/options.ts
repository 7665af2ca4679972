import type { NodeId } from '../../core/ids.js';
import { catalog } from '../catalog.js';
import { paxosOptions } from '../option-tables.js';
import { levelProblem } from '../refusals.js';
import { badOption, type OptionsOf, readOptions } from '../shared/mode-options.js';

export interface PaxosOptions extends OptionsOf<typeof paxosOptions> {
  /** The cluster's first members; `null`: all nodes. A node added later is not among them. */
  readonly members: readonly NodeId[] | null;
}

/**
 * Throws `bad-request` (definite) for options that no cluster can have. `members` is not for users to set, and so not in the
 * catalogue.
 */
export function parsePaxosOptions(given: Readonly<Record<string, unknown>>): PaxosOptions {
  const { members = null, ...rest } = given;
  const options = readOptions('paxos', paxosOptions, rest);
  const { read, heartbeatMs, suspicionMs, priority, failRate } = options;
  const problem = levelProblem(catalog.paxos, read, null);
  if (problem !== null) throw badOption(problem);
  if (suspicionMs < 4 * heartbeatMs) {
    throw badOption(
      `option suspicionMs is ${suspicionMs}, but must be at least four times heartbeatMs (${heartbeatMs})`,
    );
  }
  // One literal: nodes look at it all the time, and what is made name by name has another shape for the engine each time.
  return {
    read,
    heartbeatMs,
    suspicionMs,
    priority,
    failRate,
    members: members as PaxosOptions['members'],
  };
}

/** Bounds of one node. Those marked * must be the same on all nodes: the state machine's outcome depends on them. */
export const bounds = {
  /** * α: a change of membership chosen in slot i is in force from slot i + α; so nobody proposes further ahead. */
  alpha: 16,
  /** Batches of new commands that wait for a majority at a time. */
  inFlightMax: 4,
  /** Operations waiting at the node they came to. */
  pendingMax: 16_384,
  /** Commands, and their bytes, that wait at the coordinator for a slot. */
  queueMax: 16_384,
  queueBytesMax: 64 * 1024 * 1024,
  /** Accepted slots not yet known to be chosen that an acceptor holds, and their bytes. */
  undecidedMax: 1024,
  undecidedBytesMax: 32 * 1024 * 1024,
  /** Chosen slots kept in memory for those who lag a little… */
  keptSlots: 128,
  /** …for those who come back, up to so many bytes and half of what the state takes… */
  keptBytesForAbsent: 1024 * 1024,
  /** …and for those who lag more, while they live. */
  keptSlotsMax: 4096,
  keptBytesMax: 16 * 1024 * 1024,
  /** * Clients whose commands are recognised when they come again; the least recently used go. */
  clientsMax: 10_000,
  /** * Results remembered over all clients, and their bytes; the oldest go. */
  outcomesMax: 65_536,
  outcomeBytesMax: 16 * 1024 * 1024,
  /** Rounds of confirmation for reads under way at the coordinator. */
  readRoundsMax: 64,
} as const;

export const times = {
  /** How long a request waits for a coordinator to be there. */
  leaderWaitMs: 2000,
  /** A command or question that got no answer is sent to the coordinator again. */
  askAgainMs: 500,
  /** Proposals, Prepares and questions for readers that got no answer are looked at this often… */
  retransmitMs: 10,
  /** …and the first of these are sent again after twice the usual time and this much, at most that much. */
  resendMsMin: 8,
  resendMsMax: 500,
  /** A question of a node that catches up. */
  fetchMs: 250,
  /** A node that takes its snapshot no further is forgotten. */
  transferIdleMs: 10_000,
  /** A new member must have caught up by then. */
  joinMs: 30_000,
} as const;

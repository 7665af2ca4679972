import type { NodeId } from '../../core/ids.js';
import { gossipOptions } from '../option-tables.js';
import { type OptionsOf, readOptions } from '../shared/mode-options.js';

export interface GossipOptions extends OptionsOf<typeof gossipOptions> {
  /** The cluster's first members; `null`: all nodes. A node added later is not among them. */
  readonly members: readonly NodeId[] | null;
  /**
   * False: values spread by `stabilize` alone, so that what a node holds follows from what it was asked, and not from how
   * far gossip got meanwhile. Only who is a member is still told.
   */
  readonly background: boolean;
}

/**
 * Throws `bad-request` (definite) for options that no cluster can have. `members` and `background` are not for users to set, and so
 * not in the catalogue.
 */
export function parseGossipOptions(given: Readonly<Record<string, unknown>>): GossipOptions {
  const { members = null, background = true, ...rest } = given;
  const values = readOptions('gossip', gossipOptions, rest);
  return { ...values, members, background } as GossipOptions;
}

/** Bounds of one node. */
export const bounds = {
  /** How often a rumour is pushed, to `fanout` peers each time; the first time is at once. */
  rumourRounds: 4,
  /** Rumours that are hot at a time; past it the oldest are left to anti-entropy. */
  rumoursMax: 8192,
  /** A push of so many names the others who have them. */
  toldNamedMin: 16,
  /** When so much was news in two intervals, a comparison that finds nothing else does not go on at once. */
  rumoursManyMin: 1024,
  /** Peers that a node asks when it starts. */
  firstComparisons: 4,
  /** An idle node lets at most this many intervals pass. */
  idleIntervalsMax: 8,
  /** Between two attempts to reach a silent peer. */
  silentIntervalsMax: 4,
  /** Silent peers that are tried in one round. */
  silentTriedMax: 8,
  /** Peers known to be silent, and peers from whom a sign of life is awaited. */
  silentMax: 256,
  /** Comparisons begun and not ended. */
  comparisonsMax: 256,
  /** Comparisons with one peer that follow one another because a message holds only so much. */
  chainMax: 4096,
  /** A session's stamps are taken only this far below the bound of numbers: no node must refuse what is written above them. */
  floorMarginMs: 60_000,
  /** Of a node that lost its journal: it can't have been so far ahead of all others. */
  rejoinLeap: 2 ** 32,
  /** With more members than this, tombstones are kept: what collecting takes grows with their number. */
  collectingMembersMax: 256,
  /** Waves of `stabilize` that pass through a node at a time, and ended ones that it recognises. */
  wavesMax: 64,
  /** Clients that wait for a `stabilize`. */
  stabilizeMax: 1024,
} as const;

export const times = {
  /** Between two tellings of what is new: a busy node tells many news at once, a quiet one at the end of the turn. */
  pushGapMs: 20,
  /** A peer that has not been heard for so long since it was asked is silent, or twice the interval if that is more. */
  silenceMs: 500,
  /** An ordinary comparison that has not ended by then lost a message: the next one makes up for it. */
  comparisonMs: 3000,
  /** One that somebody waits for has longer, and asks again after this, then twice this, and so on. */
  pullMs: 30_000,
  resendMs: 250,
  /** Of a wave: between two signs of life along the tree, between two attempts to reach a neighbour. */
  beatMs: 100,
  /** After so much silence a wave goes on without a neighbour; attempts that follow take twice as long each. */
  patienceMs: 400,
  patienceMsMax: 3200,
  /** In the tree, silence counts only after this: a node may be busy with thousands of entries. */
  watchMs: 1500,
} as const;

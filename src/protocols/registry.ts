/** The modes that exist. A mode that is not listed here cannot be started, asked for or documented. */
import { gossipMode } from './gossip/mode.js';
import { badOption, type Mode } from './mode.js';
import { paxosMode } from './paxos/mode.js';
import { quorumMode } from './quorum/mode.js';
import { twoPhaseCommitMode } from './twopc/mode.js';

/** A mode whose message, record and option types are its own business: what it makes fits what it is given. */
// biome-ignore lint/suspicious/noExplicitAny: `unknown` would not accept a mode, its types stand in both directions.
export type AnyMode = Mode<any, any>;

export const modes: readonly AnyMode[] = [quorumMode, twoPhaseCommitMode, gossipMode, paxosMode];

export const defaultModeName = quorumMode.name;

/** Throws `bad-request` (definite), with the modes there are, when there is none of this name. */
export function modeNamed(name: string): AnyMode {
  const mode = modes.find((candidate) => candidate.name === name);
  if (mode !== undefined) return mode;
  const names = modes.map((candidate) => candidate.name).join(', ');
  throw badOption(`there is no mode ${JSON.stringify(name)}; the modes are ${names}`);
}

/**
 * The options of a cluster of `nodes` nodes, checked and completed with defaults: plain data, as the cluster's record
 * keeps it and as `Protocol.create` takes it. Throws `bad-request` (definite).
 */
export function parseModeOptions(
  modeName: string,
  given: Readonly<Record<string, unknown>>,
  nodes: number,
): Readonly<Record<string, unknown>> {
  return modeNamed(modeName).parseOptions(given, nodes);
}

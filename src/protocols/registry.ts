/** The modes with their protocols. Who only asks what a mode is like reads the catalogue instead, and loads none of these. */
import { type ModeName, modeNames, profileOf } from './catalog.js';
import { gossipMode } from './gossip/mode.js';
import type { Mode } from './mode.js';
import { paxosMode } from './paxos/mode.js';
import { quorumMode } from './quorum/mode.js';
import { twoPhaseCommitMode } from './twopc/mode.js';

/** A mode whose message, record and option types are its own business: what it makes fits what it is given. */
// biome-ignore lint/suspicious/noExplicitAny: `unknown` would not accept a mode, its types stand in both directions.
export type AnyMode = Mode<any, any>;

const byName: Readonly<Record<ModeName, AnyMode>> = {
  quorum: quorumMode,
  '2pc': twoPhaseCommitMode,
  gossip: gossipMode,
  paxos: paxosMode,
};

export const modes: readonly AnyMode[] = modeNames.map((name) => byName[name]);

/** Throws `bad-request` (definite), with the modes there are, when there is none of this name. */
export function modeNamed(name: string): AnyMode {
  return byName[profileOf(name).name];
}

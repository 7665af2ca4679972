/** The modes with their protocols. Who only asks what a mode is like reads the catalogue instead, and loads none of these. */
import type { Protocol } from '../core/replica.js';
import { type ModeName, type ModeProfile, modeNames, profileOf } from './catalog.js';
import { gossipProtocol } from './gossip/replica.js';
import { isAdded } from './own/own-mode.js';
import { paxosProtocol } from './paxos/replica.js';
import { quorumProtocol } from './quorum/replica.js';
import { requestProblem } from './refusals.js';
import { twoPhaseCommitProtocol } from './twopc/replica.js';

/** A protocol whose message, record and option types are its own business: what it makes fits what it is given. */
// biome-ignore lint/suspicious/noExplicitAny: `unknown` would not accept one, its types stand in both directions.
type AnyProtocol = Protocol<any, any>;

/** A mode with all that it takes to run it. */
export interface AnyMode extends ModeProfile {
  readonly protocol: AnyProtocol;
}

const protocols: Readonly<Record<ModeName, AnyProtocol>> = {
  quorum: quorumProtocol,
  '2pc': twoPhaseCommitProtocol,
  gossip: gossipProtocol,
  paxos: paxosProtocol,
};

/** Throws `bad-request` (definite), with the modes there are, when there is none of this name. */
export function modeNamed(name: string): AnyMode {
  const profile = profileOf(name);
  const protocol: AnyProtocol = isAdded(profile)
    ? profile.protocol
    : protocols[profile.id as ModeName];
  const problemOf: AnyProtocol['problemOf'] = (request, options) =>
    requestProblem(profile, request, options.replicas ?? null) ??
    protocol.problemOf?.(request, options) ??
    null;
  return { ...profile, protocol: { ...protocol, problemOf } };
}

export const modes: readonly AnyMode[] = modeNames.map(modeNamed);

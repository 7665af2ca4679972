/** The phases of each mode. */
import type { ModeName } from '../../protocols/catalog.js';
import { gossipPhases } from './gossip.js';
import { paxosPhases } from './paxos.js';
import type { Phase } from './phase.js';
import { quorumPhases } from './quorum.js';
import { twoPhaseCommitPhases } from './twopc.js';

export const protocolPhases: Readonly<Record<ModeName, readonly Phase[]>> = {
  '2pc': twoPhaseCommitPhases,
  quorum: quorumPhases,
  gossip: gossipPhases,
  paxos: paxosPhases,
};

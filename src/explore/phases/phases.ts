/** The phases of each mode. */
import type { ModeName } from '../../protocols/catalog.js';
import { modeNamed } from '../../protocols/registry.js';
import { gossipPhases } from './gossip.js';
import { paxosPhases } from './paxos.js';
import { type Phase, phase, undurable } from './phase.js';
import { quorumPhases } from './quorum.js';
import { twoPhaseCommitPhases } from './twopc.js';

const ours: Readonly<Record<ModeName, readonly Phase[]>> = {
  '2pc': twoPhaseCommitPhases,
  quorum: quorumPhases,
  gossip: gossipPhases,
  paxos: paxosPhases,
};

export function phasesOfMode(mode: string): readonly Phase[] {
  return ours[mode as ModeName] ?? phasesByTypes(modeNamed(mode));
}

/** Of a mode of which nobody has told more: what it has said, until it hears something, and what a power cut would lose. */
function phasesByTypes({ protocol: { message, record } }: ReturnType<typeof modeNamed>): Phase[] {
  const { types = [] } = message;
  const heard = types.map((type) => ({ step: 'received', type }) as const);
  return [
    ...types.map((type) => phase(`${type} sent, nothing heard`, { step: 'sent', type }, heard)),
    ...(record.types ?? []).map((type) => undurable(`${type} not durable`, type)),
  ];
}

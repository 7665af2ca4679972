/**
 * Bugs of protocols, runtime and client that the simulator has to find by itself: at least ten a mode.
 * `test/soak/planted.soak.ts` plants each in a copy of the sources.
 */
import { gossipPlants } from './gossip.js';
import { paxosPlants } from './paxos.js';
import type { Plant } from './plant.js';
import { quorumPlants } from './quorum.js';
import { twoPhaseCommitPlants } from './twopc.js';

export const planted: Readonly<Record<string, readonly Plant[]>> = {
  paxos: paxosPlants,
  '2pc': twoPhaseCommitPlants,
  quorum: quorumPlants,
  gossip: gossipPlants,
};

/** The file with the bug in it. Throws when the text that it replaces is not there, or not just once. */
export function withPlant(text: string, { name, old, now }: Plant): string {
  const parts = text.split(old);
  if (parts.length !== 2) throw new Error(`${name}: its text stands ${parts.length - 1} times`);
  return parts.join(now);
}

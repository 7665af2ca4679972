/** What `status`, `dump`, `verify` and the simulator see of a replica. */
import type { ReplicaView } from '../../core/replica.js';
import { show } from '../../core/show.js';
import { few } from '../shared/few.js';
import type { AntiEntropy } from './anti-entropy.js';
import type { Parts } from './parts.js';
import type { Rejoining } from './rejoining.js';
import type { Rumours } from './rumours.js';
import type { Stabilizer } from './stabilizer.js';

interface All extends Parts {
  readonly rumours: Rumours;
  readonly antiEntropy: AntiEntropy;
  readonly stabilizer: Stabilizer;
  readonly rejoining: Rejoining;
}

export function viewOf(parts: All): ReplicaView {
  const { clock, store, members, peers, rumours, antiEntropy, stabilizer, rejoining } = parts;
  const { isCopying } = rejoining;
  return {
    role: isCopying ? 'copying' : 'server',
    keyCount: store.keyCount,
    unsettledCount:
      (isCopying ? 1 : 0) + rumours.count + antiEntropy.differing.length + stabilizer.waveCount,
    unsettled: () => [
      ...(rejoining.isCopying ? ['copies what it lost'] : []),
      ...few(rumours.keys(), (key) => `the rumour of ${show(key)} is hot`),
      ...few(antiEntropy.differing, (peer) => `compares itself with ${peer}, which differs`),
      ...few(stabilizer.waves(), ({ id }) => `in wave ${id.number} of the stabilize at ${id.root}`),
    ],
    suspects: peers.silent,
    facts: [
      ['clock', clock.last],
      ['hot rumours', rumours.count],
      ['waves', stabilizer.waveCount],
      ['tombstones', store.tombstoneCount],
      ['horizon', store.horizon?.stamp ?? 0],
      ...stabilizer.facts,
    ],
    lookup: (key) => store.get(key),
    entries: () => store.entries(),
    ownersOf: () => members.list,
  };
}

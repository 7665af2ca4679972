/** What `status`, `dump`, `verify` and the simulator see of a replica. */
import type { ReplicaView } from '../../core/replica.js';
import { show } from '../../core/show.js';
import { few, Unsettled } from '../shared/unsettled.js';
import type { AntiEntropy } from './anti-entropy.js';
import type { Parts } from './parts.js';
import type { Rejoining } from './rejoining.js';
import type { Rumours } from './rumours.js';
import type { Stabilizer } from './stabilizer.js';
import type { Wave } from './wave.js';

interface All extends Parts {
  readonly rumours: Rumours;
  readonly antiEntropy: AntiEntropy;
  readonly stabilizer: Stabilizer;
  readonly rejoining: Rejoining;
}

export function viewOf(parts: All): ReplicaView {
  const { clock, store, members, peers, rumours, antiEntropy, stabilizer, rejoining } = parts;
  const work = new Unsettled(() => {
    const { differing } = antiEntropy;
    return [
      [rejoining.isCopying ? 1 : 0, 'copies what it lost'],
      [rumours.count, few(rumours.keys(), (key) => `the rumour of ${show(key)} is hot`)],
      [differing.length, few(differing, (peer) => `compares itself with ${peer}, which differs`)],
      [stabilizer.waveCount, few(stabilizer.waves(), showWave)],
    ];
  });
  return {
    get role() {
      return rejoining.isCopying ? 'copying' : 'server';
    },
    get keyCount() {
      return store.keyCount;
    },
    get unsettledCount() {
      return work.count;
    },
    unsettled: () => work.sentences(),
    get suspects() {
      return peers.silent;
    },
    get facts() {
      return [
        ['clock', clock.last],
        ['hot rumours', rumours.count],
        ['waves', stabilizer.waveCount],
        ['tombstones', store.tombstoneCount],
        ['horizon', store.horizon?.stamp ?? 0],
        ...stabilizer.facts,
      ] as const;
    },
    lookup: (key) => store.get(key),
    entries: () => store.entries(),
    walk: (position, visit) => store.walk(position, visit),
    ownersOf: () => members.list,
  };
}

function showWave({ id }: Wave): string {
  return `in wave ${id.number} of the stabilize at ${id.root}`;
}

/** What `status`, `dump`, `verify` and the simulator see of a replica. */
import type { ReplicaView } from '../../core/replica.js';
import { show } from '../../core/show.js';
import { few } from '../shared/few.js';
import type { AntiEntropy } from './anti-entropy.js';
import type { Parts, PendingPhase } from './coordinator/pending.js';
import type { Rejoining } from './rejoining.js';

export function viewOf(parts: Parts, antiEntropy: AntiEntropy, rejoining: Rejoining): ReplicaView {
  const { store, hints, detector, pending, ring } = parts;
  const { isCopying, waitsFor } = rejoining;
  return {
    role: isCopying ? 'copying' : 'replica',
    keyCount: store.keyCount,
    unsettledCount:
      (isCopying ? 1 : 0) +
      pending.size +
      hints.countForLiving(detector) +
      antiEntropy.unsettled.length,
    unsettled: () => [
      ...(rejoining.isCopying ? [`copies what it lost from ${rejoining.waitsFor.join(', ')}`] : []),
      ...few(pending.phases(), showPhase),
      ...few(hints.livingTargets(detector), (node) => `${hints.countFor(node)} hints for ${node}`),
      ...few(antiEntropy.unsettled, (node) => `may differ from ${node}`),
    ],
    suspects: detector.suspects,
    facts: [
      ['hints', hints.count],
      ['hints dropped', hints.dropped],
      ['tombstones', store.tombstoneCount],
      ['pending', pending.size],
      ['peers in doubt', antiEntropy.unsettled.length],
      ...(isCopying ? [['copies from', waitsFor.join(' ')] as const] : []),
    ],
    lookup: (key) => store.get(key),
    ...(ring.holdsAll ? { largestValueBytes: () => store.largestValueBytes } : {}),
    entries: () => store.entries(),
    ownersOf: (key) => ring.ownersOf(key),
  };
}

function showPhase({ kind, ask, waiting }: PendingPhase): string {
  const { type, key } = ask.operation;
  return `${kind} phase of ${type} ${show(key)} waits for ${waiting.join(', ') || 'nobody'}`;
}

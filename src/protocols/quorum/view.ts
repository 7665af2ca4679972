/** What `status`, `dump`, `verify` and the simulator see of a replica. */
import type { ReplicaView } from '../../core/replica.js';
import { show } from '../../core/show.js';
import { few, Unsettled } from '../shared/unsettled.js';
import type { AntiEntropy } from './anti-entropy.js';
import type { Parts, PendingPhase } from './coordinator/pending.js';
import type { Rejoining } from './rejoining.js';

export function viewOf(parts: Parts, antiEntropy: AntiEntropy, rejoining: Rejoining): ReplicaView {
  const { store, hints, detector, pending, ring } = parts;
  const work = new Unsettled(() => {
    const [targets, doubtful] = [hints.livingTargets(detector), antiEntropy.unsettled];
    const hintCount = targets.reduce((sum, target) => sum + hints.countFor(target), 0);
    return [
      [rejoining.isCopying ? 1 : 0, `copies what it lost from ${rejoining.waitsFor.join(', ')}`],
      [pending.size, few(pending.phases(), showPhase)],
      [hintCount, few(targets, (node) => `${hints.countFor(node)} hints for ${node}`)],
      [doubtful.length, few(doubtful, (node) => `may differ from ${node}`)],
    ];
  });
  return {
    get role() {
      return rejoining.isCopying ? 'copying' : 'replica';
    },
    get keyCount() {
      return store.keyCount;
    },
    get unsettledCount() {
      return work.count;
    },
    unsettled: () => work.sentences(),
    get suspects() {
      return detector.suspects;
    },
    get facts() {
      const { isCopying, waitsFor } = rejoining;
      return [
        ['hints', hints.count],
        ['hints dropped', hints.dropped],
        ['tombstones', store.tombstoneCount],
        ['pending', pending.size],
        ['peers in doubt', antiEntropy.unsettled.length],
        ...(isCopying ? [['copies from', waitsFor.join(' ')] as const] : []),
      ] as const;
    },
    lookup: (key) => store.get(key),
    ...(ring.holdsAll ? { largestValueBytes: () => store.largestValueBytes } : {}),
    entries: () => store.entries(),
    walk: (position, visit) => store.walk(position, visit),
    ownersOf: (key) => ring.ownersOf(key),
  };
}

function showPhase({ kind, ask, waiting }: PendingPhase): string {
  const { type, key } = ask.operation;
  return `${kind} phase of ${type} ${show(key)} waits for ${waiting.join(', ') || 'nobody'}`;
}

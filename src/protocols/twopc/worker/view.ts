import type { Millis, NodeId } from '../../../core/ids.js';
import type { ReplicaView } from '../../../core/replica.js';
import type { Worker } from './worker.js';

/** Transactions in doubt that `status` names one by one, which is all but ever; the count is always there. */
const shownMax = 1024;

/** What `status`, `dump` and `verify` see of a worker. */
export function viewOf(worker: Worker, self: NodeId, now: Millis): ReplicaView {
  const { participant, forwards, source, target, pool, coordinator } = worker;
  const { store, inDoubt } = participant;
  const copying = (source.isActive ? 1 : 0) + (target.source === null ? 0 : 1);
  return {
    role: 'worker',
    keyCount: store.keyCount,
    unsettledCount: inDoubt.size + forwards.count + copying,
    suspects: worker.coordinatorIsSilent(now) ? [coordinator] : [],
    facts: factsOf(worker, self, now),
    lookup: (key) => store.get(key),
    entries: () => store.entries(),
    ownersOf: () => pool,
  };
}

function factsOf(
  worker: Worker,
  self: NodeId,
  now: Millis,
): (readonly [string, string | number])[] {
  const { participant, forwards, target, pool, coordinator } = worker;
  const facts: (readonly [string, string | number])[] = [
    ['pool', pool.includes(self) ? 'in' : 'out'],
  ];
  if (worker.coordinatorIsLost) facts.push(['coordinator', 'has lost its journal']);
  if (target.source !== null) {
    facts.push(['catching up', `from ${target.source}, ${target.copied} pieces`]);
  }
  facts.push(['forwarded', forwards.count], ['in doubt', participant.inDoubt.size]);
  let shown = 0;
  for (const [id, { since, participants }] of participant.inDoubt) {
    shown += 1;
    if (shown > shownMax) break;
    const seconds = Math.max(0, (now - since) / 1000).toFixed(1);
    // The same words at every worker, so that `status` can say them once.
    const others = worker.coordinatorIsSilent(now)
      ? ` or another of ${participants.join(' ')}`
      : '';
    facts.push([`in doubt ${id}`, `for ${seconds} s, waits for ${coordinator}${others}`]);
  }
  return facts;
}

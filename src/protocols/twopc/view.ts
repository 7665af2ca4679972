import type { NodeId } from '../../core/ids.js';
import { positionsEnd, type ReplicaView } from '../../core/replica.js';
import { few, Unsettled, type Work } from '../shared/unsettled.js';
import type { Coordinator } from './coordinator/coordinator.js';
import type { Member } from './coordinator/pool.js';
import type { TransactionId } from './records.js';
import { firstFew } from './store.js';
import type { Worker } from './worker/worker.js';

/** Lines of `status` about single transactions; the count is always there. */
const acknowledgementsShown = 16;
/** Those in doubt are named one by one, which is all but ever. */
const doubtsShown = 1024;

/** What `status`, `dump` and `verify` see of the coordinator: it decides, and holds no data. */
export function coordinatorView(coordinator: Coordinator): ReplicaView {
  const { pool, transactions, queue } = coordinator;
  const isResponsive = (member: Member) => member.isResponsive(coordinator.now, pool.times);
  const work = new Unsettled(() => {
    const owing = [...pool.members].filter(isResponsive);
    const comingBack = owing.filter((member) => !member.inPool);
    return [
      [transactions.undecidedCount, few(transactions.undecided(), showUndecided)],
      [queue.size, `transactions that wait to begin: ${queue.size}`],
      ...owing.map((member): Work => [member.unacknowledged.size, () => [showOwing(member)]]),
      [comingBack.length, few(comingBack, ({ node }) => `${node} is out of the pool`)],
    ];
  });
  return {
    role: 'coordinator',
    keyCount: 0,
    leader: coordinator.self,
    get unsettledCount() {
      return work.count;
    },
    unsettled: () => work.sentences(),
    get suspects() {
      return [...pool.members].filter((member) => !isResponsive(member)).map(({ node }) => node);
    },
    get facts() {
      return coordinatorFacts(coordinator);
    },
    lookup: () => undefined,
    entries: () => [],
    walk: () => positionsEnd,
    ownersOf: () => pool.voters.nodes,
  };
}

function showUndecided([id, silent]: readonly [TransactionId, readonly NodeId[]]): string {
  return `transaction ${id} undecided, waits for ${silent.join(', ')}`;
}

function showOwing({ node, unacknowledged }: Member): string {
  const [first] = unacknowledged;
  return `${node} has not acknowledged ${unacknowledged.size} commits, the first of transaction ${first}`;
}

type Facts = ReplicaView['facts'];

function coordinatorFacts({ pool, transactions, queue, reads, joins }: Coordinator): Facts {
  const away = [...pool.members].filter((member) => !member.inPool).map(({ node }) => node);
  const { joiner, source } = joins.current ?? {};
  const open = [...firstFew(transactions.unacknowledged(), acknowledgementsShown)];
  return [
    ['pool', pool.voters.nodes.join(' ') || 'empty'],
    ...(away.length > 0 ? [['out of the pool', away.join(' ')] as const] : []),
    ...(joiner && source ? [['catching up', `${joiner.node} from ${source.node}`] as const] : []),
    ['undecided', transactions.undecidedCount],
    ['committed, not acknowledged by all', transactions.unacknowledgedCount],
    ['waiting to begin', queue.size],
    ['reads under way', reads.count],
    ...open.map(([id, silent]) => {
      return [`committed ${id}`, `waits for the acknowledgement of ${silent.join(', ')}`] as const;
    }),
  ];
}

/** What `status`, `dump` and `verify` see of a worker. */
export function workerView(worker: Worker): ReplicaView {
  const { participant, forwards, source, target, coordinator } = worker;
  const { store, inDoubt } = participant;
  const work = new Unsettled(() => [
    [
      inDoubt.size,
      few(inDoubt.keys(), (id) => `transaction ${id} in doubt, waits for ${coordinator}`),
    ],
    [forwards.count, `requests forwarded to ${coordinator}: ${forwards.count}`],
    [source.isActive ? 1 : 0, 'another worker copies from here'],
    [target.source === null ? 0 : 1, `copies from ${target.source}`],
  ]);
  return {
    role: 'worker',
    get keyCount() {
      return store.keyCount;
    },
    get unsettledCount() {
      return work.count;
    },
    unsettled: () => work.sentences(),
    get leader() {
      return worker.coordinatorIsSilent(worker.now) ? null : coordinator;
    },
    get suspects() {
      return worker.coordinatorIsSilent(worker.now) ? [coordinator] : [];
    },
    get facts() {
      return workerFacts(worker);
    },
    lookup: (key) => store.get(key),
    entries: () => store.entries(),
    walk: (position, visit) => store.walk(position, visit),
    ownersOf: () => worker.pool,
  };
}

function workerFacts(worker: Worker): Facts {
  const { self, now, participant, forwards, target, pool, coordinator } = worker;
  const copied = `from ${target.source}, ${target.copied} pieces`;
  return [
    ['pool', !worker.knowsPool ? '-' : pool.includes(self) ? 'in' : 'out'],
    ...(worker.coordinatorIsLost ? [['coordinator', 'has lost its journal'] as const] : []),
    ...(target.source === null ? [] : [['catching up', copied] as const]),
    ['forwarded', forwards.count],
    ['in doubt', participant.inDoubt.size],
    ...[...firstFew(participant.inDoubt, doubtsShown)].map(([id, { since, participants }]) => {
      const seconds = Math.max(0, (now - since) / 1000).toFixed(1);
      // The same words at every worker, so that `status` can say them once.
      const isSilent = worker.coordinatorIsSilent(now);
      const others = isSilent ? ` or another of ${participants.join(' ')}` : '';
      return [`in doubt ${id}`, `for ${seconds} s, waits for ${coordinator}${others}`] as const;
    }),
  ];
}

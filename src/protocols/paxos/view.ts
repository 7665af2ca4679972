/** What `status`, `dump`, `verify` and the simulator see of a node. */
import type { Millis, NodeId } from '../../core/ids.js';
import type { ReplicaView } from '../../core/replica.js';
import { few, Unsettled, type Work } from '../shared/unsettled.js';
import type { Acceptor } from './acceptor.js';
import { showBallot } from './ballot.js';
import type { Reads } from './clients/reads.js';
import type { Requests } from './clients/requests.js';
import type { Coordinator } from './coordinator/coordinator.js';
import type { Election } from './election.js';
import type { CatchUp } from './learner/catch-up.js';
import type { Learner } from './learner/learner.js';
import type { Transfers } from './learner/transfer.js';

/** Of a replica; `now` is that of its last turn. */
interface Parts {
  readonly self: NodeId;
  readonly now: Millis;
  readonly learner: Learner;
  readonly acceptor: Acceptor;
  readonly election: Election;
  readonly coordinator: Coordinator | null;
  readonly catchUp: CatchUp;
  readonly transfers: Transfers;
  readonly requests: Requests;
  readonly reads: Reads;
}

export function viewOf(parts: Parts): ReplicaView {
  // Nothing of `machine` is kept: a later state may take its place.
  const { learner, requests, reads, self } = parts;
  // What somebody who is no member any more has accepted will never be settled here.
  const takesPart = (): boolean =>
    learner.machine.membership.from(learner.applied + 1).includes(self);
  const work = new Unsettled(() => [
    [requests.count, few(requests.commands(), (name) => `command ${name} waits for its result`)],
    [reads.count, `reads that wait for a slot: ${reads.count}`],
    ...(takesPart() ? slotWork(parts) : []),
  ]);
  return {
    get role() {
      return roleOf(parts);
    },
    get keyCount() {
      return learner.machine.store.size;
    },
    get unsettledCount() {
      return work.count;
    },
    unsettled: () => work.sentences(),
    get leader() {
      return leaderOf(parts);
    },
    get suspects() {
      return suspectsOf(parts);
    },
    get facts() {
      return factsOf(parts);
    },
    lookup: (key) => learner.machine.store.get(key),
    largestValueBytes: () => learner.machine.store.largestValueBytes,
    entries: () => learner.machine.store.entries(),
    walk: (position, visit) => learner.machine.store.walk(position, visit),
    ownersOf: () => learner.machine.members,
  };
}

function slotWork({ learner, acceptor, coordinator, catchUp, now }: Parts): readonly Work[] {
  const { membership, applied } = learner.machine;
  const next = membership.nextAfter(applied + 1);
  const { undecidedCount: held } = acceptor;
  return [
    [held, `${held} slots above ${applied} accepted, not known to be chosen`],
    [catchUp.missingCount, `misses ${catchUp.missingCount} slots above ${applied}`],
    ...(coordinator?.unsettled(now) ?? []),
    [next === null ? 0 : 1, `members ${next?.members.join(', ')} in force from slot ${next?.from}`],
  ];
}

function roleOf({ self, coordinator, learner }: Parts): string {
  if (coordinator !== null) return coordinator.leads ? 'leader' : 'candidate';
  return learner.machine.members.includes(self) ? 'follower' : 'learner';
}

function leaderOf({ self, coordinator, election, now }: Parts): NodeId | null {
  if (coordinator?.leads) return self;
  return election.isLeaderLive(now) ? (election.leader?.node ?? null) : null;
}

function suspectsOf({ coordinator, election, now }: Parts): readonly NodeId[] {
  if (coordinator !== null) return coordinator.suspects(now);
  const { leader } = election;
  return leader === null || election.isLeaderLive(now) ? [] : [leader.node];
}

function factsOf(parts: Parts): readonly (readonly [string, string | number])[] {
  const { learner, acceptor, election, coordinator, transfers } = parts;
  const { machine, log, applied } = learner;
  const leader = coordinator?.leads ? coordinator.ballot : election.leader;
  return [
    ['leader', leaderOf(parts) ?? '-'],
    ['ballot', leader === null ? '-' : showBallot(leader)],
    ['promised', showBallot(acceptor.promised)],
    ['decided', learner.declared],
    ['applied', applied],
    ['log slots', log.size],
    ['log bytes', log.bytes],
    ['members', machine.members.join(',')],
    ['clients remembered', machine.sessions.clientCount],
    ...(machine.sessions.recalledCount > 0
      ? [['commands met again', machine.sessions.recalledCount] as const]
      : []),
    ['snapshots being sent', transfers.count],
    ...(coordinator?.facts ?? []),
  ];
}

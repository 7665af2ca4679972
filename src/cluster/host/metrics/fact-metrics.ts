/** What replicas tell of their protocol (`ReplicaView.facts`), as metrics: those of our modes by name. */
import { labelled, type MetricRow } from './metric-row.js';

type Fact = string | number;

interface FactMetric {
  readonly fact: string;
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  /** Absent: the number itself. */
  readonly numberOf?: (fact: Fact) => number | null;
}

const gauge = (
  fact: string,
  name: string,
  help: string,
  toNumber?: FactMetric['numberOf'],
): FactMetric => ({ fact, name, type: 'gauge', help, ...(toNumber && { numberOf: toNumber }) });

const counter = (fact: string, name: string, help: string): FactMetric => ({
  ...{ fact, name, type: 'counter', help },
});

/** `12.n3` is 12; `-` is 0. */
const roundOf = (ballot: Fact): number => Number(/^\d+/.exec(String(ballot))?.[0] ?? 0);
const wordCount = (text: Fact): number => (text === 'empty' ? 0 : String(text).split(' ').length);
const namesIn = (text: Fact): number => String(text).split(',').length;

const byMode: Readonly<Record<string, readonly FactMetric[]>> = {
  quorum: [
    gauge('hints', 'kvx_quorum_hints', 'Writes kept for peers that were out of reach.'),
    counter('hints dropped', 'kvx_quorum_hints_dropped_total', 'Hints there was no room for.'),
    gauge('tombstones', 'kvx_quorum_tombstones', 'Deleted keys that are still remembered.'),
    gauge('pending', 'kvx_quorum_pending_phases', 'Phases of requests that wait for replicas.'),
    gauge('peers in doubt', 'kvx_quorum_peers_in_doubt', 'Peers not known to hold the same.'),
  ],
  gossip: [
    gauge('clock', 'kvx_gossip_clock', 'The Lamport clock of the node.'),
    gauge('hot rumours', 'kvx_gossip_hot_rumours', 'Updates that are still spread.'),
    gauge('waves', 'kvx_gossip_waves', 'Waves of a stabilize that the node takes part in.'),
    gauge('tombstones', 'kvx_gossip_tombstones', 'Deleted keys that are still remembered.'),
    gauge('horizon', 'kvx_gossip_horizon', 'Stamp up to which tombstones were forgotten.'),
  ],
  '2pc': [
    gauge('pool', 'kvx_2pc_pool_workers', 'Of the coordinator: workers that vote.', (pool) =>
      pool === 'in' || pool === 'out' || pool === '-' ? null : wordCount(pool),
    ),
    gauge('pool', 'kvx_2pc_in_pool', 'Of a worker: whether it votes, 1 or 0.', (pool) => {
      if (pool === 'in') return 1;
      return pool === 'out' || pool === '-' ? 0 : null;
    }),
    gauge('undecided', 'kvx_2pc_undecided_transactions', 'Votes are still missing.'),
    gauge(
      'committed, not acknowledged by all',
      'kvx_2pc_unacknowledged_transactions',
      'Committed, and not acknowledged by all workers.',
    ),
    gauge('waiting to begin', 'kvx_2pc_waiting_transactions', 'They wait for keys or for room.'),
    gauge('reads under way', 'kvx_2pc_reads', 'Reads that wait for a worker.'),
    gauge('forwarded', 'kvx_2pc_forwarded_requests', 'Requests that wait for the coordinator.'),
    gauge(
      'in doubt',
      'kvx_2pc_in_doubt_transactions',
      'Voted for, and not known to be decided: their keys are blocked.',
    ),
  ],
  paxos: [
    gauge('ballot', 'kvx_paxos_ballot_round', 'Round of the ballot that leads; 0: none.', roundOf),
    gauge('promised', 'kvx_paxos_promised_round', 'Round of the ballot promised.', roundOf),
    gauge('decided', 'kvx_paxos_decided_slot', 'Greatest slot known to be chosen.'),
    gauge('applied', 'kvx_paxos_applied_slot', 'Greatest slot applied to the store.'),
    gauge('log slots', 'kvx_paxos_log_slots', 'Slots kept.'),
    gauge('log bytes', 'kvx_paxos_log_bytes', 'Bytes of these.'),
    gauge('members', 'kvx_paxos_members', 'Members by the last slot applied.', namesIn),
    gauge('clients remembered', 'kvx_paxos_clients', 'Sessions whose commands are recognised.'),
    counter(
      'commands met again',
      'kvx_paxos_repeated_commands_total',
      'Commands that were chosen before, and so did nothing.',
    ),
    gauge('snapshots being sent', 'kvx_paxos_snapshot_transfers', 'To peers that lag.'),
    gauge('in flight', 'kvx_paxos_in_flight_slots', 'Of the leader: proposed, not chosen.'),
    gauge('queue', 'kvx_paxos_queued_commands', 'Of the leader: commands that wait for a slot.'),
    counter('batches', 'kvx_paxos_batches_total', 'Of the leader, in this term: slots proposed.'),
  ],
};

/** Of a mode of one's own: as many, under names that are no longer. */
const ownFactsMax = 32;
const ownNameCharsMax = 64;

/** Single transactions, `in doubt 7`, are no series to keep. */
const ofTransaction = / \d+$/;

const plainNumber = (fact: Fact): number | null =>
  typeof fact === 'number' && Number.isFinite(fact) ? fact : null;

const knownRows = Object.entries(byMode).flatMap(([mode, metrics]) =>
  metrics.map(
    ({ fact, name, type, help, numberOf = plainNumber }): MetricRow => ({
      ...{ name, type, help },
      read({ record, view }) {
        if (record.mode !== mode) return null;
        const found = view.facts.find(([each]) => each === fact);
        return found === undefined ? null : numberOf(found[1]);
      },
    }),
  ),
);

/** One row a metric; and one for the numbers of modes that are not in the table. */
export const factRows: readonly MetricRow[] = [
  ...knownRows,
  {
    ...{ name: 'kvx_protocol_fact', type: 'gauge', labels: ['fact'] },
    help: 'Of a mode of your own: the numbers among the facts that its replicas tell.',
    read({ record, view }) {
      if (Object.hasOwn(byMode, record.mode)) return null;
      return view.facts
        .filter(([name, fact]) => plainNumber(fact) !== null && !ofTransaction.test(name))
        .slice(0, ownFactsMax)
        .map(([name, fact]) => labelled(Number(fact), { fact: name.slice(0, ownNameCharsMax) }));
    },
  },
];

/** What a node tells Prometheus of itself: the table that docs/metrics.md is made from. */
import packageJson from '../../../../package.json' with { type: 'json' };
import { profileOf } from '../../../protocols/catalog.js';
import { factRows } from './fact-metrics.js';
import { labelled, type MetricRow } from './metric-row.js';

const about: readonly MetricRow[] = [
  {
    ...{ name: 'kvx_build_info', type: 'gauge', labels: ['version', 'nodejs'] },
    help: 'Which kvx on which Node.js; always 1.',
    read: () => [labelled(1, { version: packageJson.version, nodejs: process.version })],
  },
  {
    ...{ name: 'kvx_node_info', type: 'gauge', labels: ['mode', 'runtime', 'sync'] },
    help: 'How the node runs; always 1.',
    read: ({ record: { mode, runtime, sync } }) => [
      labelled(1, { mode: profileOf(mode).name, runtime, sync }),
    ],
  },
  {
    ...{ name: 'kvx_node_role_info', type: 'gauge', labels: ['role'] },
    help: 'What the node does at present, such as leader or follower; always 1.',
    read: ({ view }) => [labelled(1, { role: view.role })],
  },
  {
    ...{ name: 'kvx_node_start_time_seconds', type: 'gauge' },
    help: 'When the node started, since 1970; with threads its process has started before.',
    read: ({ startedAt }) => startedAt,
  },
  {
    ...{ name: 'kvx_node_incarnation', type: 'gauge' },
    help: 'Which start of the node on these data it is.',
    read: ({ incarnation }) => incarnation,
  },
  {
    ...{ name: 'kvx_keys', type: 'gauge' },
    help: 'Keys that the node holds, tombstones not counted.',
    read: ({ view }) => view.keyCount,
  },
  {
    ...{ name: 'kvx_unsettled_work', type: 'gauge' },
    help: 'Work under way that will still change some replica: requests, hints for live peers, repairs.',
    read: ({ view }) => view.unsettledCount,
  },
  {
    ...{ name: 'kvx_peer_suspected', type: 'gauge', labels: ['peer'] },
    help: 'Whether the node believes that this peer is out of reach: 1 or 0.',
    read: ({ record, node, view }) => {
      const peers = new Set([...record.nodes, ...view.suspects]);
      peers.delete(node);
      return [...peers].map((peer) => labelled(view.suspects.includes(peer) ? 1 : 0, { peer }));
    },
  },
  {
    ...{ name: 'kvx_faults_active', type: 'gauge' },
    help: 'What is broken on purpose: rules about links, and faults of this node itself.',
    read: ({ faultCount }) => faultCount,
  },
];

const operations: readonly MetricRow[] = [
  {
    ...{ name: 'kvx_operations_total', type: 'counter' },
    ...{ labels: ['operation', 'level', 'outcome'] },
    help: 'Requests of clients that were answered. Outcome: ok, refused (a precondition did not hold) or the code of an error.',
    read: (source) => source.operations.samples(),
  },
  {
    ...{ name: 'kvx_operation_duration_seconds', type: 'histogram', labels: ['operation'] },
    help: 'From the arrival of a request to its answer.',
    read: (source) => source.operations.times(),
  },
  {
    ...{ name: 'kvx_operations_in_flight', type: 'gauge' },
    help: 'Requests that were begun and are not answered.',
    read: ({ load }) => load.requestsUnderWay,
  },
  {
    ...{ name: 'kvx_operations_in_flight_bytes', type: 'gauge' },
    help: 'What these take, with the answers they are expected to bring.',
    read: ({ load }) => load.bytesUnderWay,
  },
  {
    ...{ name: 'kvx_operations_waiting', type: 'gauge' },
    help: 'Requests that have not begun.',
    read: ({ load }) => load.requestsWaiting,
  },
  {
    ...{ name: 'kvx_connections', type: 'gauge', labels: ['kind'] },
    help: 'Open connections: client (the own protocol), peer (nodes; none with threads), resp (Redis clients).',
    read: ({ connections: { client, peer }, resp }) => [
      labelled(client, { kind: 'client' }),
      labelled(peer, { kind: 'peer' }),
      ...(resp === null ? [] : [labelled(resp.connections, { kind: 'resp' })]),
    ],
  },
  {
    ...{ name: 'kvx_resp_connections_total', type: 'counter' },
    help: 'Redis clients that were let in.',
    read: ({ resp }) => resp?.clients ?? null,
  },
  {
    ...{ name: 'kvx_resp_commands_total', type: 'counter' },
    help: 'Commands of Redis clients.',
    read: ({ resp }) => resp?.commands ?? null,
  },
];

const messages: readonly MetricRow[] = [
  {
    ...{ name: 'kvx_turns_total', type: 'counter' },
    help: 'Turns of the node: each takes what waits, and syncs at most once.',
    read: ({ load }) => load.turnCount,
  },
  {
    ...{ name: 'kvx_messages_sent_total', type: 'counter' },
    help: 'Messages to peers that have left.',
    read: ({ link }) => link.sentCount,
  },
  {
    ...{ name: 'kvx_messages_sent_bytes_total', type: 'counter' },
    help: 'Bytes of frames given to sockets or rings.',
    read: ({ lines }) => lines.sentBytes,
  },
  {
    ...{ name: 'kvx_messages_received_total', type: 'counter' },
    help: 'Messages from peers.',
    read: ({ link }) => link.receivedCount,
  },
  {
    ...{ name: 'kvx_messages_received_bytes_total', type: 'counter' },
    help: 'Bytes that these took on the way.',
    read: ({ link }) => link.receivedBytes,
  },
  {
    ...{ name: 'kvx_messages_dropped_total', type: 'counter', labels: ['reason'] },
    help: 'Messages lost by faults that were injected, or because too many waited for a turn.',
    read: ({ link, load }) => [
      labelled(link.lostCount, { reason: 'fault' }),
      labelled(load.messagesLost, { reason: 'inbox_full' }),
    ],
  },
  {
    ...{ name: 'kvx_message_batches_unsent_total', type: 'counter' },
    help: 'Batches that could not be sent: no connection to the peer, or no room.',
    read: ({ lines }) => lines.lostCount,
  },
  {
    ...{ name: 'kvx_link_waiting_bytes', type: 'gauge' },
    help: 'Bytes that wait to be sent to the peer that lags most.',
    read: ({ link }) => link.bytesWaiting,
  },
  {
    ...{ name: 'kvx_inbox_messages', type: 'gauge' },
    help: 'Messages of peers that wait for a turn.',
    read: ({ load }) => load.messagesWaiting,
  },
  {
    ...{ name: 'kvx_inbox_bytes', type: 'gauge' },
    help: 'Bytes of these.',
    read: ({ load }) => load.messageBytesWaiting,
  },
];

const journals: readonly MetricRow[] = [
  {
    ...{ name: 'kvx_journal_appended_records_total', type: 'counter' },
    help: 'Records appended to the journal.',
    read: ({ journal }) => journal.appended,
  },
  {
    ...{ name: 'kvx_journal_durable_records_total', type: 'counter' },
    help: 'How many of these would survive a power cut.',
    read: ({ journal }) => journal.durable,
  },
  {
    ...{ name: 'kvx_journal_written_bytes_total', type: 'counter', labels: ['file'] },
    help: 'Bytes written to files of the journal: log or snapshot.',
    read: ({ disk }) =>
      Object.entries(disk.writtenBytes).map(([file, bytes]) => labelled(bytes, { file })),
  },
  {
    ...{ name: 'kvx_journal_log_bytes', type: 'gauge' },
    help: 'Bytes in the log since the last snapshot.',
    read: ({ journal }) => journal.logBytes,
  },
  {
    ...{ name: 'kvx_journal_sync_duration_seconds', type: 'histogram' },
    help: 'How long syncs of the journal took, with what faults make of the disk.',
    read: ({ disk }) => disk.syncTimes.samples(),
  },
  {
    ...{ name: 'kvx_journal_snapshots_total', type: 'counter' },
    help: 'Snapshots that took the place of older logs.',
    read: ({ disk }) => disk.snapshotCount,
  },
];

export const nodeRows: readonly MetricRow[] = [
  ...about,
  ...operations,
  ...messages,
  ...journals,
  ...factRows,
];

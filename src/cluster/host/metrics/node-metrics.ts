/** What a node tells Prometheus of itself: the table that docs/metrics.md is made from. */
import packageJson from '../../../../package.json' with { type: 'json' };
import { profileOf } from '../../../protocols/catalog.js';
import { factRows } from './fact-metrics.js';
import { counterRow, gaugeRow, histogramRow, labelled, type MetricRow } from './metric-row.js';

const about: readonly MetricRow[] = [
  gaugeRow(['kvx_build_info', 'version', 'nodejs'], 'Which kvx on which Node.js; always 1.', () => [
    labelled(1, { version: packageJson.version, nodejs: process.version }),
  ]),
  gaugeRow(
    ['kvx_node_info', 'mode', 'runtime', 'sync'],
    'How the node runs; always 1.',
    ({ record: { mode, runtime, sync } }) => [
      labelled(1, { mode: profileOf(mode).name, runtime, sync }),
    ],
  ),
  gaugeRow(
    ['kvx_node_role_info', 'role'],
    'What the node does at present, such as leader or follower; always 1.',
    ({ view }) => [labelled(1, { role: view.role })],
  ),
  gaugeRow(
    'kvx_node_start_time_seconds',
    'When the node started, since 1970; with threads its process has started before.',
    ({ startedAt }) => startedAt,
  ),
  gaugeRow(
    'kvx_node_incarnation',
    'Which start of the node on these data it is.',
    ({ incarnation }) => incarnation,
  ),
  gaugeRow(
    'kvx_keys',
    'Keys that the node holds, tombstones not counted.',
    ({ view }) => view.keyCount,
  ),
  gaugeRow(
    'kvx_unsettled_work',
    'Work under way that will still change some replica: requests, hints for live peers, repairs.',
    ({ view }) => view.unsettledCount,
  ),
  gaugeRow(
    ['kvx_peer_suspected', 'peer'],
    'Whether the node believes that this peer is out of reach: 1 or 0.',
    ({ record, node, view }) => {
      const peers = new Set([...record.nodes, ...view.suspects]);
      peers.delete(node);
      return [...peers].map((peer) => labelled(view.suspects.includes(peer) ? 1 : 0, { peer }));
    },
  ),
  gaugeRow(
    'kvx_faults_active',
    'What is broken on purpose: rules about links, and faults of this node itself.',
    ({ faultCount }) => faultCount,
  ),
];

const operations: readonly MetricRow[] = [
  counterRow(
    ['kvx_operations_total', 'operation', 'level', 'outcome'],
    'Requests of clients that were answered. Outcome: ok, refused (a precondition did not hold) or the code of an error.',
    (source) => source.operations.samples(),
  ),
  histogramRow(
    ['kvx_operation_duration_seconds', 'operation'],
    'From the arrival of a request to its answer.',
    (source) => source.operations.times(),
  ),
  gaugeRow(
    'kvx_operations_in_flight',
    'Requests that were begun and are not answered.',
    ({ load }) => load.requestsUnderWay,
  ),
  gaugeRow(
    'kvx_operations_in_flight_bytes',
    'What these take, with the answers they are expected to bring.',
    ({ load }) => load.bytesUnderWay,
  ),
  gaugeRow(
    'kvx_operations_waiting',
    'Requests that have not begun.',
    ({ load }) => load.requestsWaiting,
  ),
  gaugeRow(
    ['kvx_connections', 'kind'],
    'Open connections: client (the own protocol), peer (nodes; none with threads), resp (Redis clients).',
    ({ connections: { client, peer }, resp }) => [
      labelled(client, { kind: 'client' }),
      labelled(peer, { kind: 'peer' }),
      ...(resp === null ? [] : [labelled(resp.connections, { kind: 'resp' })]),
    ],
  ),
  counterRow(
    'kvx_resp_connections_total',
    'Redis clients that were let in.',
    ({ resp }) => resp?.clients ?? null,
  ),
  counterRow(
    'kvx_resp_commands_total',
    'Commands of Redis clients.',
    ({ resp }) => resp?.commands ?? null,
  ),
];

const messages: readonly MetricRow[] = [
  counterRow(
    'kvx_turns_total',
    'Turns of the node: each takes what waits, and syncs at most once.',
    ({ load }) => load.turnCount,
  ),
  counterRow(
    'kvx_messages_sent_total',
    'Messages to peers that have left.',
    ({ link }) => link.sentCount,
  ),
  counterRow(
    'kvx_messages_sent_bytes_total',
    'Bytes of frames given to sockets or rings.',
    ({ lines }) => lines.sentBytes,
  ),
  counterRow(
    'kvx_messages_received_total',
    'Messages from peers.',
    ({ link }) => link.receivedCount,
  ),
  counterRow(
    'kvx_messages_received_bytes_total',
    'Bytes that these took on the way.',
    ({ link }) => link.receivedBytes,
  ),
  counterRow(
    ['kvx_messages_dropped_total', 'reason'],
    'Messages lost by faults that were injected, or because too many waited for a turn.',
    ({ link, load }) => [
      labelled(link.lostCount, { reason: 'fault' }),
      labelled(load.messagesLost, { reason: 'inbox_full' }),
    ],
  ),
  counterRow(
    'kvx_message_batches_unsent_total',
    'Batches that could not be sent: no connection to the peer, or no room.',
    ({ lines }) => lines.lostCount,
  ),
  gaugeRow(
    'kvx_link_waiting_bytes',
    'Bytes that wait to be sent to the peer that lags most.',
    ({ link }) => link.bytesWaiting,
  ),
  gaugeRow(
    'kvx_inbox_messages',
    'Messages of peers that wait for a turn.',
    ({ load }) => load.messagesWaiting,
  ),
  gaugeRow('kvx_inbox_bytes', 'Bytes of these.', ({ load }) => load.messageBytesWaiting),
];

const journals: readonly MetricRow[] = [
  counterRow(
    'kvx_journal_appended_records_total',
    'Records appended to the journal.',
    ({ journal }) => journal.appended,
  ),
  counterRow(
    'kvx_journal_durable_records_total',
    'How many of these would survive a power cut.',
    ({ journal }) => journal.durable,
  ),
  counterRow(
    ['kvx_journal_written_bytes_total', 'file'],
    'Bytes written to files of the journal: log or snapshot.',
    ({ disk }) =>
      Object.entries(disk.writtenBytes).map(([file, bytes]) => labelled(bytes, { file })),
  ),
  gaugeRow(
    'kvx_journal_log_bytes',
    'Bytes in the log since the last snapshot.',
    ({ journal }) => journal.logBytes,
  ),
  histogramRow(
    'kvx_journal_sync_duration_seconds',
    'How long syncs of the journal took, with what faults make of the disk.',
    ({ disk }) => disk.syncTimes.samples(),
  ),
  counterRow(
    'kvx_journal_snapshots_total',
    'Snapshots that took the place of older logs.',
    ({ disk }) => disk.snapshotCount,
  ),
];

export const nodeRows: readonly MetricRow[] = [
  ...about,
  ...operations,
  ...messages,
  ...journals,
  ...factRows,
];

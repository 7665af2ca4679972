/** INFO: what a node does, as Redis' clients and monitors read it, and a section of what Redis has no word for. */
import { oneLine } from '../../core/show.js';
import type { RespNode } from '../command.js';
import { redisVersion } from './connection.js';

type Fields = readonly (readonly [name: string, value: string | number])[];

/** In Redis' order; `default` and `all` are all of them. */
const sections: Readonly<Record<string, (node: RespNode) => Fields>> = {
  Server: (node) => [
    ['redis_version', redisVersion],
    ['kvx_version', node.version],
    ['redis_mode', 'standalone'],
    ['os', node.usage().platform],
    ['arch_bits', 64],
    ['process_id', node.usage().pid],
    ['tcp_port', node.port],
    ['server_time_usec', Math.round(node.wallClock() * 1000)],
    ['uptime_in_seconds', uptimeSeconds(node)],
    ['uptime_in_days', Math.floor(uptimeSeconds(node) / 86_400)],
  ],
  Clients: (node) => {
    const clients = [...node.clients()];
    return [
      ['connected_clients', clients.length],
      ['cluster_connections', 0],
      ['blocked_clients', 0],
      ['tracking_clients', 0],
    ];
  },
  Memory(node) {
    const { residentBytes, heapBytes } = node.usage();
    return [
      ['used_memory', heapBytes],
      ['used_memory_human', human(heapBytes)],
      ['used_memory_rss', residentBytes],
      ['used_memory_rss_human', human(residentBytes)],
      ['maxmemory', 0],
      ['maxmemory_human', '0B'],
      ['maxmemory_policy', 'noeviction'],
    ];
  },
  Persistence(node) {
    const { journalAppended, journalDurable, journalBytes } = node.status();
    return [
      ['loading', 0],
      ['rdb_bgsave_in_progress', 0],
      ['rdb_changes_since_last_save', journalAppended - journalDurable],
      ['aof_enabled', 1],
      ['aof_rewrite_in_progress', 0],
      ['aof_last_write_status', 'ok'],
      ['aof_current_size', journalBytes],
    ];
  },
  Stats: ({ counts }) => [
    ['total_connections_received', counts.clients],
    ['total_commands_processed', counts.commands],
  ],
  Replication: () => [
    ['role', 'master'],
    ['connected_slaves', 0],
    ['master_failover_state', 'no-failover'],
  ],
  CPU(node) {
    const { systemSeconds, userSeconds } = node.usage();
    return [
      ['used_cpu_sys', systemSeconds.toFixed(6)],
      ['used_cpu_user', userSeconds.toFixed(6)],
    ];
  },
  Modules: () => [],
  Cluster: () => [['cluster_enabled', 0]],
  Keyspace(node) {
    const { keyCount } = node.view();
    return keyCount === 0 ? [] : [['db0', `keys=${keyCount},expires=0,avg_ttl=0`]];
  },
  Kvx: kvxFields,
};

/** `wanted`: in capitals; none: all. */
export function infoText(node: RespNode, wanted: readonly string[]): string {
  const isAll =
    wanted.length === 0 || wanted.some((name) => ['DEFAULT', 'ALL', 'EVERYTHING'].includes(name));
  return Object.entries(sections)
    .filter(([title]) => isAll || wanted.includes(title.toUpperCase()))
    .map(([title, fields]) => {
      const lines = fields(node).map(([name, value]) => `${name}:${value}\r\n`);
      return `# ${title}\r\n${lines.join('')}`;
    })
    .join('\r\n');
}

function kvxFields(node: RespNode): Fields {
  const { suspects, unsettledCount, leader } = node.view();
  const { facts, journalAppended, journalDurable, sentCount, syncCount, role } = node.status();
  return [
    ['cluster', node.cluster],
    ['node', node.node],
    ['nodes', node.nodes().join(',')],
    ['mode', node.mode.name],
    ['role', role],
    ...(leader === undefined ? [] : [['leader', leader ?? ''] as const]),
    ['suspects', suspects.join(',')],
    ['unsettled', unsettledCount],
    ['journal_records', journalAppended],
    ['journal_lag', journalAppended - journalDurable],
    ['syncs', syncCount],
    ['messages_sent', sentCount],
    ...facts.map(
      ([name, value]) => [`fact_${fieldName(name)}`, oneLine(String(value), 200)] as const,
    ),
  ];
}

const fieldName = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]+/g, '_');

const uptimeSeconds = (node: RespNode): number =>
  Math.floor((node.wallClock() - node.startedAt) / 1000);

/** As Redis writes it: `1016.09K`. */
function human(bytes: number): string {
  const power = Math.min(4, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  if (power === 0) return `${bytes}B`;
  return `${(bytes / 1024 ** power).toFixed(2)}${'BKMGT'[power]}`;
}

import { type Door, withConnection } from '../client/door.js';
import { type ClusterControl, control, currentRules, type NodeState } from '../cluster/cluster.js';
import { doorsOf } from '../cluster/doors.js';
import type { Cluster } from '../cluster/state.js';
import { KvxError } from '../core/errors.js';
import type { NodeId } from '../core/ids.js';
import { faultsOf } from '../report/links.js';
import type { NodeStatus } from '../runtime/links/client-frames.js';
import type { LinkRules } from '../runtime/links/filter.js';
import { failRateFact, failRateOf } from './fail-rates.js';

/** A node that runs says this much sooner than that, unless it is paused or overwhelmed. */
const statusTimeoutMs = 2_000;

export interface NodeReport extends NodeState {
  /** What the node says of itself; `null` when it does not answer. */
  readonly status: NodeStatus | null;
  /** What is done to its links, and how often it fails to answer, in words. */
  readonly faults: readonly string[];
}

/** What the launcher and each running node say, node by node. */
export async function gatherStatus(cluster: Cluster): Promise<NodeReport[]> {
  const states = await (control(cluster) satisfies ClusterControl).states();
  return askNodes(states, currentRules(cluster), doorsOf(cluster), cluster.record.unlinked);
}

/** As {@link gatherStatus}, of any cluster. */
export async function askNodes(
  states: readonly NodeState[],
  rules: LinkRules,
  doors: readonly Door[],
  unlinked: LinkRules['cuts'] = [],
): Promise<NodeReport[]> {
  return Promise.all(
    states.map(async (state) => {
      const door = doors.find(({ node }) => node === state.node);
      const status = state.state === 'running' && door ? await askStatus(door) : null;
      const failRate = status === null ? 0 : failRateOf(status);
      const ownFaults = failRate === 0 ? [] : [`${failRateFact} ${failRate}`];
      const faults = [...faultsOf(state.node, rules, unlinked), ...ownFaults];
      return { ...state, status, faults };
    }),
  );
}

async function askStatus(door: Door): Promise<NodeStatus | null> {
  try {
    return await withConnection(
      door,
      (connection) => connection.status(statusTimeoutMs),
      statusTimeoutMs,
    );
  } catch (error) {
    if (error instanceof KvxError) return null;
    throw error;
  }
}

export const statusColumns = [
  { title: 'NODE' },
  { title: 'ROLE' },
  { title: 'STATE' },
  { title: 'KEYS', align: 'right' },
  { title: 'JOURNAL', align: 'right' },
  { title: 'LAG', align: 'right' },
  { title: 'PENDING', align: 'right' },
  { title: 'SUSPECTS' },
  { title: 'FAULTS' },
  { title: 'NOTES' },
] as const;

/** One line of the table; what a node did not say stays empty. */
export function statusRow({ node, state, status, faults }: NodeReport): string[] {
  const shown = state === 'running' && status === null ? 'silent' : state;
  if (status === null) return [node, '', shown, '', '', '', '', '', faults.join('; '), ''];
  const { role, keyCount, journalAppended, journalDurable, unsettledCount, suspects } = status;
  return [
    node,
    role,
    shown,
    String(keyCount),
    String(journalDurable),
    String(journalAppended - journalDurable),
    String(unsettledCount),
    suspects.join(' '),
    faults.join('; '),
    notesOf(status),
  ];
}

/** Shown in a column of their own, or never quite zero and no news: `--json` has them. */
const quietFacts = [
  ...['pending', 'lost batches', failRateFact],
  ...['log slots', 'log bytes', 'clients remembered', 'batches', 'commands a batch'],
];

/** What nodes say of single transactions, `in doubt 7` or `committed 7`, has lines of its own. */
const ofTransaction = /^(?<what>.+) (?<id>\d+)$/;

const transactionsShownMax = 16;

export const transactionColumns = [
  { title: 'TRANSACTION', align: 'right' },
  { title: 'NODES' },
  { title: 'STATE' },
] as const;

/** One line for all nodes that say the same of a transaction, the oldest first; and how many more there are. */
export function transactionRows(reports: readonly Pick<NodeReport, 'node' | 'status'>[]): {
  readonly rows: readonly string[][];
  readonly moreCount: number;
} {
  const lines = new Map<string, { id: string; nodes: NodeId[]; said: string }>();
  for (const { node, status } of reports) {
    for (const [name, value] of status?.facts ?? []) {
      const { what = '', id = '' } = ofTransaction.exec(name)?.groups ?? {};
      if (id === '') continue;
      const said = `${what} ${value}`;
      // How long it has been so differs a little from node to node.
      const key = `${id} ${said.replace(/[\d.]+ s\b/, '')}`;
      const line = lines.get(key) ?? { id, nodes: [], said };
      line.nodes.push(node);
      lines.set(key, line);
    }
  }
  const oldest = [...lines.values()].sort((a, b) => Number(a.id) - Number(b.id));
  const shown = oldest.slice(0, transactionsShownMax);
  const rows = shown.map(({ id, nodes, said }) => [id, nodes.join(' '), said]);
  return { rows, moreCount: oldest.length - shown.length };
}

/** What the mode says besides, as far as there is anything to say. */
function notesOf({ facts }: NodeStatus): string {
  return facts
    .filter(([name, value]) => value !== 0 && value !== '' && !quietFacts.includes(name))
    .filter(([name]) => !ofTransaction.test(name))
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
}

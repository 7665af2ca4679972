import { askStatus } from '../client/ask.js';
import type { NodeState } from '../cluster/cluster.js';
import type { NodeCondition } from '../cluster/host/control-frames.js';
import type { PendingChange } from '../cluster/pending-change.js';
import { formatDuration } from '../config/duration.js';
import { readsWorst } from '../config/reads.js';
import type { Millis, NodeId } from '../core/ids.js';
import { pushTo } from '../core/lookup.js';
import { compareNodes } from '../core/node-order.js';
import type { ActiveFault } from '../faults/active.js';
import type { Glance } from '../protocols/catalog.js';
import { profileOf } from '../protocols/catalog.js';
import { faultsOf } from '../render/links.js';
import type { Cell } from '../render/page.js';
import { line, type Page, remark, right, table } from '../render/page.js';
import type { Column } from '../render/table.js';
import type { NodeStatus } from '../runtime/links/client-frames.js';
import type { TargetSpec } from '../targets/target.js';
import type { OperationContext } from './context.js';
import { failRatesOf } from './fail-rate.js';
import { faultSum, ownFaultsOf } from './fault-list.js';
import { nodesArgument, wideFlag } from './flags.js';
import { type OperationCall, operation, type ShowOptions } from './operation.js';
import { type PlacesOfNode, redisCli, respAddress, withPlaces } from './resp-words.js';

/** A node that runs says this much sooner than that, unless it is paused or overwhelmed. */
const statusTimeoutMs = 2_000;

/** What the launcher and each running node say, node by node. */
async function gatherStatus(context: OperationContext): Promise<NodeReport[]> {
  const { target, spec } = context;
  const failRates = failRatesOf(context);
  const states = await target.control.states();
  const endpoints = target.endpoints();
  const rules = target.rules();
  const active = target.faults();
  return Promise.all(
    withPlaces(states, target).map(async (state) => {
      const endpoint = endpoints.find(({ node }) => node === state.node);
      const isAsked = state.state === 'running' && endpoint !== undefined;
      const status = isAsked ? await askStatus(endpoint, statusTimeoutMs) : null;
      const failing = failRates.find(({ node }) => node === state.node);
      const faults = [
        ...faultsOf(state.node, rules, spec.unlinked),
        ...ownFaultsOf(state.node, active),
        ...(failing === undefined ? [] : [`fail rate ${failing.failRate}`]),
      ];
      return { ...state, status, faults };
    }),
  );
}

interface Status {
  readonly spec: TargetSpec;
  readonly runtime: string;
  readonly nodes: readonly NodeReport[];
  readonly faults: readonly ActiveFault[];
  /** By the clock of {@link ActiveFault.since}. */
  readonly now: Millis;
}

async function statusOf({ context }: OperationCall): Promise<Status> {
  const { spec, target } = context;
  const nodes = await gatherStatus(context);
  return { spec, runtime: target.runtime, nodes, faults: target.faults(), now: target.wallClock() };
}

function statusDocument({ spec, runtime, nodes, faults }: Status): unknown {
  const { name, mode, change, trace = 'off', reads = 'usual' } = spec;
  return { cluster: name, mode, runtime, trace, reads, nodes, faults, change: change ?? null };
}

/** A line a node, with `wide` all there is of it; what is the matter; a line a transaction that is not over. */
function statusPage({ spec, nodes, faults, now }: Status, { given }: ShowOptions): Page {
  const isWide = given.has('wide');
  const { glance } = profileOf(spec.mode);
  const { columns, rows } = isWide ? wideTable(nodes, glance) : glanceTable(nodes, glance);
  const transactions = transactionRows(nodes);
  const { moreCount } = transactions;
  const { change = null } = spec;
  return [
    table(columns, rows, isWide ? 'any' : 'output'),
    ...(isWide ? [] : below(remarkTable(nodes, glance))),
    ...below({ columns: transactionColumns, rows: transactions.rows }),
    ...(moreCount > 0 ? [remark(`… and ${moreCount} more such lines: --json shows all.`)] : []),
    ...amissIn({ faults, now, change }).map(remark),
    ...portRemarks(nodes),
    ...(readsWorst(spec) ? [remark(`Reads return the worst that is legal: ${spec.reads}.`)] : []),
    ...(spec.trace === 'on' ? [remark('All that nodes do is written down: `kvx trace`.')] : []),
  ];
}

/** What to type to be a Redis client of the first node that runs, and to see its metrics. */
function portRemarks(nodes: readonly NodeReport[]): Page {
  const { resp = null } = nodes.find(({ state }) => state === 'running') ?? {};
  const { metrics = null } = nodes.find(({ state }) => state === 'running') ?? {};
  return [
    ...(resp === null ? [] : [remark(`Redis clients: \`${redisCli(resp)}\`.`)]),
    ...(metrics === null ? [] : [remark(`Metrics: \`curl -s ${metrics}\`.`)]),
  ];
}

/** Of a cluster as a whole, a line each. */
export function amissIn({
  faults,
  now,
  change,
}: Pick<Status, 'faults' | 'now'> & { readonly change: PendingChange | null }): string[] {
  const broken = faultSum(faults, now);
  return [
    ...(broken === null ? [] : [`${broken}: see \`kvx fault list\`.`]),
    ...(change === null ? [] : [changeInWords(change)]),
  ];
}

function changeInWords({ type, node, pid }: PendingChange): string {
  const command = `\`kvx node ${type} ${node}\``;
  if (pid !== null) return `${command} is at work (pid ${pid}).`;
  const undo = type === 'add' ? `, or undo it: \`kvx node remove ${node}\`` : '';
  return `${command} was left halfway: type it again${undo}.`;
}

const below = ({ columns, rows }: Rows): Page =>
  rows.length === 0 ? [] : [line(''), table(columns, rows, 'wrapped')];

export const clusterStatus = operation<Status>({
  name: 'cluster status',
  summary: 'Show each node: role, state, keys, lag, what is the matter with it.',
  description: [
    'LAG: records of its journal not yet durable. PENDING: work under way that will still change some replica.',
    'Then what matters in the mode: hints; clock and rumours; leader, ballot, last slot applied; the pool and what is in doubt.',
    'Below: why nodes stopped, which peers they suspect to be out of reach, faults on their links; and each transaction that is in doubt or not acknowledged by all.',
    'A node that runs but does not answer is silent. Exit code 3 when the cluster is not up.',
  ].join('\n'),
  examples: ['cluster status', 'watch $kvx cluster status --wide', 'cluster status --json'],
  flags: [wideFlag('show all columns')],
  changes: false,
  run: statusOf,
  json: statusDocument,
  page: statusPage,
});

export const nodeStatus = operation<Status>({
  name: 'node status',
  summary: 'Show all that is known of nodes, a line a thing.',
  description:
    'What the launcher knows of each, and what it says of itself; `kvx cluster status` has a line a node.',
  examples: ['node status n1', 'node status n1 n2 --json'],
  arguments: [nodesArgument],
  changes: false,
  run: async (call) => {
    const wanted = call.given.texts('NODE');
    const status = await statusOf(call);
    return { ...status, nodes: status.nodes.filter(({ node }) => wanted.includes(node)) };
  },
  json: statusDocument,
  page: ({ spec, nodes }) => {
    const { glance } = profileOf(spec.mode);
    return nodes.flatMap((node, at) => {
      const { columns, rows } = nodeTable(node, glance);
      return [...(at > 0 ? [line('')] : []), table(columns, rows, 'wrapped')];
    });
  },
});

export interface NodeReport extends NodeState, PlacesOfNode {
  /** What the node says of itself; `null` when it does not answer. */
  readonly status: NodeStatus | null;
  /** What is done to its links, and how often it fails to answer, in words. */
  readonly faults: readonly string[];
}

export interface Rows {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
}

const plainColumns = [
  { title: 'NODE' },
  { title: 'ROLE' },
  { title: 'STATE' },
  right('KEYS'),
  right('LAG'),
  right('PENDING'),
] as const;

/** A line a node, with what matters in its mode. */
export function glanceTable(reports: readonly NodeReport[], glance: Glance): Rows {
  const { columns } = glance;
  const isCount = (name: string): boolean =>
    reports.every((report) => /^\d*$/.test(factOf(report, name)));
  return {
    columns: [
      ...plainColumns,
      ...columns.map((name): Column => {
        const align = isCount(name) ? 'right' : 'left';
        return { title: name.toUpperCase(), align, optional: true };
      }),
      { ...right('RESP'), optional: true },
      { ...right('METRICS'), optional: true },
    ],
    rows: reports.map((report) => [
      ...plainCells(report, glance),
      ...columns.map((name) => few(factOf(report, name).split(' '))),
      report.resp === null ? '' : String(report.resp.port),
      report.metrics === null ? '' : report.metrics.replace(/^.*:|\/.*$/g, ''),
    ]),
  };
}

/** A line a node, with all there is. */
export function wideTable(reports: readonly NodeReport[], glance: Glance): Rows {
  return {
    columns: [
      ...plainColumns,
      right('JOURNAL'),
      ...['RESP', 'SUSPECTS', 'FAULTS', 'NOTES'].map((title) => ({ title })),
    ],
    rows: reports.map((report) => {
      const { status, faults, resp } = report;
      return [
        ...plainCells(report, glance),
        ...[status === null ? '' : String(status.journalDurable)],
        resp === null ? '' : respAddress(resp),
        ...[suspectsOf(status).join(' '), faults.join('; ')],
        status === null ? '' : notesOf(status),
      ];
    }),
  };
}

/** What of several nodes is the matter, a line for all of which the same is to be said. */
export function remarkTable(reports: readonly NodeReport[], glance: Glance): Rows {
  const said = new Map<string, NodeId[]>();
  for (const report of reports) {
    for (const text of remarksOn(report, glance)) pushTo(said, text, report.node);
  }
  return {
    columns: [{ title: 'NODES' }, { title: 'REMARKS' }],
    rows: [...said].map(([text, nodes]) => [few(nodes), text]),
  };
}

function remarksOn(report: NodeReport, { remarks }: Glance): string[] {
  const { state, why, status, faults } = report;
  const suspects = suspectsOf(status);
  return [
    ...(why === null ? [] : [`${state}: ${why}`]),
    ...(suspects.length === 0 ? [] : [`suspects ${few(suspects)}`]),
    ...faults.map(shortened),
    ...remarks.flatMap((name) => {
      const said = factOf(report, name);
      return said === '' || said === '0' ? [] : [`${name} ${said}`];
    }),
  ];
}

/** All that is known of one node, a line a thing. */
export function nodeTable(report: NodeReport, glance: Glance): Rows {
  const { node, pid, why, status, faults, resp, metrics } = report;
  const [, role = '', state = '', keys = '', lag = '', pending = ''] = plainCells(report, glance);
  const rows = [
    ...[
      ['state', state],
      ['why', why ?? ''],
      ['role', role],
      ['pid', pid === null ? '' : String(pid)],
    ],
    ...[
      ['keys', keys],
      ['pending', pending],
      ['suspects', suspectsOf(status).join(' ')],
    ],
    ['faults', faults.join('; ')],
    ...(resp === null
      ? []
      : [
          ['Redis clients', `at ${respAddress(resp)}: \`${redisCli(resp)}\``],
          ['their socket', resp.socket],
          ['their password', resp.password ? 'is set' : 'none'],
        ]),
    ['metrics', metrics ?? ''],
    ...(status === null
      ? []
      : [
          ['journal', `${status.journalDurable} records durable, ${lag} not yet`],
          ['journal bytes', String(status.journalBytes)],
          ['syncs of the journal', String(status.syncCount)],
          ['messages sent', String(status.sentCount)],
          ['up for', formatDuration(status.uptimeMs)],
          ...status.facts
            .filter(([name]) => name !== 'pending')
            .map(([name, value]) => [name, String(value)]),
        ]),
  ];
  return {
    columns: [{ title: 'NODE' }, { title: node }],
    rows: rows.filter(([, value]) => value !== ''),
  };
}

/** What a node did not say stays empty. */
function plainCells(report: NodeReport, { keepsNoCopy }: Glance): Cell[] {
  const { node, state, status } = report;
  if (status === null) {
    return [node, '', paint(state === 'running' ? 'silent' : state), '', '', ''];
  }
  const { role, keyCount, journalAppended, journalDurable, unsettledCount } = status;
  return [
    ...[node, role, paint(state)],
    // Of who keeps no copy, 0 would look like a loss.
    role === keepsNoCopy ? '-' : String(keyCount),
    ...[String(journalAppended - journalDurable), String(unsettledCount)],
  ];
}

const suspectsOf = (status: NodeStatus | null): NodeId[] =>
  [...(status?.suspects ?? [])].sort(compareNodes);

function paint(state: NodeCondition | 'silent'): Cell {
  switch (state) {
    case 'running':
      return { text: state, paint: 'green' };
    case 'paused':
    case 'silent':
      return { text: state, paint: 'yellow' };
    case 'dead':
    case 'failed':
      return { text: state, paint: 'red' };
  }
}

const shownMax = 4;

/** Names as far as a line has room for them. */
const few = (names: readonly string[]): string =>
  names.length <= shownMax ? names.join(' ') : `${names.slice(0, 2).join(' ')} … (${names.length})`;

/** `cut from n1 n2 … (20)`. */
const shortened = (fault: string): string =>
  fault.replace(/^(cut from|can't reach|can't hear|.* to) (.+)$/, (_, what, names: string) => {
    return `${what} ${few(names.split(' '))}`;
  });

const factOf = ({ status }: NodeReport, wanted: string): string =>
  String(status?.facts.find(([name]) => name === wanted)?.[1] ?? '');

/** Shown in a column of their own, or never quite zero and no news: `node status` has them. */
const quietFacts = [
  ...['pending', 'lost batches'],
  ...['log slots', 'log bytes', 'clients remembered', 'commands met again'],
  ...['batches', 'commands a batch'],
];

/** What nodes say of single transactions, `in doubt 7` or `committed 7`, has lines of its own. */
const ofTransaction = /^(?<what>.+) (?<id>\d+)$/;

/** What the mode says besides, as far as there is anything to say. */
function notesOf({ facts }: NodeStatus): string {
  return facts
    .filter(([name, value]) => value !== 0 && value !== '' && !quietFacts.includes(name))
    .filter(([name]) => !ofTransaction.test(name))
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
}

const transactionsShownMax = 16;

export const transactionColumns = [
  right('TRANSACTION'),
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

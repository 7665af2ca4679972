import { askStatus } from '../client/ask.js';
import { profileOf } from '../protocols/catalog.js';
import { faultsOf } from '../render/links.js';
import { line, type Page, remark, table } from '../render/page.js';
import type { TargetSpec } from '../targets/target.js';
import type { OperationContext } from './context.js';
import { failRateFact, failRateOf } from './fail-rates.js';
import { nodesArgument, wideFlag } from './flags.js';
import { type OperationCall, operation, type ShowOptions } from './operation.js';
import {
  glanceTable,
  type NodeReport,
  nodeTable,
  type Rows,
  remarkTable,
  transactionColumns,
  transactionRows,
  wideTable,
} from './status-table.js';

/** A node that runs says this much sooner than that, unless it is paused or overwhelmed. */
const statusTimeoutMs = 2_000;

/** What the launcher and each running node say, node by node. */
async function gatherStatus({ target, spec }: OperationContext): Promise<NodeReport[]> {
  const states = await target.control.states();
  const endpoints = target.endpoints();
  const rules = target.rules();
  return Promise.all(
    states.map(async (state) => {
      const endpoint = endpoints.find(({ node }) => node === state.node);
      const isAsked = state.state === 'running' && endpoint !== undefined;
      const status = isAsked ? await askStatus(endpoint, statusTimeoutMs) : null;
      const failRate = status === null ? 0 : failRateOf(status);
      const ownFaults = failRate === 0 ? [] : [`${failRateFact} ${failRate}`];
      const faults = [...faultsOf(state.node, rules, spec.unlinked), ...ownFaults];
      return { ...state, status, faults };
    }),
  );
}

interface Status {
  readonly spec: TargetSpec;
  readonly runtime: string;
  readonly nodes: readonly NodeReport[];
}

async function statusOf({ context }: OperationCall): Promise<Status> {
  const nodes = await gatherStatus(context);
  return { spec: context.spec, runtime: context.target.runtime, nodes };
}

function statusDocument({ spec, runtime, nodes }: Status): unknown {
  const { name, mode, change } = spec;
  const begun = change === undefined ? null : { type: change.type, node: change.node };
  return { cluster: name, mode, runtime, nodes, change: begun };
}

/** A line a node, with `wide` all there is of it; what is the matter; a line a transaction that is not over. */
function statusPage({ spec, nodes }: Status, { given }: ShowOptions): Page {
  const isWide = given.has('wide');
  const { glance } = profileOf(spec.mode);
  const { columns, rows } = isWide ? wideTable(nodes, glance) : glanceTable(nodes, glance);
  const transactions = transactionRows(nodes);
  const { moreCount } = transactions;
  const { change } = spec;
  return [
    table(columns, rows, isWide ? 'any' : 'output'),
    ...(isWide ? [] : below(remarkTable(nodes, glance))),
    ...below({ columns: transactionColumns, rows: transactions.rows }),
    ...(moreCount > 0 ? [remark(`… and ${moreCount} more such lines: --json shows all.`)] : []),
    ...(change
      ? [remark(`\`kvx node ${change.type} ${change.node}\` has begun and is not over.`)]
      : []),
  ];
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
  arguments: [],
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
  flags: [],
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

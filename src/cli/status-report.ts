import type { ClusterRecord } from '../cluster/state/record.js';
import { modeNamed } from '../protocols/registry.js';
import { note, printJson, printLine } from '../render/output.js';
import { outputWidth, printTable, printWrapped } from '../render/print-table.js';
import type { NodeReport } from './status.js';
import {
  glanceTable,
  nodeTable,
  type Rows,
  remarkTable,
  transactionColumns,
  transactionRows,
  wideTable,
} from './status-table.js';

type Shown = Pick<ClusterRecord, 'name' | 'mode' | 'change'> & { readonly runtime: string };

/**
 * Prints what {@link NodeReport}s say: a line a node, with `wide` all there is of it; what is the matter; a line a
 * transaction that is not over.
 */
export function printStatus(
  cluster: Shown,
  nodes: readonly NodeReport[],
  how: { readonly json: boolean; readonly wide?: boolean },
): void {
  if (how.json) {
    printDocument(cluster, nodes);
    return;
  }
  const { glance } = modeNamed(cluster.mode);
  const everything = Number.POSITIVE_INFINITY;
  const { columns, rows } = how.wide ? wideTable(nodes, glance) : glanceTable(nodes, glance);
  printTable(columns, rows, how.wide ? everything : outputWidth());
  if (!how.wide) printBelow(remarkTable(nodes, glance));
  const transactions = transactionRows(nodes);
  printBelow({ columns: transactionColumns, rows: transactions.rows });
  const { moreCount } = transactions;
  if (moreCount > 0) note(`… and ${moreCount} more such lines: --json shows all.`);
  const { change } = cluster;
  if (change) note(`\`kvx node ${change.type} ${change.node}\` has begun and is not over.`);
}

/** Prints all that is known of each of these nodes. */
export function printNodeStatus(
  cluster: Shown,
  nodes: readonly NodeReport[],
  how: { readonly json: boolean },
): void {
  if (how.json) {
    printDocument(cluster, nodes);
    return;
  }
  const { glance } = modeNamed(cluster.mode);
  for (const [at, node] of nodes.entries()) {
    if (at > 0) printLine('');
    const { columns, rows } = nodeTable(node, glance);
    printWrapped(columns, rows);
  }
}

function printDocument({ name, mode, runtime, change }: Shown, nodes: readonly NodeReport[]): void {
  const begun = change === undefined ? null : { type: change.type, node: change.node };
  printJson({ cluster: name, mode, runtime, nodes, change: begun });
}

function printBelow({ columns, rows }: Rows): void {
  if (rows.length === 0) return;
  printLine('');
  printWrapped(columns, rows);
}

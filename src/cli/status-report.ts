import type { ClusterRecord } from '../cluster/spec.js';
import { note, printJson, printLine } from '../report/output.js';
import { printTable } from '../report/print-table.js';
import {
  type NodeReport,
  statusColumns,
  statusRow,
  transactionColumns,
  transactionRows,
} from './status.js';
import { troublesOf } from './up-report.js';

/** Prints what {@link NodeReport}s say: a line a node, a line a transaction that is not over. */
export function printStatus(
  cluster: Pick<ClusterRecord, 'name' | 'mode' | 'change'> & { readonly runtime: string },
  nodes: readonly NodeReport[],
  how: { readonly json: boolean },
): void {
  const { name, mode, runtime, change } = cluster;
  if (how.json) {
    const begun = change === undefined ? null : { type: change.type, node: change.node };
    printJson({ cluster: name, mode, runtime, nodes, change: begun });
    return;
  }
  printTable(statusColumns, nodes.map(statusRow));
  for (const line of troublesOf(nodes.filter(({ why }) => why !== null))) printLine(line);
  const { rows, moreCount } = transactionRows(nodes);
  if (rows.length > 0) {
    printLine('');
    printTable(transactionColumns, rows, Number.POSITIVE_INFINITY);
  }
  if (moreCount > 0) note(`… and ${moreCount} more such lines: --json shows all.`);
  if (change) note(`\`kvx node ${change.type} ${change.node}\` has begun and is not over.`);
}

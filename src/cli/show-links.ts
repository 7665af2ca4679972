import { currentRules } from '../cluster/cluster.js';
import type { ClusterSpec } from '../cluster/spec.js';
import type { Cluster } from '../cluster/state.js';
import { linkMatrix } from '../report/links.js';
import { printJson, printLine } from '../report/output.js';
import { printTable } from '../report/print-table.js';
import type { LinkRules } from '../runtime/links/filter.js';
import type { FailRate } from './fail-rates.js';

interface How {
  readonly json: boolean;
  /** Absent: not asked for. */
  readonly failRates?: readonly FailRate[];
}

/** Prints what every link does: a matrix, row from, column to; then the nodes that fail, if any. */
export function showLinks(cluster: Cluster, how: How): void {
  printLinks(cluster.record, currentRules(cluster), how);
}

/** As {@link showLinks}, of any cluster. */
export function printLinks(
  { name, nodes }: Pick<ClusterSpec, 'name' | 'nodes'>,
  rules: LinkRules,
  how: How,
): void {
  const { json, failRates } = how;
  if (json) {
    const { cuts, delays } = rules;
    printJson({ cluster: name, nodes, cuts, delays, ...(failRates ? { failRates } : {}) });
    return;
  }
  const { columns, rows } = linkMatrix(nodes, rules);
  printTable(columns, rows);
  for (const { node, failRate } of failRates ?? []) printLine(`${node} fail rate ${failRate}`);
}

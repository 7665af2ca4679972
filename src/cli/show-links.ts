import { currentRules } from '../cluster/cluster.js';
import type { Cluster } from '../cluster/state.js';
import { linkMatrix } from '../report/links.js';
import { printJson, printLine } from '../report/output.js';
import { printTable } from '../report/print-table.js';
import type { FailRate } from './fail-rates.js';

interface How {
  readonly json: boolean;
  /** Absent: not asked for. */
  readonly failRates?: readonly FailRate[];
}

/** Prints what every link does: a matrix, row from, column to; then the nodes that fail, if any. */
export function showLinks(cluster: Cluster, how: How): void {
  const rules = currentRules(cluster);
  const { name, nodes } = cluster.record;
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

import { currentRules } from '../cluster/cluster.js';
import type { Cluster } from '../cluster/state.js';
import { linkMatrix } from '../report/links.js';
import { printJson } from '../report/output.js';
import { printTable } from '../report/print-table.js';

/** Prints what every link does: a matrix, row from, column to. */
export function showLinks(cluster: Cluster, how: { readonly json: boolean }): void {
  const rules = currentRules(cluster);
  const { name, nodes } = cluster.record;
  if (how.json) {
    printJson({ cluster: name, nodes, cuts: rules.cuts, delays: rules.delays });
    return;
  }
  const { columns, rows } = linkMatrix(nodes, rules);
  printTable(columns, rows);
}

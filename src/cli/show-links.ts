import { currentRules } from '../cluster/cluster.js';
import type { ClusterSpec } from '../cluster/spec.js';
import type { Cluster } from '../cluster/state.js';
import { cutsBeside, missingNow } from '../faults/topology.js';
import { cutClients, linkMatrix } from '../report/links.js';
import { printJson, printLine } from '../report/output.js';
import { printTable } from '../report/print-table.js';
import type { LinkRules } from '../runtime/links/filter.js';
import type { FailRate } from './fail-rates.js';

interface How {
  readonly json: boolean;
  /** Absent: not asked for. */
  readonly failRates?: readonly FailRate[];
}

/** Prints what every link does: a matrix, row from, column to; then clients that are cut off, and nodes that fail. */
export function showLinks(cluster: Cluster, how: How): void {
  printLinks(cluster.record, currentRules(cluster), how);
}

/** As {@link showLinks}, of any cluster. */
export function printLinks(
  { name, nodes, unlinked = [] }: Pick<ClusterSpec, 'name' | 'nodes' | 'unlinked'>,
  rules: LinkRules,
  how: How,
): void {
  const { json, failRates } = how;
  if (json) {
    const { delays } = rules;
    const cuts = cutsBeside(unlinked, rules);
    const missing = missingNow(unlinked, rules);
    printJson({ cluster: name, nodes, cuts, missing, delays, ...(failRates ? { failRates } : {}) });
    return;
  }
  const { columns, rows } = linkMatrix(nodes, rules, unlinked);
  printTable(columns, rows);
  for (const { client, cutFrom } of cutClients(nodes, rules)) {
    printLine(`${client} cut from ${cutFrom.join(' ')}`);
  }
  for (const { node, failRate } of failRates ?? []) printLine(`${node} fail rate ${failRate}`);
}

import { currentRules } from '../cluster/cluster.js';
import type { Cluster } from '../cluster/state/state.js';
import type { ClusterSpec } from '../config/spec.js';
import type { NodeId } from '../core/ids.js';
import type { Direction, LinkRules } from '../faults/link-rules.js';
import { cutsBeside, missingNow } from '../faults/topology.js';
import { cutClients, faultsOf, linkMatrix } from '../render/links.js';
import { note, printJson, printLine } from '../render/output.js';
import { outputWidth, printTable } from '../render/print-table.js';
import { formatTable } from '../render/table.js';
import type { FailRate } from './fail-rates.js';

interface How {
  readonly json: boolean;
  /** The whole matrix, however wide. */
  readonly wide?: boolean;
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
  if (how.wide || widthOf(columns, rows) <= outputWidth()) {
    printTable(columns, rows, Number.POSITIVE_INFINITY);
  } else {
    printFaults(nodes, rules, unlinked);
  }
  for (const { client, cutFrom } of cutClients(nodes, rules)) {
    printLine(`${client} cut from ${cutFrom.join(' ')}`);
  }
  for (const { node, failRate } of failRates ?? []) printLine(`${node} fail rate ${failRate}`);
}

/** Of a matrix that the terminal is too narrow for, what is not as usual. */
function printFaults(
  nodes: readonly NodeId[],
  rules: LinkRules,
  unlinked: readonly Direction[],
): void {
  const rows = nodes
    .map((node) => [node, faultsOf(node, rules, unlinked).join('; ')])
    .filter(([, faults]) => faults !== '');
  printTable([{ title: 'NODE' }, { title: 'FAULTS' }], rows, Number.POSITIVE_INFINITY);
  const others = rows.length === 0 ? 'All links are ok.' : 'All other links are ok.';
  note(`${others} \`kvx fault list --wide\` shows the matrix.`);
}

function widthOf(...table: Parameters<typeof formatTable>): number {
  return Math.max(
    ...formatTable(...table)
      .split('\n')
      .map((line) => line.length),
  );
}

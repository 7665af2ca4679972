import type { NodeState, UpReport } from '../cluster/cluster.js';
import { formatDuration } from '../config/duration.js';
import { note, printJson } from '../report/output.js';
import { printTable } from '../report/print-table.js';

/** Prints a table of nodes and, for a person, the next three things to type. */
export function printUp(report: UpReport, how: { readonly json: boolean }): void {
  const { cluster, outcome, nodes, tookMs, notes } = report;
  const { name, mode, runtime } = cluster.record;
  if (how.json) {
    printJson({
      cluster: name,
      mode,
      runtime,
      outcome,
      nodes,
      folder: cluster.folder,
      tookMs,
      notes,
    });
    return;
  }
  for (const line of notes) note(line);
  printNodes(nodes);
  const did = { created: 'is up', resumed: 'is up again with its data', 'already-up': 'was up' };
  note(`\n${name} (${mode}, ${runtime}) ${did[outcome]}, in ${formatDuration(tookMs)}. Try:`);
  const only = name === 'dev' ? '' : ` -C ${name}`;
  note(`  kvx put greeting hello${only}`);
  note(`  kvx get greeting${only}`);
  note(`  kvx cluster status${only}`);
}

export function printNodes(nodes: readonly NodeState[]): void {
  printTable(
    [{ title: 'NODE' }, { title: 'STATE' }, { title: 'PID', align: 'right' }],
    nodes.map(({ node, state, pid }) => [node, state, pid === null ? '' : String(pid)]),
  );
}

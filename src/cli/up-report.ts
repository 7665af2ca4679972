import type { NodeState, UpReport } from '../cluster/cluster.js';
import { formatDuration } from '../config/duration.js';
import { note, printJson } from '../report/output.js';
import { printTable } from '../report/print-table.js';

/**
 * Prints a table of nodes and, for a person, the next three things to type. False when the cluster was up already and some
 * of its nodes do not run: then those, and what to type about them.
 */
export function printUp(report: UpReport, how: { readonly json: boolean }): boolean {
  const { cluster, outcome, nodes, tookMs, notes } = report;
  const { name, mode, runtime } = cluster.record;
  const away = nodes.filter(({ state }) => state !== 'running');
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
    return away.length === 0;
  }
  for (const line of notes) note(line);
  printNodes(nodes);
  const only = name === 'dev' ? '' : ` -C ${name}`;
  if (away.length > 0) {
    note(`\n${name} (${mode}, ${runtime}) was up, but not all of its nodes run:`);
    for (const state of away) note(`  ${stateInWords(state)}`);
    const awake = (state: NodeState['state']): boolean => state === 'paused';
    const named = (wanted: boolean): string =>
      away.flatMap(({ node, state }) => (awake(state) === wanted ? [` ${node}`] : [])).join('');
    if (named(false) !== '') note(`  kvx node restart${named(false)}${only}`);
    if (named(true) !== '') note(`  kvx node resume${named(true)}${only}`);
    return false;
  }
  const did = { created: 'is up', resumed: 'is up again with its data', 'already-up': 'was up' };
  note(`\n${name} (${mode}, ${runtime}) ${did[outcome]}, in ${formatDuration(tookMs)}. Try:`);
  note(`  kvx put greeting hello${only}`);
  note(`  kvx get greeting${only}`);
  note(`  kvx cluster status${only}`);
  return true;
}

/** `n2 failed: the disk is full …`. */
export const stateInWords = ({ node, state, why }: NodeState): string =>
  `${node} ${state === 'failed' ? '' : 'is '}${state}${why === null ? '' : `: ${why}`}`;

export function printNodes(nodes: readonly NodeState[]): void {
  printTable(
    [{ title: 'NODE' }, { title: 'STATE' }, { title: 'PID', align: 'right' }],
    nodes.map(({ node, state, pid }) => [node, state, pid === null ? '' : String(pid)]),
  );
}

import type { NodeState, UpReport } from '../cluster/cluster.js';
import { formatDuration } from '../config/duration.js';
import { note, printJson } from '../render/output.js';
import { outputWidth, printTable } from '../render/print-table.js';
import { wrap } from '../render/wrap.js';

/**
 * Prints a table of nodes and, for a person, the next three things to type. False when some nodes of a cluster that was up,
 * or has been, do not run: then those, and what to type about them.
 */
export function printUp(report: UpReport, how: { readonly json: boolean }): boolean {
  const { cluster, outcome, nodes, copying, tookMs, notes } = report;
  const { name, mode, runtime } = cluster.record;
  const away = nodes.filter(({ state }) => state !== 'running');
  if (how.json) {
    printJson({
      cluster: name,
      mode,
      runtime,
      outcome,
      nodes,
      copying,
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
    const was = outcome === 'resumed' ? 'is up again' : 'was up';
    note(`\n${name} (${mode}, ${runtime}) ${was}, but not all of its nodes run:`);
    for (const line of troublesOf(away))
      for (const part of wrap(line, outputWidth() - 2)) note(`  ${part}`);
    const paused = away.filter(({ state, why }) => state === 'paused' && why === null);
    const ended = away.filter(({ state }) => state !== 'paused');
    // Those that say themselves what to type would only be refused again.
    const plain = ended.filter(({ why }) => !why?.includes('`kvx'));
    if (plain.length > 0) note(`  kvx node restart ${namesOf(plain)}${only}`);
    if (paused.length > 0) note(`  kvx node resume ${namesOf(paused)}${only}`);
    return false;
  }
  const again = copying.length === 0 ? 'is up again with its data' : 'is up again';
  const did = { created: 'is up', resumed: again, 'already-up': 'was up' };
  note(`\n${name} (${mode}, ${runtime}) ${did[outcome]}, in ${formatDuration(tookMs)}. Try:`);
  note(`  kvx put greeting hello${only}`);
  note(`  kvx get greeting${only}`);
  note(`  kvx cluster status${only}`);
  return true;
}

const namesOf = (states: readonly NodeState[]): string => states.map(({ node }) => node).join(' ');

/** `n2 n3 failed: the disk is full …`: a line for all nodes of which the same is to be said. */
export function troublesOf(states: readonly NodeState[]): string[] {
  const groups = new Map<string, NodeState[]>();
  for (const each of states) {
    const what = each.why === null ? each.state : `${each.state}: ${each.why}`;
    groups.set(what, [...(groups.get(what) ?? []), each]);
  }
  return [...groups].map(([what, group]) => `${namesOf(group)} ${what}`);
}

export function printNodes(nodes: readonly NodeState[]): void {
  printTable(
    [{ title: 'NODE' }, { title: 'STATE' }, { title: 'PID', align: 'right' }],
    nodes.map(({ node, state, pid }) => [node, state, pid === null ? '' : String(pid)]),
  );
}

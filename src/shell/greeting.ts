import type { RunPlace } from '../targets/place.js';

/** Which cluster a shell talks to. Fits on a line of 50 columns, but for long names. */
export function greetingOf(place: RunPlace): string {
  if (!('cluster' in place)) return 'No cluster is up: `cluster up` starts one.';
  const { name, mode, nodes } = place.cluster.record;
  return `Cluster ${name}, mode ${mode}, ${nodes.length} nodes.`;
}

/** Where a script is to run: on a cluster that is up, or on one of its own. */
import { randomInt } from 'node:crypto';
import type { Cluster } from '../cluster/state/state.js';
import { quantity } from '../core/show.js';
import { attachedTarget, ownTarget } from './local.js';
import { SimTarget } from './sim.js';
import type { Target, TargetRuntime } from './target.js';

export type RunPlace =
  | { readonly cluster: Cluster }
  | {
      readonly runtime: TargetRuntime;
      /** For the simulator; `null`: drawn, and told. */
      readonly seed: number | null;
    };

const seedMax = 2 ** 31;
export const drawSeed = (): number => randomInt(seedMax);

export function openTarget(
  place: RunPlace,
  { err }: { err(line: string): void },
  signal: AbortSignal,
): Target {
  if ('cluster' in place) return attachedTarget(place.cluster, signal);
  if (place.runtime !== 'sim') return ownTarget(place.runtime, signal);
  const seed = place.seed ?? drawSeed();
  if (place.seed === null) err(`Simulated with --seed ${seed}.`);
  return new SimTarget({ afterPromises: setImmediate, seed });
}

/** Which cluster a shell talks to. Fits on a line of 50 columns, but for long names. */
export function greetingOf(place: RunPlace): string {
  if (!('cluster' in place)) return 'No cluster is up: `cluster up` starts one.';
  const { name, mode, nodes } = place.cluster.record;
  return `Cluster ${name}, mode ${mode}, ${quantity(nodes.length, 'node')}.`;
}

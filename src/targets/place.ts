/** Where a script is to run: on a cluster that is up, or on one of its own. */
import { randomInt } from 'node:crypto';
import type { Cluster } from '../cluster/state/state.js';
import { quantity } from '../core/show.js';
import { modeTitle } from '../protocols/catalog.js';
import type { TraceSink } from '../runtime/tracing/tracer.js';
import { attachedTarget, ownTarget } from './local.js';
import { SimTarget } from './sim.js';
import type { Target, TargetRuntime } from './target.js';

export type RunPlace =
  | { readonly cluster: Cluster }
  | {
      readonly runtime: TargetRuntime;
      /** For the simulator; `null`: drawn, and told. */
      readonly seed: number | null;
      /** For the simulator: a mistake that its nodes make. */
      readonly bug?: string | undefined;
    };

const seedMax = 2 ** 31;
export const drawSeed = (): number => randomInt(seedMax);

/** Takes the trace of a cluster that is there for as long as its target is. */
export interface TraceTaker {
  /** Of a simulated one: each event as it happens. */
  readonly event: TraceSink;
  /** Of real nodes, which have stopped: the cluster's folder, before it is gone. */
  readonly folder: (folder: string) => void;
}

export function openTarget(
  place: RunPlace,
  { err }: { err(line: string): void },
  signal: AbortSignal,
  trace: TraceTaker | null = null,
): Target {
  if ('cluster' in place) return attachedTarget(place.cluster, signal);
  if (place.runtime !== 'sim') return ownTarget(place.runtime, signal, trace?.folder);
  const seed = place.seed ?? drawSeed();
  if (place.seed === null) err(`Simulated with --seed ${seed}.`);
  const { bug } = place;
  const traced = trace === null ? {} : { sink: trace.event };
  return new SimTarget({ afterPromises: setImmediate, seed, bug, ...traced });
}

/** Which cluster a shell talks to. Fits on a line of 50 columns, but for long names. */
export function greetingOf(place: RunPlace): string {
  if (!('cluster' in place)) return 'No cluster is up: `cluster up` starts one.';
  const { name, mode, nodes } = place.cluster.record;
  return `Cluster ${name}, mode ${modeTitle(mode)}, ${quantity(nodes.length, 'node')}.`;
}

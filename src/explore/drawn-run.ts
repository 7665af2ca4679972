/** What is drawn from a run's seed before anything happens. */
import type { Millis, NodeId } from '../core/ids.js';
import { deadlyFaults, type FaultName, faultNames } from '../faults/fault.js';
import type { NemesisName } from '../faults/nemeses.js';
import { drawFaults, type FaultPlan } from '../faults/swarm.js';
import type { EventOrder } from '../sim/event-order.js';
import { fairConditions, type NetworkConditions } from '../sim/network.js';
import type { World } from '../sim/world.js';
import type { Focus } from './focus.js';
import { type NemesisPlan, nemesisEveryMs, nemesisFaultNames } from './nemesis.js';
import type { SwarmProfile } from './profile.js';
import { drawWorkload, type Workload } from './workload.js';

/** What is not left to the seed. */
export interface GivenRun {
  /** Drawn from the seed, 6 at most, when left out. */
  readonly nodes?: number;
  /** What is left out is drawn from the seed. */
  readonly workload?: Partial<Workload>;
  /** The mode's options, as a configuration would give them; what is left out is drawn. */
  readonly modeOptions?: Readonly<Record<string, unknown>>;
  /** The kinds of fault that may be drawn; all when left out, and none beside a nemesis. */
  readonly faults?: readonly FaultName[];
  /** What these do, as the cluster is then, beside what is drawn. */
  readonly nemesis?: readonly NemesisName[];
  /** The network without faults; what is left out is drawn. */
  readonly conditions?: Partial<NetworkConditions>;
  readonly durationMs?: Millis;
  /** Towards which cell of what faults meet it draws. */
  readonly focus?: Focus;
}

/** All that was drawn from the seed, or given. */
export interface Drawn {
  readonly nodes: number;
  readonly modeOptions: Readonly<Record<string, unknown>>;
  readonly conditions: NetworkConditions;
  readonly order: EventOrder;
  readonly workload: Workload;
  readonly plan: FaultPlan;
  readonly nemesis: NemesisPlan | null;
}

export const durationMsByDefault: Millis = 1_000;

/** Everything is drawn in any case, so that fixing one thing does not change all else. */
export function drawRun(world: World, profile: SwarmProfile, run: GivenRun): Omit<Drawn, 'order'> {
  const { random } = world;
  const count = profile.nodesMin + random.below(7 - profile.nodesMin);
  const names = simulatedNodes(run.nodes ?? count);
  const modeOptions = { ...profile.modeOptions(random.fork(), names), ...run.modeOptions };
  const conditions = {
    ...fairConditions,
    ...profile.conditions(random.fork(), modeOptions),
    ...run.conditions,
  };
  const workload = { ...drawWorkload(random.fork(), profile), ...run.workload };
  const mayBe = (kind: FaultName): boolean => {
    if (kind === 'takeovers') return profile.elects;
    if (profile.immuneTo?.includes(kind)) return false;
    return !deadlyFaults.has(kind) || !profile.restsOnHints(modeOptions);
  };
  const holdMsMax = profile.holdMsMax(modeOptions);
  const plan = drawFaults(random.fork(), {
    nodes: names,
    durationMs: run.durationMs ?? durationMsByDefault,
    kinds: (run.faults ?? (run.nemesis === undefined ? faultNames : [])).filter(mayBe),
    ...{ holdMsMax, always: run.focus?.kinds ?? [] },
  });
  const nemesis = {
    names: (run.nemesis ?? []).filter((name) => mayBe(nemesisFaultNames[name])),
    ...{ everyMs: world.chance('nemesis').pick(nemesisEveryMs), holdMsMax },
  };
  return {
    ...{ nodes: names.length, modeOptions, conditions, workload, plan },
    nemesis: nemesis.names.length === 0 ? null : nemesis,
  };
}

export const simulatedNodes = (count: number): NodeId[] =>
  Array.from({ length: count }, (_, index) => `n${index + 1}`);

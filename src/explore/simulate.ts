/**
 * One simulated run from one seed: a cluster, its clients and a swarm of faults on virtual time, then healing, then the
 * judgement. The same options give the same run, bit by bit; {@link SimulationReport.traceHash} proves it.
 */
import { DecisionLedger } from '../core/decision.js';
import type { Millis, NodeId } from '../core/ids.js';
import type { Level } from '../core/operation.js';
import type { Protocol, ProtocolTypes } from '../core/replica.js';
import { type Consistency, consistencies, type ModeProfile } from '../protocols/catalog.js';
import { consistencyOf, parseModeOptions } from '../protocols/options.js';
import { modeNamed } from '../protocols/registry.js';
import { SimCluster } from '../sim/cluster.js';
import { fairConditions, type NetworkConditions } from '../sim/network.js';
import type { TraceEvent } from '../sim/trace.js';
import { SimulationLimitError, World } from '../sim/world.js';
import {
  checkAgreement,
  checkLinearizable,
  checkNothingLost,
  checkReadsWritten,
  checkRegular,
  checkVersionsUnique,
  type StaleRead,
  staleReads,
  type Violation,
} from './checks.js';
import { drawFaults, type FaultName, type FaultPlan, faultNames } from './faults.js';
import type { HistoryEntry } from './history.js';
import { checkSessions } from './session-checks.js';
import { Simulation } from './simulation.js';
import { drawWorkload, type Workload } from './workload.js';

export interface RunOptions {
  readonly seed: number;
  /** Drawn from the seed, 3 to 6, when left out. */
  readonly nodes?: number;
  /** What is left out is drawn from the seed. */
  readonly workload?: Partial<Workload>;
  /** The kinds of fault that may be drawn; all when left out. */
  readonly faults?: readonly FaultName[];
  /** The network when no fault changes it. */
  readonly conditions?: Partial<NetworkConditions>;
  /** Virtual time with clients and faults, before healing. */
  readonly durationMs?: Millis;
  /** Virtual time from healing to quiet, at most. */
  readonly patienceMs?: Millis;
  /** Virtual time that goes on after quiet, when nothing may change any more. */
  readonly afterglowMs?: Millis;
  readonly eventsMax?: number;
  /** After the faults some links stay broken, and each connected part is stabilized; then they are mended. */
  readonly stabilize?: boolean;
  /** Keeps all events: slow. */
  readonly trace?: boolean;
}

export interface SimulateOptions extends RunOptions {
  readonly mode: string;
  /** The mode's options, as a configuration would give them. */
  readonly modeOptions?: Readonly<Record<string, unknown>>;
}

/** What is simulated, for protocols that no registry names. */
export interface Subject<P extends ProtocolTypes, Options> {
  readonly protocol: Protocol<P, Options>;
  options(nodes: number): Options;
  /** What the clients' history must show, given the levels of its operations. */
  consistency(levels: readonly (Level | null)[], options: Options): Consistency;
}

export interface SimulationReport {
  readonly seed: number;
  readonly nodes: number;
  readonly traceHash: string;
  readonly history: readonly HistoryEntry[];
  readonly plan: FaultPlan;
  readonly violations: readonly Violation[];
  /** All of them, whether or not the mode forbids them. */
  readonly staleReads: readonly StaleRead[];
  /** Numbers that nodes tell of themselves, over all nodes and incarnations. */
  readonly facts: ReadonlyMap<string, number>;
  readonly virtualMs: Millis;
  readonly events: number;
  /** All that happened, when it was asked for. */
  readonly trace: readonly TraceEvent[] | null;
}

interface Phases {
  readonly durationMs: Millis;
  readonly patienceMs: Millis;
  readonly afterglowMs: Millis;
  readonly stabilize: boolean;
}

const phasesByDefault: Phases = {
  durationMs: 2_000,
  patienceMs: 20_000,
  afterglowMs: 0,
  stabilize: false,
};

/** How long it may take to stabilize one part, all parts at once. */
const stabilizeMsMax = 5_000;

const eventsMaxByDefault = 400_000;

/** Simulates a mode of the registry. Throws `bad-request` (definite) for an unknown mode or option. */
export function simulate(options: SimulateOptions): SimulationReport {
  const mode = modeNamed(options.mode);
  return simulateSubject(
    {
      protocol: mode.protocol,
      options: (nodes) => parseModeOptions(mode.name, options.modeOptions ?? {}, nodes),
      consistency: (levels, parsed) => weakest(mode, levels, parsed),
    },
    options,
  );
}

export function simulateSubject<P extends ProtocolTypes, Options>(
  subject: Subject<P, Options>,
  run: RunOptions,
): SimulationReport {
  const trace: TraceEvent[] | null = run.trace ? [] : null;
  const phases = { ...phasesByDefault, ...run };
  const world = new World({
    seed: run.seed,
    eventsMax: run.eventsMax ?? eventsMaxByDefault,
    ...(trace === null ? {} : { sink: (event) => trace.push(event) }),
  });
  // Drawn in any case, so that fixing the number of nodes does not change all else.
  const drawn = 3 + world.random.below(4);
  const nodes = nodeNames(run.nodes ?? drawn);
  const options = subject.options(nodes.length);
  const workload = { ...drawWorkload(world.random.fork()), ...run.workload };
  const plan = drawFaults(world.random.fork(), {
    nodes,
    durationMs: phases.durationMs,
    kinds: run.faults ?? faultNames,
  });
  const found: Violation[] = [];
  const conditions = { ...fairConditions, ...run.conditions };
  const decisions = new DecisionLedger();
  const cluster = new SimCluster({
    ...{ world, protocol: subject.protocol, nodes, options, conditions, uneven: true },
    onDecision: (node, decision) => {
      const message = decisions.add(node, decision);
      if (message !== null) found.push({ check: 'decision', key: null, message });
    },
    onViolation: (message) => found.push({ check: 'crash-only', key: null, message }),
  });
  const simulation = new Simulation({ world, cluster, workload, conditions, violations: found });
  const isBroken = !drive(simulation, world, plan, phases, found);
  const consistency = subject.consistency(workload.levels, options);
  const violations = isBroken ? found : [...found, ...judge(simulation, consistency, workload)];
  return {
    seed: run.seed,
    nodes: nodes.length,
    traceHash: world.trace.hash,
    history: simulation.history,
    plan,
    violations,
    staleReads: staleReads(simulation.history, 'all'),
    facts: cluster.facts(),
    virtualMs: world.now,
    events: world.eventCount,
    trace,
  };
}

/** Runs all phases. What breaks the simulation itself, such as bytes that no shape fits, is a violation. */
function drive<P extends ProtocolTypes, Options>(
  simulation: Simulation<P, Options>,
  world: World,
  plan: FaultPlan,
  phases: Phases,
  found: Violation[],
): boolean {
  try {
    simulation.start();
    simulation.disturb(plan.faults, phases.durationMs);
    simulation.heal();
    if (phases.stabilize) simulation.stabilizeParts(world.random.fork(), stabilizeMsMax);
    simulation.settle(phases.patienceMs);
    world.runUntil(world.now + phases.afterglowMs);
    return true;
  } catch (error) {
    const check = error instanceof SimulationLimitError ? 'livelock' : 'simulation';
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    found.push({ check, key: null, message });
    return false;
  }
}

function judge<P extends ProtocolTypes, Options>(
  simulation: Simulation<P, Options>,
  consistency: Consistency,
  { sessions }: Workload,
): Violation[] {
  const { history } = simulation;
  const replicas = simulation.replicas();
  return [
    ...checkAgreement(replicas),
    ...checkNothingLost(history, replicas),
    ...checkVersionsUnique(history, replicas),
    ...checkReadsWritten(history),
    ...checkConsistency(history, consistency),
    ...(sessions ? checkSessions(history) : []),
  ];
}

function checkConsistency(history: readonly HistoryEntry[], consistency: Consistency): Violation[] {
  switch (consistency) {
    case 'strict-serializable':
    case 'linearizable':
      return checkLinearizable(history);
    case 'regular':
      return checkRegular(history);
    case 'eventual':
      return [];
  }
}

/** What reads and writes promise together when each may be at any of these levels. */
function weakest(
  mode: ModeProfile,
  levels: readonly (Level | null)[],
  options: Readonly<Record<string, unknown>>,
): Consistency {
  let found = 0;
  for (const read of levels) {
    for (const write of levels) {
      const consistency = consistencyOf(
        mode,
        read ?? mode.defaultLevels.read,
        write ?? mode.defaultLevels.write,
        options,
      );
      found = Math.max(found, consistencies.indexOf(consistency));
    }
  }
  return consistencies[found] as Consistency;
}

function nodeNames(count: number): NodeId[] {
  return Array.from({ length: count }, (_, index) => `n${index + 1}`);
}

/**
 * One simulated run from one seed: a cluster, its clients and a swarm of faults on virtual time; then liveness with some
 * nodes left broken; then healing, and the judgement. The same options give the same run, bit by bit;
 * {@link SimulationReport.traceHash} proves it.
 */
import { DecisionLedger } from '../core/decision.js';
import type { Millis, NodeId } from '../core/ids.js';
import type { Level } from '../core/operation.js';
import type { Protocol, ProtocolTypes } from '../core/replica.js';
import type { TraceEvent } from '../core/trace-event.js';
import type { History } from '../history/history.js';
import { MemoryHistory } from '../history/recorder/memory-history.js';
import { Recorder } from '../history/recorder/recorder.js';
import type { Consistency, Membership } from '../protocols/catalog.js';
import {
  consistencyOf,
  optionsWithFounders,
  parseModeOptions,
  readPromises,
} from '../protocols/options.js';
import { type AnyMode, modeNamed } from '../protocols/registry.js';
import type { ReadPromises } from '../runtime/worst-reads.js';
import { SimCluster } from '../sim/cluster.js';
import { drawOrder, type OrderName } from '../sim/event-order.js';
import { SimulationLimitError, World, WorldStoppedError } from '../sim/world.js';
import { modeWithBug } from '../zoo/bugs.js';
import { begunFaults, type RunDecisions, type RunPhases } from './decisions.js';
import { Disturbance, type Disturbed } from './disturbance.js';
import {
  type Drawn,
  drawRun,
  durationMsByDefault,
  type GivenRun,
  simulatedNodes,
} from './drawn-run.js';
import type { HistoryEntry } from './history.js';
import {
  checkAgreement,
  checkNothingLost,
  checkReadsWritten,
  checkVersionsUnique,
  type Violation,
} from './invariants.js';
import { type HistoryVerdict, judgeHistory } from './judge.js';
import { Operator } from './operator.js';
import { PhaseWatch } from './phases/phase-watch.js';
import { phasesOfMode } from './phases/phases.js';
import { type SwarmProfile, strengthOf } from './profile.js';
import { swarmProfileOf } from './profiles.js';
import { Simulation } from './simulation.js';
import type { Workload } from './workload.js';

export interface RunOptions extends GivenRun {
  readonly seed: number;
  readonly eventsMax?: number;
  /** Which of the events that could come next does; drawn when left out. */
  readonly order?: OrderName;
  /** What is left out is drawn. */
  readonly phases?: Partial<RunPhases>;
  /** What clients ask and what is broken, instead of what would be drawn. */
  readonly decisions?: RunDecisions;
  /** False: all links are equally fast, and all disks equally good. True when left out. */
  readonly uneven?: boolean;
  /** Reads return the worst that is legal, by the run's seed; nothing else is drawn differently. */
  readonly worst?: boolean;
  /** The run ends as soon as this check is violated. */
  readonly stopsAt?: string;
  /** Messages travel as bytes; in one of eight runs when left out. Nothing else is different then. */
  readonly encodes?: boolean | undefined;
  /** False: nobody judges what came of it, for measurements of the run alone. */
  readonly judges?: boolean;
  /** Keeps all events: slow. */
  readonly trace?: boolean;
  /** Counts what faults meet. */
  readonly watch?: PhaseWatch;
}

export interface SimulateOptions extends RunOptions {
  readonly mode: string;
  /** A mistake that its nodes make: a name of `zoo/bugs.ts`. */
  readonly bug?: string | undefined;
}

/** What is simulated, for protocols that no registry names. */
export interface Subject<P extends ProtocolTypes, Options> {
  readonly protocol: Protocol<P, Options>;
  readonly profile: SwarmProfile;
  readonly membership: Membership | null;
  readonly copiesByItself: boolean;
  /** The first node is never removed, nor loses its data. */
  readonly coordinatesAlone: boolean;
  options(given: Readonly<Record<string, unknown>>, nodes: number): Options;
  /** Of every node once nodes have come or gone. */
  optionsWith(options: Options, founders: readonly NodeId[]): Options;
  /** What reads at one level promise when every write was made at another. */
  consistencyOf(read: Level | null, write: Level | null, options: Options): Consistency;
  /** What reads owe to writes; `null` or absent: all. */
  promises?(options: Options): ReadPromises | null;
}

export interface SimulationReport {
  readonly seed: number;
  readonly drawn: Drawn;
  /** With them the seed gives the same run. */
  readonly decisions: RunDecisions;
  readonly phases: RunPhases;
  readonly traceHash: string;
  readonly history: readonly HistoryEntry[];
  readonly violations: readonly Violation[];
  /** What was broken and mended, as it came about. */
  readonly disturbed: readonly Disturbed[];
  /** What happened, by name: numbers that nodes tell of themselves, messages, records, changes of nodes, verdicts. */
  readonly facts: ReadonlyMap<string, number>;
  /** Nodes that were left broken while the others had to go on. */
  readonly leftBroken: readonly NodeId[];
  readonly virtualMs: Millis;
  readonly events: number;
  /** All events, when they were asked for. */
  readonly trace: readonly TraceEvent[] | null;
  /** What clients saw. */
  readonly recorded: History;
}

/** How long it may take to stabilize one part, all parts at once. */
const stabilizeMsMax: Millis = 5_000;

/** Simulates a mode of the registry. Throws `bad-request` (definite) for an unknown mode, option or bug. */
export function simulate(options: SimulateOptions): SimulationReport {
  const mode = modeNamed(options.mode);
  const watched =
    options.focus === undefined ? {} : { watch: new PhaseWatch(phasesOfMode(mode.id)) };
  return simulateSubject(subjectOf(modeWithBug(mode, options.bug)), { ...watched, ...options });
}

// biome-ignore lint/suspicious/noExplicitAny: which protocol it is, is the mode's own business.
export function subjectOf(mode: AnyMode): Subject<any, any> {
  const { protocol, membership, copiesByItself, coordinatesAlone } = mode;
  const { read, write } = mode.defaultLevels;
  return {
    ...{ protocol, membership, copiesByItself, coordinatesAlone },
    profile: swarmProfileOf(mode.id),
    promises: (options) => readPromises(mode, options),
    options: (given, nodes) => parseModeOptions(mode.id, given, nodes),
    optionsWith: (options, founders) => optionsWithFounders(mode, options, founders),
    consistencyOf(readLevel, writeLevel, options) {
      const reading = readLevel ?? options.read ?? read;
      return consistencyOf(mode, reading, writeLevel ?? options.write ?? write, options);
    },
  };
}

export function simulateSubject<P extends ProtocolTypes, Options>(
  subject: Subject<P, Options>,
  run: RunOptions,
): SimulationReport {
  const events: TraceEvent[] | null = run.trace === true ? [] : null;
  const order = drawOrder(run.seed, run.order);
  const world = new World({
    ...{ seed: run.seed, order },
    eventsMax: run.eventsMax ?? 400_000,
    stopsAt: run.stopsAt,
    ...(events === null ? {} : { sink: (event: TraceEvent) => events.push(event) }),
  });
  const drawn = { ...drawRun(world, subject.profile, run), order };
  const phases = phasesOf(subject.profile, drawn, world, run);
  const violations: Violation[] = [];
  const parts = assemble(world, subject, { ...run, ...drawn }, violations);
  const { simulation, disturbance, cluster, operator } = parts;
  disturbance.schedule(run.decisions?.faults ?? drawn.plan.faults);
  if (drawn.nemesis !== null && run.decisions === undefined) disturbance.haunt(drawn.nemesis);
  const end = drive(simulation, world, phases);
  if (end.problem !== null)
    violations.push({ check: 'simulation', key: null, message: end.problem });
  const facts = cluster.facts();
  for (const [name, count] of Object.entries(operator.counts)) facts.set(`nodes ${name}`, count);
  facts.set('bytes flipped', disturbance.rotten);
  if (end.isWhole && run.judges !== false) {
    const verdict = judgeRun(parts, subject, drawn.workload, phases);
    for (const [name, count] of verdict.verdicts) facts.set(`verdict: ${name}`, count);
    violations.push(...verdict.violations);
  }
  const { done } = disturbance;
  return {
    ...{ seed: run.seed, drawn, phases, violations, facts, trace: events },
    decisions: { operations: simulation.asked, faults: begunFaults(done) },
    history: simulation.history,
    recorded: parts.memory.history(),
    disturbed: done,
    leftBroken: end.leftBroken,
    traceHash: world.trace.hash,
    virtualMs: world.now,
    events: world.eventCount,
  };
}

function judgeRun<P extends ProtocolTypes, Options>(
  { simulation, disturbance, memory, options }: ReturnType<typeof assemble<P, Options>>,
  { profile, consistencyOf }: Subject<P, Options>,
  workload: Workload,
  { settles }: RunPhases,
): Pick<HistoryVerdict, 'violations' | 'verdicts'> {
  const { readLevels, writeLevels } = workload;
  const { history } = simulation;
  const mayLose =
    disturbance.rotten > 0 && profile.keepsOneCopy({ read: readLevels, write: writeLevels });
  const { violations, verdicts } = judgeHistory(memory.history(), history, {
    ...{ profile, workload, mayLose },
    consistencyAt: (read) =>
      weakest(writeLevels.map((write) => consistencyOf(read, write, options))),
  });
  const replicas = settles ? simulation.replicas() : [];
  return {
    verdicts,
    violations: [
      ...violations,
      ...checkAgreement(replicas),
      ...(mayLose || !settles ? [] : checkNothingLost(history, replicas)),
      ...checkReadsWritten(history),
      ...checkVersionsUnique(history, replicas),
    ],
  };
}

function assemble<P extends ProtocolTypes, Options>(
  world: World,
  subject: Subject<P, Options>,
  drawn: Drawn & Omit<RunOptions, keyof Drawn>,
  violations: Violation[],
) {
  const { nodes, modeOptions, conditions, workload, encodes, decisions, watch = null } = drawn;
  const protocol = watch?.watched(subject.protocol) ?? subject.protocol;
  const { profile, membership, copiesByItself, coordinatesAlone } = subject;
  const names = simulatedNodes(nodes);
  const options = subject.options(modeOptions, nodes);
  const promises = subject.promises?.(options) ?? null;
  const ledger = new DecisionLedger();
  const violate = (check: string, message: string) => {
    violations.push({ check, key: null, message });
    world.violation(check, message);
  };
  const cluster: SimCluster<P, Options> = new SimCluster({
    ...{ world, protocol, nodes: names, options, conditions, copiesByItself, encodes },
    uneven: drawn.uneven ?? true,
    worst: drawn.worst && promises ? { promises, seed: drawn.seed } : null,
    isDamaged: (node): boolean => disturbance.isDamaged(node),
    onDecision: (node, decision) => {
      const contradiction = ledger.add(node, decision);
      if (contradiction !== null) violate('decision', contradiction);
    },
    ...(watch === null ? {} : { onCrash: (host) => disturbance.crashes(host) }),
    onViolation: (message) => violate('crash-only', message),
  });
  const operator = new Operator({
    ...{ world, cluster, membership },
    optionsWith: (founders) => subject.optionsWith(options, founders),
    countsVotes: membership !== null && !copiesByItself,
    stays: coordinatesAlone ? (names[0] as NodeId) : null,
  });
  const disturbance: Disturbance<P, Options> = new Disturbance({
    ...{ world, cluster, operator, watch },
    focus: decisions === undefined ? (drawn.focus ?? null) : null,
    mayRot: (node) => {
      const levels = { read: workload.readLevels, write: workload.writeLevels };
      const view = (other: NodeId) => cluster.host(other).view();
      return profile.mayRot(node, { nodes: cluster.nodes, options, levels, view });
    },
    // Where nodes vote, who has lost its data votes no more: what it has held stays true.
    onRot: (node) => {
      if (copiesByItself) ledger.forget(node);
    },
  });
  const memory = new MemoryHistory();
  const recorder = new Recorder({ sink: memory, now: () => world.now });
  const simulation = new Simulation({
    ...{ world, cluster, disturbance, operator, options, profile, workload, recorder, decisions },
    violations,
  });
  return { simulation, cluster, disturbance, operator, memory, options };
}

/** Longer than any mode keeps tombstones here. */
const tombstonesMsMax: Millis = 1_200;

function phasesOf(
  profile: SwarmProfile,
  { modeOptions }: Drawn,
  { random }: World,
  run: RunOptions,
): RunPhases {
  const [isLong, stabilize, goOn] = [random.chance(0.2), random.chance(0.5), random.chance(0.6)];
  const absenceMs = random.chance(0.4) ? 1_000 : 0;
  const [restart, restsOnHints] = [random.chance(0.5), profile.restsOnHints(modeOptions)];
  const writeAll = random.chance(0.5);
  return {
    durationMs: run.durationMs ?? durationMsByDefault,
    patienceMs: 20_000,
    isLong,
    stabilize: stabilize && profile.stabilizes,
    absenceMs,
    goOn: goOn && !restsOnHints,
    restart: restart || restsOnHints,
    writeAll,
    settles: true,
    ...run.phases,
  };
}

/** How far a run came. */
interface RunEnd {
  /** Nodes left broken while the others had to go on. */
  readonly leftBroken: readonly NodeId[];
  /** False: it was stopped, or broke. */
  readonly isWhole: boolean;
  /** What broke the simulation itself, such as bytes that no shape fits. */
  readonly problem: string | null;
}

function drive<P extends ProtocolTypes, Options>(
  simulation: Simulation<P, Options>,
  world: World,
  phases: RunPhases,
): RunEnd {
  try {
    return { leftBroken: runPhases(simulation, world, phases), isWhole: true, problem: null };
  } catch (error) {
    const cut = { leftBroken: [], isWhole: false };
    if (error instanceof WorldStoppedError) return { ...cut, problem: null };
    if (error instanceof SimulationLimitError)
      return { ...cut, problem: `livelock: ${error.message}` };
    return {
      ...cut,
      problem: error instanceof Error ? (error.stack ?? error.message) : `${error}`,
    };
  }
}

/** Returns the nodes left broken. */
function runPhases<P extends ProtocolTypes, Options>(
  simulation: Simulation<P, Options>,
  world: World,
  phases: RunPhases,
): readonly NodeId[] {
  const random = world.chance('phases');
  simulation.start();
  simulation.disturb(phases.durationMs);
  const leftBroken = phases.goOn
    ? simulation.demandLiveness(random)
    : simulation.rest(random, phases.restart ? phases.absenceMs : null);
  if (!phases.settles) return leftBroken;
  simulation.settle(phases.patienceMs);
  if (leftBroken.length > 0) {
    simulation.healAll(phases.absenceMs);
    simulation.settle(phases.patienceMs);
  }
  if (phases.stabilize) {
    simulation.stabilizeParts(random, stabilizeMsMax);
    simulation.settle(phases.patienceMs);
  }
  if (phases.writeAll) {
    simulation.writeAll(random, phases.patienceMs);
    simulation.settle(phases.patienceMs);
  }
  if (phases.isLong && simulation.hasTombstones) world.runUntil(world.now + tombstonesMsMax);
  simulation.readAll();
  return leftBroken;
}

export function weakest(promised: readonly Consistency[]): Consistency {
  return promised.reduce((a, b) => (strengthOf(a) < strengthOf(b) ? a : b));
}

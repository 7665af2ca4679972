/**
 * A cluster moved by hand. Its nodes are the real ones, with real journals and link filters, but nothing happens to them
 * by itself: a message waits until the caller delivers, drops or doubles it, a timer until the caller lets time pass or
 * fires it. A sync ends at once, unless syncs of that node are held.
 *
 * All that the caller does is a {@link Choice}, and choices are data: the same setup and the same choices make the same
 * cluster again, so that it can be taken back to any earlier point, and all that may come next can be tried.
 */
import { type Decision, DecisionLedger } from '../core/decision.js';
import type { Millis, NodeId } from '../core/ids.js';
import { invariant, unreachable } from '../core/invariant.js';
import type { ClientRequest, Operation } from '../core/operation.js';
import type { Protocol, ProtocolTypes, Rejoin, ReplicaView } from '../core/replica.js';
import type { CrashKind } from '../faults/fault.js';
import { type LinkRules, noRules } from '../faults/link-rules.js';
import type { JournalLimits } from '../runtime/journal/journal-setup.js';
import type { TraceSink } from '../runtime/tracing/tracer.js';
import type { WorstPlan } from '../runtime/worst-reads.js';
import type { UnsyncedFate } from './disk.js';
import { Host } from './host.js';
import type { Choice, Ticket } from './manual-choice.js';
import { type Fate, type Flight, ManualNetwork } from './manual-network.js';
import { SimStorage } from './storage.js';
import { hashed, resultNumber } from './trace.js';
import { World } from './world.js';

export type { Choice, Ticket } from './manual-choice.js';
export type { Fate, Flight } from './manual-network.js';

export interface ManualSetup<P extends ProtocolTypes, Options> {
  readonly protocol: Protocol<P, Options>;
  readonly options: Options;
  readonly nodes: readonly NodeId[];
  /** Of the nodes only this one has a machine. Nothing is different for it but that nobody answers. */
  readonly only?: NodeId;
  /** All chance comes from it: a replica's, and what a power cut does to unsynced bytes. 1 when left out. */
  readonly seed?: number;
  /** What becomes of messages by itself; all are held when left out. */
  readonly fate?: (flight: Flight<P['message']>) => Fate;
  /** False: of messages that go by themselves a later one may arrive first, against what links promise. */
  readonly keepsOrder?: boolean;
  /** Nodes that have lost their journals unnoticed may decide anew what was decided. */
  readonly decisionsMayDiffer?: boolean;
  /** How long a turn waits, for what arrives meanwhile; each begins at once when left out. */
  readonly turnMs?: Millis;
  /** How long a sync takes that is not held; it ends at once when left out. */
  readonly syncMs?: Millis;
  readonly sink?: TraceSink;
  /** Reads return the worst that is legal; absent: what they find. */
  readonly worst?: WorstPlan;
  /** Hears of every request that has its answer, or never gets one. */
  readonly onAnswer?: (ticket: Ticket) => void;
  /** Hears what each node holds for good. */
  readonly onDecision?: (node: NodeId, decision: Decision) => void;
  /** Whether the sink hears of roles, for which nodes are asked after every turn. */
  readonly hasRoles?: boolean;
  /** By default a snapshot is only begun when asked for, and drawn one record a turn. */
  readonly limits?: Partial<JournalLimits>;
}

interface Machine<P extends ProtocolTypes, Options> {
  readonly host: Host<P, Options>;
  readonly storage: SimStorage<P['record']>;
  /** Syncs that wait for the caller; `null`: they end at once. */
  syncs: (() => void)[] | null;
}

const limitsByDefault: Partial<JournalLimits> = {
  segmentBytesMax: 1024 * 1024,
  snapshotFloorBytes: Number.POSITIVE_INFINITY,
  slice: { recordsMax: 1, bytesMax: 1024 },
};

const requestByDefault = { level: null, session: null, floor: null, timeoutMs: 5000 } as const;

export class ManualCluster<P extends ProtocolTypes, Options> {
  readonly world: World;
  /** All that was done, in order. */
  readonly choices: Choice<P>[] = [];
  readonly tickets: Ticket[] = [];
  readonly #setup: ManualSetup<P, Options>;
  readonly #network: ManualNetwork<P['message']>;
  readonly #machines = new Map<NodeId, Machine<P, Options>>();
  /** Nodes that have stopped by themselves, or hold different things for good, and whatever else may never be. */
  readonly #violations: string[] = [];
  readonly #decisions = new DecisionLedger();
  #rules: LinkRules = noRules;

  /** The nodes' machines; no node is started yet. */
  constructor(setup: ManualSetup<P, Options>) {
    this.#setup = setup;
    this.world = new World({
      seed: setup.seed ?? 1,
      eventsMax: Number.POSITIVE_INFINITY,
      ...(setup.sink && { sink: setup.sink, hasRoles: setup.hasRoles === true }),
    });
    const { message } = setup.protocol;
    this.#network = new ManualNetwork(this.world, message, setup.keepsOrder ?? true);
    if (setup.fate) this.#network.fate = setup.fate;
    for (const node of setup.nodes) {
      if (setup.only === undefined || setup.only === node) this.#addMachine(node, setup.nodes);
    }
  }

  get now(): Millis {
    return this.world.now;
  }

  get nodes(): readonly NodeId[] {
    return [...this.#machines.keys()];
  }

  get up(): readonly NodeId[] {
    return this.nodes.filter((node) => this.isUp(node));
  }

  /** Messages under way, in the order sent. */
  get flights(): readonly Flight<P['message']>[] {
    return this.#network.flights;
  }

  /** The first of them that `which` picks. */
  findFlight(which: (flight: Flight<P['message']>) => boolean): Flight<P['message']> | undefined {
    return this.#network.find(which);
  }

  get fate(): (flight: Flight<P['message']>) => Fate {
    return this.#network.fate;
  }

  /** From now on; not a {@link Choice}, so what is to be made again must set it in its setup. */
  set fate(fate: (flight: Flight<P['message']>) => Fate) {
    this.#network.fate = fate;
  }

  isUp(node: NodeId): boolean {
    return this.#machine(node).host.isUp;
  }

  host(node: NodeId): Host<P, Options> {
    return this.#machine(node).host;
  }

  storage(node: NodeId): SimStorage<P['record']> {
    return this.#machine(node).storage;
  }

  /** How many syncs of the node wait for the caller. */
  heldSyncs(node: NodeId): number {
    return this.#machine(node).syncs?.length ?? 0;
  }

  /** Throws when the node is down. */
  view(node: NodeId): ReplicaView {
    const view = this.#machine(node).host.view();
    invariant(view !== null, `${node} is up`);
    return view;
  }

  /** The same cluster, made anew, after the first `count` choices. */
  rebuilt(count: number = this.choices.length): ManualCluster<P, Options> {
    const cluster = new ManualCluster(this.#setup);
    for (const choice of this.choices.slice(0, count)) cluster.apply(choice);
    return cluster;
  }

  /** What may be done next, one message, timer or sync at a time; faults are for the caller to add. */
  get open(): readonly Choice<P>[] {
    const choices: Choice<P>[] = this.flights.map(({ id }) => ({ do: 'deliver', messages: [id] }));
    for (const [node, { host, syncs }] of this.#machines) {
      for (const timer of host.timers.keys()) choices.push({ do: 'fire', node, timer });
      if (syncs !== null && syncs.length > 0) choices.push({ do: 'sync', node });
    }
    return choices;
  }

  /** Does it, and all that follows from it at once. Throws when a node stops by itself. */
  apply(choice: Choice<P>): void {
    this.choices.push(choice);
    this.#perform(choice);
    this.world.runUntil(this.now);
    this.mustBeSound();
  }

  /** Throws when a node has stopped by itself since this was last asked. */
  mustBeSound(): void {
    const violations = this.#violations.splice(0);
    if (violations.length > 0) throw new Error(violations.join('\n'));
  }

  start(node: NodeId, rejoin: Rejoin | null = null): void {
    this.apply({ do: 'start', node, rejoin });
  }

  startAll(): void {
    for (const node of this.nodes) this.start(node);
  }

  deliver(...flights: readonly Flight<P['message']>[]): void {
    this.apply({ do: 'deliver', messages: flights.map(({ id }) => id) });
  }

  drop(...flights: readonly Flight<P['message']>[]): void {
    this.apply({ do: 'drop', messages: flights.map(({ id }) => id) });
  }

  double(...flights: readonly Flight<P['message']>[]): void {
    this.apply({ do: 'double', messages: flights.map(({ id }) => id) });
  }

  forge(from: NodeId, to: NodeId, message: P['message']): void {
    this.apply({ do: 'forge', from, to, message });
  }

  wait(ms: Millis): void {
    this.apply({ do: 'wait', ms });
  }

  fire(node: NodeId, timer: P['timer']): void {
    this.apply({ do: 'fire', node, timer });
  }

  crash(node: NodeId, unsynced: UnsyncedFate = 'lost', how: CrashKind = 'power'): void {
    this.apply({ do: 'crash', node, how, unsynced });
  }

  setRules(rules: LinkRules): void {
    this.apply({ do: 'rules', rules });
  }

  request(
    node: NodeId,
    operation: Operation,
    more: Partial<Omit<ClientRequest, 'id' | 'operation'>> = {},
  ): Ticket {
    this.apply({ do: 'request', node, request: { ...requestByDefault, operation, ...more } });
    return this.tickets.at(-1) as Ticket;
  }

  #perform(choice: Choice<P>): void {
    const { trace } = this.world;
    switch (choice.do) {
      case 'start':
        return this.#machine(choice.node).host.start(choice.rejoin);
      case 'deliver':
      case 'drop':
      case 'double':
        for (const id of choice.messages) this.#network[choice.do](id);
        return;
      case 'forge':
        return this.#network.forge(choice.from, choice.to, choice.message);
      case 'wait':
        return this.world.runUntil(this.now + choice.ms);
      case 'fire':
        return this.#fire(choice.node, choice.timer);
      case 'rules':
        this.#rules = choice.rules;
        for (const { host } of this.#machines.values()) host.setRules(choice.rules);
        return trace.note(hashed.rules, choice.rules.cuts.length, choice.rules.delays.length);
      case 'skew':
        return this.host(choice.node).setFaults({
          clock: { skewMs: choice.ms, drift: 0, sinceMs: 0 },
        });
      case 'request':
        return this.#request(choice.node, choice.request);
      case 'configure':
        if (!this.#machines.has(choice.node)) return this.#addMachine(choice.node, choice.nodes);
        return this.host(choice.node).reconfigure(choice.nodes, this.#setup.options);
      default:
        return this.#disturb(choice, this.#machine(choice.node));
    }
  }

  #disturb(
    choice: Extract<
      Choice<P>,
      { do: 'crash' | 'wipe' | 'pause' | 'resume' | 'snapshot' | `${string}sync${string}` }
    >,
    machine: Machine<P, Options>,
  ): void {
    switch (choice.do) {
      case 'crash':
        machine.syncs?.splice(0);
        return machine.host.crash(choice.how, choice.unsynced);
      case 'wipe':
        invariant(!machine.host.isUp, `${choice.node} is down`);
        return machine.storage.replaceDisk([]);
      case 'pause':
      case 'resume':
        return machine.host[choice.do]();
      case 'snapshot':
        return machine.storage.askForSnapshot();
      case 'hold syncs':
        machine.syncs ??= [];
        return;
      case 'release syncs': {
        const held = machine.syncs ?? [];
        machine.syncs = null;
        return runAll(held);
      }
      case 'sync':
        return runAll(machine.syncs?.splice(0) ?? []);
      case 'fail sync':
        machine.storage.setFaults({ failsSyncs: true });
        runAll(machine.syncs?.splice(0) ?? []);
        return machine.storage.setFaults({});
      default:
        return unreachable(choice, 'choice');
    }
  }

  #fire(node: NodeId, timer: P['timer']): void {
    const { host } = this.#machine(node);
    const leftMs = host.timers.get(timer);
    invariant(leftMs !== undefined, `${node} has set the timer ${timer}`);
    host.advanceClock(Math.max(0, leftMs));
  }

  #request(node: NodeId, request: Omit<ClientRequest, 'id'>): void {
    const { operation, level } = request;
    const { now, trace } = this.world;
    const id = this.tickets.length + 1;
    const ticket: Ticket = {
      ...{ id, node, operation, level, askedAt: now },
      ...{ result: null, answeredAt: Number.NaN, isOrphaned: false },
    };
    this.tickets.push(ticket);
    trace.note(hashed.call, id, id);
    this.host(node).request(request, (result) => {
      ticket.result = result;
      ticket.isOrphaned = result === null;
      if (result !== null) ticket.answeredAt = this.now;
      trace.note(hashed.return, id, resultNumber(result));
      this.#setup.onAnswer?.(ticket);
    });
  }

  #addMachine(id: NodeId, nodes: readonly NodeId[]): void {
    const { protocol, options, limits, syncMs = 0, turnMs = 0, decisionsMayDiffer } = this.#setup;
    const { world } = this;
    const index = this.#machines.size;
    const storage = new SimStorage<P['record']>({
      world,
      node: { id, index },
      shape: protocol.record,
      limits: { ...limitsByDefault, ...limits },
      after: (_, end) => {
        if (machine.syncs === null) world.after(syncMs, end);
        else machine.syncs.push(end);
      },
    });
    const host = new Host({
      ...{ world, id, index, nodes, protocol, options, storage },
      network: this.#network,
      turnMs,
      worst: this.#setup.worst,
      onViolation: (what) => this.#violations.push(what),
      onDecision: (decision) => {
        this.#setup.onDecision?.(id, decision);
        const difference = this.#decisions.add(id, decision);
        if (difference !== null && !decisionsMayDiffer) this.#violations.push(difference);
      },
    });
    host.setRules(this.#rules);
    const machine: Machine<P, Options> = { host, storage, syncs: null };
    this.#machines.set(id, machine);
  }

  #machine(node: NodeId): Machine<P, Options> {
    const machine = this.#machines.get(node);
    invariant(machine !== undefined, `${node} is a node of this cluster`);
    return machine;
  }
}

function runAll(actions: readonly (() => void)[]): void {
  for (const run of actions) run();
}

/** Faults that come and go in a simulated cluster. */
import type { Millis, NodeId } from '../core/ids.js';
import { unreachable } from '../core/invariant.js';
import type { Random } from '../core/random.js';
import type { ProtocolTypes } from '../core/replica.js';
import type { TypedData } from '../core/trace-event.js';
import { joinNodeFaults } from '../faults/active.js';
import type { Fault } from '../faults/fault.js';
import { between, type Direction, joinRules, type LinkRules, pairs } from '../faults/link-rules.js';
import type { SimCluster } from '../sim/cluster.js';
import type { Host } from '../sim/host.js';
import type { World } from '../sim/world.js';
import { typedText } from '../trace/typed-text.js';
import { type Focus, FocusedFaults } from './focus.js';
import { type NemesisPlan, RunningNemesis } from './nemesis.js';
import type { Operator } from './operator.js';
import type { HitNode, PhaseWatch } from './phases/phase-watch.js';

export interface DisturbanceSetup<P extends ProtocolTypes, Options> {
  readonly world: World;
  readonly cluster: SimCluster<P, Options>;
  readonly operator: Operator<P, Options>;
  /** Whether the others can do without this node's data. */
  mayRot(node: NodeId): boolean;
  /** What is on its disk is damaged now. */
  onRot(node: NodeId): void;
  /** Counts what faults meet. */
  readonly watch: PhaseWatch | null;
  /** Only with a watch. */
  readonly focus: Focus | null;
}

/** What is left broken until all is healed: down, stopped as by SIGSTOP, or cut off from the others, one way or both. */
export type Brokenness = 'dead' | 'without power' | 'paused' | 'isolated' | 'deaf' | 'mute';

/** With which others must go on for good. */
export const brokennesses: readonly Brokenness[] = ['dead', 'paused', 'isolated', 'deaf', 'mute'];

/** How long a fault waits until its node has something under way, and how often it looks. */
const busyMsMax: Millis = 50;
const busyLookMs: Millis = 1;
/** How long a fault waits for somebody else to lead. */
const leaderMsMax: Millis = 500;
/** How long that one has led by then, at most. */
const leadsMsMax: Millis = 25;

/** A fault that began or ended, or a node that was left broken, or all healed. */
export type Disturbed = { readonly atMs: Millis } & (
  | { readonly change: 'begin' | 'end'; readonly fault: Fault }
  | { readonly change: 'break'; readonly node: NodeId; readonly how: Brokenness }
  | { readonly change: 'heal' }
);

export class Disturbance<P extends ProtocolTypes, Options> {
  readonly #setup: DisturbanceSetup<P, Options>;
  readonly #random: Random;
  readonly #active = new Set<Fault>();
  readonly #focused: FocusedFaults | null;
  /** By faults that wait for the next leader. */
  readonly #hitLeaders = new Set<NodeId>();
  #cuts: readonly Direction[] = [];
  #isOver = false;
  #isHeld = false;
  /** As the trace names them. */
  readonly #ids = new Map<TypedData, number>();
  /** Those that wait for the worst moment to crash their node. */
  readonly #armed = new Map<NodeId, Fault>();
  /** Bytes flipped. */
  rotten = 0;
  /** What was done, in order, with the nodes that it was done to. */
  readonly done: Disturbed[] = [];

  constructor(setup: DisturbanceSetup<P, Options>) {
    this.#setup = setup;
    this.#random = setup.world.chance('faults');
    const { focus, watch } = setup;
    this.#focused = focus === null || watch === null ? null : this.#focusOn(focus, watch);
  }

  schedule(faults: readonly Fault[]): void {
    const { world } = this.#setup;
    for (const fault of faults) {
      world.at(fault.atMs, () => {
        if (this.#focused?.takes(fault) === true) return;
        if (fault.atNextLeader === true) this.#awaitLeader(fault, world.now + leaderMsMax);
        else this.#run(this.#aimed(fault));
      });
    }
  }

  /** From now on a nemesis begins a fault every so often. */
  haunt(plan: NemesisPlan): void {
    const { world, cluster, operator } = this.#setup;
    const random = world.chance('nemesis');
    const nemesis = new RunningNemesis(plan, random);
    const next = (): void => {
      if (this.#isOver || this.#isHeld) return;
      const running = cluster.hosts.filter((host) => host.isUp && !host.isPaused);
      const view = {
        ...{ nodes: cluster.nodes, running: running.map(({ id }) => id) },
        ...{ leader: this.#leaders()[0] ?? null, newNode: operator.newNode },
      };
      this.schedule(nemesis.next(view, world.now));
      world.after(plan.everyMs, next);
    };
    // At no round time, when clients begin to ask, too.
    world.after(plan.everyMs * random.next(), next);
  }

  #run(fault: Fault): void {
    const { world } = this.#setup;
    this.#awaitBusy(fault, world.now + busyMsMax, () => this.#last(fault));
  }

  /** It begins, and ends when its time is over. */
  #last(fault: Fault): void {
    this.#begin(fault);
    this.#setup.world.after(fault.forMs, () => {
      if (!this.#isHeld || fault.type === 'stall') this.#end(fault);
    });
  }

  #focusOn(focus: Focus, watch: PhaseWatch): FocusedFaults {
    const { world, cluster } = this.#setup;
    const focused = new FocusedFaults({
      ...{ world, focus, random: this.#random },
      isIn: (node) => cluster.has(node) && watch.isIn(stateOf(cluster.host(node)), focus.phase),
      begin: (fault) => this.#last(fault),
      giveUp: (fault) => this.#run(this.#aimed(fault)),
    });
    watch.await(focus.phase, (node) => focused.entered(node));
    return focused;
  }

  #awaitLeader(fault: Fault, untilMs: Millis): void {
    const { world } = this.#setup;
    const next = this.#leaders().find((node) => !this.#hitLeaders.has(node));
    if (this.#isOver || (next === undefined && world.now >= untilMs)) return;
    if (next === undefined) {
      world.after(busyLookMs, () => this.#awaitLeader(fault, untilMs));
      return;
    }
    this.#hitLeaders.add(next);
    world.after(leadsMsMax * this.#random.next(), () =>
      this.#run({ ...fault, node: next } as Fault),
    );
  }

  #leaders(): NodeId[] {
    const leaders = this.#setup.cluster.hosts.filter((host) =>
      ['leader', 'coordinator'].includes(host.view()?.role ?? ''),
    );
    return leaders.map((host) => host.id);
  }

  /** Runs at once what need not wait. */
  #awaitBusy(fault: Fault, untilMs: Millis, run: () => void): void {
    const { cluster, world } = this.#setup;
    const waits = fault.whenBusy === true && 'node' in fault && cluster.has(fault.node);
    const isBusy = !waits || (cluster.host(fault.node).view()?.unsettledCount ?? 1) > 0;
    if (isBusy || this.#isOver || world.now >= untilMs) run();
    else world.after(busyLookMs, () => this.#awaitBusy(fault, untilMs, run));
  }

  /** Faults that are on stay on until all are healed; but no message is held for longer than it may. */
  hold(): void {
    this.#isHeld = true;
  }

  /** Ends all faults; those that were to come do not. Every node is up afterwards, but those that lost their data. */
  heal(): void {
    this.#isOver = true;
    this.done.push({ atMs: this.#setup.world.now, change: 'heal' });
    this.#cuts = [];
    for (const host of this.#setup.cluster.hosts) host.disarm();
    // A node that started with a full disk would be down again.
    const active = [...this.#active].sort(
      (a, b) => Number(b.type === 'node') - Number(a.type === 'node'),
    );
    for (const fault of active) this.#end(fault);
    this.#applyLinks();
    for (const host of this.#setup.cluster.hosts) {
      host.resume();
      host.start();
    }
  }

  /** Leaves this node broken. */
  break(node: NodeId, how: Brokenness): void {
    const { cluster } = this.#setup;
    this.done.push({ atMs: this.#setup.world.now, change: 'break', node, how });
    this.#tell('begin', { type: how, node });
    const others = cluster.nodes.filter((other) => other !== node);
    const cut = (...cuts: Direction[][]): void => {
      this.#cuts = [...this.#cuts, ...cuts.flat()];
      this.#applyLinks();
    };
    const into = pairs(others, [node]);
    const outOf = pairs([node], others);
    switch (how) {
      case 'dead':
        return cluster.host(node).crash('kill');
      case 'without power':
        return cluster.host(node).crash('power');
      case 'paused':
        return cluster.host(node).pause();
      case 'isolated':
        return cut(into, outOf);
      case 'deaf':
        return cut(into);
      case 'mute':
        return cut(outOf);
    }
  }

  #aimed(fault: Fault): Fault {
    if (fault.atLeader !== true || !('node' in fault)) return fault;
    const [leader] = this.#leaders();
    return leader === undefined ? fault : { ...fault, node: leader };
  }

  /** A node is about to crash. */
  crashes(host: Host<P, Options>): void {
    const armed = this.#armed.get(host.id);
    if (armed === undefined) return;
    this.#armed.delete(host.id);
    this.#setup.watch?.hit(armed, [stateOf(host)]);
  }

  /** What is on its disk is damaged: it may not start. */
  isDamaged(node: NodeId): boolean {
    const rots = [...this.#active].some((fault) => fault.type === 'rot' && fault.node === node);
    return rots || this.#setup.operator.isDamaged(node);
  }

  #begin(fault: Fault): void {
    const { cluster, operator } = this.#setup;
    if (this.#isOver || ('node' in fault && !cluster.has(fault.node))) return;
    this.#active.add(fault);
    this.done.push({ atMs: this.#setup.world.now, change: 'begin', fault });
    this.#tell('begin', fault);
    if ('node' in fault) this.#armed.delete(fault.node);
    if (isArmed(fault)) this.#armed.set(fault.node, fault);
    else this.#setup.watch?.hit(fault, nodesOf(fault, cluster.hosts).map(stateOf));
    switch (fault.type) {
      case 'crash':
        if (fault.isMidway === true) return cluster.host(fault.node).crashMidway(fault.how);
        return cluster.host(fault.node).crash(fault.how);
      case 'untimely power cut':
        return cluster.host(fault.node).crashUnsynced('power');
      case 'pause':
        return cluster.host(fault.node).pause();
      case 'node':
        return this.#applyTo(fault.node);
      case 'links':
      case 'isolate':
      case 'stall':
        return this.#applyLinks();
      case 'rot':
        return cluster.host(fault.node).crash('kill');
      case 'add node':
        return operator.add();
      case 'remove node':
        return operator.remove(fault.node);
      default:
        unreachable(fault, 'fault');
    }
  }

  #end(fault: Fault): void {
    const { cluster } = this.#setup;
    // A clock that jumped stays.
    if (fault.type === 'node' && fault.faults.clock !== undefined) return;
    if (!this.#active.delete(fault)) return;
    if (!this.#isOver) this.done.push({ atMs: this.#setup.world.now, change: 'end', fault });
    this.#tell('end', fault);
    if ('node' in fault) this.#armed.delete(fault.node);
    if ('node' in fault && !cluster.has(fault.node)) return;
    switch (fault.type) {
      case 'untimely power cut':
        cluster.host(fault.node).crashUnsynced(null);
        return this.#start(fault.node);
      case 'crash':
        cluster.host(fault.node).crashMidway(null);
        return this.#start(fault.node);
      case 'pause':
        return cluster.host(fault.node).resume();
      case 'links':
      case 'isolate':
      case 'stall':
        // All are healed at once.
        return this.#isOver ? undefined : this.#applyLinks();
      case 'node':
        this.#applyTo(fault.node);
        return this.#start(fault.node);
      case 'rot':
        return this.#rot(fault);
      case 'add node':
      case 'remove node':
        return;
      default:
        unreachable(fault, 'fault');
    }
  }

  /** When all is over, every node starts at the end. */
  #start(node: NodeId): void {
    if (!this.#isOver) this.#setup.cluster.host(node).start();
  }

  #tell<T extends TypedData>(change: 'begin' | 'end', fault: T): void {
    const { world } = this.#setup;
    if (world.sink === null) return;
    const { type, ...fields } = fault;
    const told = Object.entries(fields).filter(
      ([name]) => !['atMs', 'forMs', 'drawn'].includes(name),
    );
    const words = typedText({ type, ...Object.fromEntries(told) });
    const id = this.#ids.get(fault) ?? this.#ids.size + 1;
    this.#ids.set(fault, id);
    world.tell({ type: 'fault', change, fault: { id, words, by: 'the swarm' } });
  }

  /** It must refuse what it finds, unless nothing of it mattered any more. */
  #rot(fault: Extract<Fault, { type: 'rot' }>): void {
    const { cluster, operator, mayRot, onRot } = this.#setup;
    const host = cluster.host(fault.node);
    if (host.isUp || !operator.mayLose || !mayRot(fault.node)) return host.start();
    if (cluster.storage(fault.node).disk.rot() !== null) {
      this.rotten++;
      onRot(fault.node);
    }
    // Until it is known that it starts, it may not.
    this.#active.add(fault);
    host.start();
    this.#active.delete(fault);
    if (!host.isUp) operator.mend(fault.node);
  }

  #applyTo(node: NodeId): void {
    const active = [...this.#active].flatMap((fault) =>
      fault.type === 'node' && fault.node === node ? [fault.faults] : [],
    );
    this.#setup.cluster.host(node).setFaults(joinNodeFaults(active));
  }

  #applyLinks(): void {
    const { cluster } = this.#setup;
    const active = [...this.#active].map((fault) => rulesOf(fault, cluster.nodes));
    cluster.setRules(joinRules([...active, { cuts: this.#cuts }]));
    cluster.setStalled(
      [...this.#active].flatMap((fault) => {
        return fault.type === 'stall' ? pairs([fault.node], fault.to) : [];
      }),
    );
  }
}

function rulesOf(fault: Fault, nodes: readonly NodeId[]): Partial<LinkRules> {
  if (fault.type === 'links') return fault.rules;
  return fault.type === 'isolate' ? { cuts: between([fault.node], nodes) } : {};
}

// biome-ignore lint/suspicious/noExplicitAny: whichever protocol it runs.
type AnyHost = Host<any, any>;

/** It does not crash its node at once. */
const isArmed = (fault: Fault): fault is Extract<Fault, { readonly node: NodeId }> =>
  fault.type === 'untimely power cut' || (fault.type === 'crash' && fault.isMidway === true);

const stateOf = (host: AnyHost): HitNode => {
  return { id: host.id, role: host.view()?.role ?? null, undurable: host.undurableCount };
};

/** Those that it hits: of links, both ends. */
function nodesOf(fault: Fault, hosts: readonly AnyHost[]): readonly AnyHost[] {
  if (fault.type === 'add node') return hosts;
  const ends = new Set(endsOf(fault));
  return hosts.filter(({ id }) => ends.has(id));
}

function endsOf(fault: Fault): readonly NodeId[] {
  if (fault.type === 'links') {
    const rules = Object.values(fault.rules).flat() as readonly Direction[];
    return rules.flatMap(({ from, to }) => [from, to]);
  }
  if (fault.type === 'stall') return [fault.node, ...fault.to];
  return 'node' in fault ? [fault.node] : [];
}

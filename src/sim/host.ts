import { KvxError } from '../core/errors.js';
import type { Millis, NodeId } from '../core/ids.js';
import type { ClientRequest, ClientResult } from '../core/operation.js';
import type { Random } from '../core/random.js';
import type { ProtocolTypes, Rejoin, ReplicaView } from '../core/replica.js';
import type { NodeFaults } from '../faults/active.js';
import type { CrashKind } from '../faults/fault.js';
import { type LinkRules, noRules } from '../faults/link-rules.js';
import { FaultyClock } from '../runtime/faulty-clock.js';
import { JournalError } from '../runtime/journal/journal-errors.js';
import { type FateObserver, FilteredLink } from '../runtime/links/filter.js';
import { weightOf } from '../runtime/links/weight.js';
import { Node, type NodeSetup } from '../runtime/node.js';
import type { Reply } from '../runtime/outbox.js';
import type { Link } from '../runtime/ports.js';
import { tracedNode } from '../runtime/tracing/traced-node.js';
import type { Tracer } from '../runtime/tracing/tracer.js';
import type { TimedRandom } from './chance.js';
import { SimClock, WallClock } from './clock.js';
import type { UnsyncedFate } from './disk.js';
import type { HostSetup } from './host-setup.js';
import type { Incarnation, Look } from './incarnation.js';
import { Process } from './process.js';
import { crashNumbers, hashed } from './trace.js';

/** The machine of one node: its disk and its wall clock, and one incarnation of the node's process after another. */
export class Host<P extends ProtocolTypes, Options> {
  readonly id: NodeId;
  readonly index: number;
  readonly wallClock: WallClock;
  /** Numbers among the facts of all incarnations that have ended, added up. */
  readonly pastFacts = new Map<string, number>();
  readonly #setup: HostSetup<P, Options>;
  readonly #random: Random;
  readonly #clockRandom: TimedRandom | null;
  #incarnation: Incarnation<P> | null = null;
  #rules: LinkRules = noRules;
  #faults: Partial<NodeFaults> = {};
  #failure: KvxError | null = null;
  #crashesUnsynced: CrashKind | null = null;
  /** Its disk has failed it: it is about to stop. */
  #failing: Process | null = null;
  #crashesMidway: { readonly how: CrashKind; sendsLeft: number; isDue: boolean } | null = null;
  #requestCount = 0;
  #incarnationCount = 0;
  /** Over all incarnations; `null`: nobody hears what happens. */
  readonly #tracer: Tracer | null;
  #nodes: readonly NodeId[];
  #options: Options;

  constructor(setup: HostSetup<P, Options>) {
    this.#setup = setup;
    this.#nodes = setup.nodes;
    this.#options = setup.options;
    this.id = setup.id;
    this.index = setup.index;
    setup.network.add(setup.id);
    this.#tracer = setup.world.tracerOf(setup.id);
    const { world, id, turnMs } = setup;
    this.#random = world.chance(`node ${id}`);
    this.#clockRandom = turnMs === undefined ? world.chance(`clock ${id}`) : null;
    this.wallClock = new WallClock(world, this.#clockRandom);
  }

  get isUp(): boolean {
    return this.#incarnation !== null;
  }

  /** How many times its process was started: whoever was connected to an earlier one has lost it. */
  get incarnationCount(): number {
    return this.#incarnationCount;
  }

  /** Why it stopped by itself, or did not start, since it was last started. */
  get failure(): KvxError | null {
    return this.#failure;
  }

  get isPaused(): boolean {
    return this.#incarnation?.process.isPaused === true;
  }

  /** It is up, and a power cut would take nothing from it. */
  get isDurable(): boolean {
    const { journal, process } = this.#incarnation ?? {};
    return journal?.appended === journal?.durable && process?.isPaused === false;
  }

  /** Records that a power cut may take. */
  get undurableCount(): number {
    const { journal } = this.#incarnation ?? {};
    return journal === undefined ? 0 : journal.appended - journal.durable;
  }

  /** What it has sent is still held back by faults of its links. */
  get isHolding(): boolean {
    return this.#incarnation?.link.isHolding ?? false;
  }

  get unansweredCount(): number {
    return this.#incarnation?.waiting.size ?? 0;
  }

  /** As it lives, for who sees all that it is; `null` while it is down. */
  get node(): Node<P> | null {
    return this.#incarnation?.node ?? null;
  }

  /** `null` while the node is down. */
  view(): ReplicaView | null {
    return this.#incarnation?.node.inspect() ?? null;
  }

  /** The replica's timers, and in how many milliseconds each is due. */
  get timers(): ReadonlyMap<P['timer'], Millis> {
    const { node, clock } = this.#incarnation ?? {};
    const left = new Map<P['timer'], Millis>();
    if (node === undefined || clock === undefined) return left;
    for (const [name, deadline] of node.timers) left.set(name, deadline - clock.now());
    return left;
  }

  /** It is later than it was, for this node's process alone. */
  advanceClock(byMs: Millis): void {
    this.#incarnation?.clock.advance(byMs);
  }

  /** Has `look` see the node from within its process, once: at once, or when it is resumed. */
  look(look: Look): void {
    const incarnation = this.#incarnation;
    if (incarnation === null) {
      look(null, null);
      return;
    }
    const { node, journal, link, startedAt, looks } = incarnation;
    looks.add(look);
    incarnation.process.run(() => {
      looks.delete(look);
      look(node.inspect(), { journal, link, uptimeMs: this.#setup.world.now - startedAt });
    });
  }

  /** `rejoin`: it has lost what it had made durable, and is told so. */
  start(rejoin: Rejoin | null = null): void {
    if (this.#incarnation !== null && this.#incarnation.process === this.#failing)
      this.crash('kill');
    if (this.#incarnation !== null) return;
    this.#setup.world.trace.note(hashed.start, this.index);
    const incarnation = this.#build(rejoin);
    this.#incarnation = incarnation;
    this.#incarnationCount++;
    this.#failure = null;
    incarnation.link.setRules(this.#rules);
    this.#makeSuffer(incarnation);
    try {
      incarnation.node.start();
      this.#setup.storage.started();
    } catch (error) {
      if (this.#isOfDisk(error)) this.crash('kill');
      else this.#setup.onViolation(`${this.id} does not start: ${String(error)}`);
    }
  }

  /** `kill`: the process is gone. `power`: so is what the disk had not made durable. */
  crash(how: CrashKind, unsynced?: UnsyncedFate): void {
    this.disarm();
    const dying = this.#incarnation;
    if (dying === null) {
      // What a killed process had left to the operating system is still at risk.
      if (how === 'power') this.#setup.storage.crash(how, unsynced);
      return;
    }
    this.#setup.onCrash?.();
    this.#setup.world.trace.note(hashed.crash, this.index, crashNumbers[how]);
    this.#tracer?.stop(how);
    addFacts(this.pastFacts, dying.node.inspect());
    this.#incarnation = null;
    dying.process.kill();
    dying.node.close();
    this.#setup.storage.crash(how, unsynced);
    for (const answer of dying.waiting.values()) answer(null);
    for (const look of dying.looks) look(null, null);
  }

  /**
   * Waits for the worst moment to crash: right after the node has answered a client, or sent something, while it has records
   * that are not durable. `null` calls it off.
   */
  crashUnsynced(how: CrashKind | null): void {
    this.#crashesUnsynced = how;
  }

  /**
   * Crashes in the middle of what it says next to several others, mostly of what it says when it next decides something: some
   * get it. `null` calls it off.
   */
  crashMidway(how: CrashKind | null): void {
    const isDue = this.#setup.onDecision === undefined || this.#random.chance(0.3);
    const sendsLeft = this.#random.below(this.#nodes.length);
    this.#crashesMidway = how === null ? null : { how, sendsLeft, isDue };
  }

  /** Calls off the crashes that wait for their moment. */
  disarm(): void {
    this.#crashesUnsynced = null;
    this.#crashesMidway = null;
  }

  pause(): void {
    this.#setup.world.trace.note(hashed.pause, this.index);
    this.#incarnation?.process.pause();
  }

  resume(): void {
    this.#setup.world.trace.note(hashed.resume, this.index);
    this.#incarnation?.process.resume();
  }

  /** What the node is told when it starts the next time. */
  reconfigure(nodes: readonly NodeId[], options: Options): void {
    this.#nodes = nodes;
    this.#options = options;
  }

  setRules(rules: LinkRules): void {
    this.#rules = rules;
    this.#incarnation?.link.setRules(rules);
  }

  /** What is wrong with this node, now and when it starts again. */
  setFaults(faults: Partial<NodeFaults>): void {
    const [before = 0, skewMs = 0] = [this.#faults.clock?.skewMs, faults.clock?.skewMs];
    if (skewMs !== before) this.#setup.world.trace.note(hashed.clock, this.index, skewMs | 0);
    this.#faults = faults;
    if (this.#incarnation !== null) this.#makeSuffer(this.#incarnation);
    this.#setup.storage.setFaults(faults.disk ?? {});
  }

  /**
   * Takes a request that arrives now. `answer` is called once: with the result, or with `null` when the process dies
   * before it answers.
   */
  request(request: Omit<ClientRequest, 'id'>, answer: (result: ClientResult | null) => void): void {
    const incarnation = this.#incarnation;
    if (incarnation === null) {
      const message = `${this.id} refused the connection`;
      answer({ type: 'error', code: 'unavailable', definite: true, message });
      return;
    }
    this.#requestCount++;
    const id = this.#requestCount;
    incarnation.waiting.set(id, answer);
    const { node, process } = incarnation;
    const { operation, level, session, floor, timeoutMs } = request;
    process.run(() => node.request({ id, operation, level, session, floor, timeoutMs }));
  }

  #build(rejoin: Rejoin | null): Incarnation<P> {
    const { world, network, protocol, storage, onDecision, turnMs, worst, counts } = this.#setup;
    const nodes = this.#nodes;
    const process = new Process(world);
    const random = this.#random;
    const clock = new SimClock({
      world,
      process,
      random: this.#clockRandom,
      turnMs: turnMs ?? 0,
      wallClock: this.wallClock,
      node: this,
    });
    const wire = network.attach(this.id, process);
    const sending: Link<P['message']> = {
      ...wire,
      send: (to, messages) => {
        if (!this.#dies()) wire.send(to, messages);
        // Most of what leaves may do so: that is why not every such moment is taken.
        if (this.#crashesUnsynced !== null && random.chance(0.25)) this.#maybeCrashUnsynced();
      },
    };
    const faultyClock = new FaultyClock(clock);
    const shape = world.shapeOnLinks(protocol.message);
    const link = new FilteredLink(this.id, sending, clock, this.#randomTo, {
      ...(counts && { counts }),
      weigh: (message) => weightOf(shape, message),
      ...(this.#tracer && { onFate: this.#tracer.fate as FateObserver<P['message']> }),
    });
    const waiting: Incarnation<P>['waiting'] = new Map();
    const journal = storage.open(process);
    const nodeSetup: NodeSetup<P> = {
      self: this.id,
      nodes,
      replica: protocol.create({ self: this.id, nodes, options: this.#options }),
      clock: faultyClock,
      link,
      journal,
      random,
      admit: (recovery) => {
        const found = storage.admit(recovery, rejoin !== null);
        return rejoin ?? found;
      },
      ...(onDecision !== undefined && {
        onDecision: (decision) => {
          if (this.#crashesMidway !== null) this.#crashesMidway.isDue = true;
          onDecision(decision);
        },
      }),
      refuse: (request) => protocol.problemOf?.(request, this.#options) ?? null,
      onReplies: (replies) => this.#answer(waiting, replies),
      onPeerFault: (from, why) =>
        this.#setup.onViolation(`${this.id} refused what ${from} sent: ${why}`),
      onFailure: (error) => this.#failed(process, error),
    };
    const node = new Node(this.#tracer === null ? nodeSetup : tracedNode(nodeSetup, this.#tracer));
    if (worst != null) node.readWorst(worst);
    const startedAt = world.now;
    const looks: Incarnation<P>['looks'] = new Set();
    return { process, node, journal, clock, faultyClock, link, startedAt, waiting, looks };
  }

  readonly #randomTo = (to: NodeId): Random => this.#setup.world.chance(`${this.id}>${to}`);

  #makeSuffer({ node, faultyClock }: Incarnation<P>): void {
    faultyClock.setFaults(this.#faults);
    node.failRate = this.#faults.failRate ?? null;
  }

  #failed(process: Process, error: Error): void {
    if (!this.#isOfDisk(error)) {
      this.#setup.onViolation(`${this.id} stopped: ${error.stack ?? error.message}`);
      return;
    }
    this.#failing = process;
    // Not in the middle of what it was doing.
    this.#setup.world.after(0, () => {
      if (this.#incarnation?.process === process) this.crash('kill');
    });
  }

  /** The node ends because of its disk, which is no violation. */
  #isOfDisk(error: unknown): boolean {
    this.#failure = error instanceof KvxError ? error : null;
    if (!(error instanceof JournalError) || error.problem !== 'disk') {
      return this.#faults.disk?.isDamaged ?? this.#setup.isDamaged?.(this.id) === true;
    }
    const { code } = error.cause as { readonly code?: string };
    addFact(this.pastFacts, code === 'ENOSPC' ? 'full disks' : 'failed syncs', 1);
    return true;
  }

  #answer(waiting: Incarnation<P>['waiting'], replies: readonly Reply[]): void {
    for (const { id, result } of replies) {
      const answer = waiting.get(id);
      if (answer === undefined) {
        this.#setup.onViolation(`${this.id} answered request ${id}, which is not open`);
        continue;
      }
      waiting.delete(id);
      answer(result);
    }
    this.#maybeCrashUnsynced();
  }

  /** Does not send any more. */
  #dies(): boolean {
    const midway = this.#crashesMidway;
    if (midway === null || !midway.isDue) return false;
    midway.sendsLeft -= 1;
    // After the turn that sends, not within it.
    if (midway.sendsLeft === -1) {
      this.#setup.world.after(0, () => {
        if (this.#crashesMidway === midway) this.crash(midway.how);
      });
    }
    return midway.sendsLeft < 0;
  }

  #maybeCrashUnsynced(): void {
    const how = this.#crashesUnsynced;
    const journal = this.#incarnation?.journal;
    if (how === null || journal === undefined || journal.appended === journal.durable) return;
    this.#crashesUnsynced = null;
    // After the turn that answers, not within it.
    this.#setup.world.after(0, () => this.crash(how));
  }
}

/** Adds the numbers among a view's facts to `totals`. */
export function addFacts(totals: Map<string, number>, view: ReplicaView): void {
  for (const [name, value] of view.facts) {
    if (typeof value === 'number') addFact(totals, name, value);
  }
}

function addFact(totals: Map<string, number>, name: string, value: number): void {
  totals.set(name, (totals.get(name) ?? 0) + value);
}

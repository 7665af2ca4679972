import { randomBytes } from 'node:crypto';
import { readsWorst, worstPlanOf } from '../../config/reads.js';
import type { Millis, NodeId, RequestId } from '../../core/ids.js';
import type { ClientRequest, Operation } from '../../core/operation.js';
import { SeededRandom } from '../../core/random.js';
import type { ProtocolTypes, Rejoin, ReplicaView } from '../../core/replica.js';
import type { Shape } from '../../core/wire.js';
import { type NodeFaults, nodeFaultsOf } from '../../faults/active.js';
import { type LinkRules, ruleCount } from '../../faults/link-rules.js';
import { systemClock } from '../../node/clock.js';
import { FileDisk } from '../../node/file-disk.js';
import type { FrameSocket } from '../../node/frame-socket.js';
import { useStraightShapes } from '../../node/straight-shapes.js';
import { profileOf } from '../../protocols/catalog.js';
import { optionsWithFounders } from '../../protocols/options.js';
import { modeNamed } from '../../protocols/registry.js';
import { nextIncarnation, type ProofOfWrites } from '../../runtime/admission.js';
import { FaultyClock } from '../../runtime/faulty-clock.js';
import { FaultyDisk } from '../../runtime/journal/faulty-disk.js';
import { FileJournal } from '../../runtime/journal/journal.js';
import { inTurns } from '../../runtime/journal/journal-setup.js';
import type { NodeStatus } from '../../runtime/links/client-frames.js';
import { type FateObserver, FilteredLink } from '../../runtime/links/filter.js';
import type { FrameItems } from '../../runtime/links/frames.js';
import { weightOf } from '../../runtime/links/weight.js';
import type { MetricFamily } from '../../runtime/metrics/family.js';
import { Node, type NodeSetup } from '../../runtime/node.js';
import type { Link, LogEnd, Recovery } from '../../runtime/ports.js';
import type { AnswerTaker, RequestSource } from '../../runtime/request-queue.js';
import { tracedNode } from '../../runtime/tracing/traced-node.js';
import { carriedShape, Tracer } from '../../runtime/tracing/tracer.js';
import type { NodeLog } from '../state/log.js';
import { eventLog, limited } from '../state/log.js';
import { JournalMark, orderDone } from '../state/marks.js';
import { meetingPeers } from '../state/met-peers.js';
import type { ClusterRecord } from '../state/record.js';
import { readFaults, rulesInForce } from '../state/run-file.js';
import { nodeSocket } from '../state/sockets.js';
import { type Cluster, dataFolder, readRecord } from '../state/state.js';
import { clockToGoOnFrom, TraceFile } from '../state/trace-files.js';
import { admit, evidenceOn, explained, logRecovery } from './admission.js';
import { ClientDesk, type Served } from './client-desk.js';
import { Listener } from './listener.js';
import { collectGarbage } from './memory.js';
import { MeasuredDisk } from './metrics/measured-disk.js';
import type { RespCounts } from './metrics/metric-row.js';
import { OwnMetrics } from './metrics/own-metrics.js';

type Types = ProtocolTypes;
type Message = Types['message'];

/** A link as a host needs it: sockets arrive at the node's own listener, ports do not. */
export interface HostedLink {
  readonly link: Link<Message> & {
    readonly lostCount: number;
    readonly sentBytes: number;
    onLost: ((to: NodeId, messages: readonly Message[], why: string) => void) | null;
    refuse(from: NodeId, why: string): void;
  };
  readonly incoming: {
    accept(from: NodeId, frames: FrameSocket, items: FrameItems): void;
    addPeer(peer: NodeId, socketPath: string): void;
  } | null;
}

/** Another door of a node, for clients that speak something else. */
export interface Front {
  /** Of Redis clients, if it is for them. */
  readonly respCounts?: RespCounts;
  close(): void;
}

export interface FrontSetup {
  readonly cluster: Cluster;
  readonly node: NodeId;
  readonly log: NodeLog;
  readonly served: Served;
}

export interface NodeHostSetup {
  readonly cluster: Cluster;
  readonly node: NodeId;
  readonly log: NodeLog;
  /** `incarnation`: of this start, once it is known; nothing arrives and nothing leaves before. */
  readonly makeLink: (
    message: Shape<Message>,
    random: SeededRandom,
    incarnation: () => number,
  ) => HostedLink;
  /** Each opens another door if the cluster is to have it; throws when it can't. */
  readonly fronts: readonly ((setup: FrontSetup) => Promise<Front | null>)[];
  /** The node stopped by itself, or, with `null`, was asked to by a client. */
  readonly onStopped: (error: Error | null) => void;
}

/** One node with everything real around it: journal on disk, link to its peers, socket for its clients. */
export class NodeHost implements Served {
  readonly #setup: NodeHostSetup;
  readonly #node: Node<Types>;
  readonly #clock = new FaultyClock(systemClock);
  readonly #disk: FaultyDisk;
  readonly #measuredDisk: MeasuredDisk;
  readonly #journal: FileJournal<Types['record']>;
  readonly #hosted: HostedLink;
  readonly #link: FilteredLink<Message>;
  readonly #desk: ClientDesk;
  /** Of what anybody who connects can cause. */
  readonly #warn: (event: string) => void;
  readonly #endpoint: Listener;
  readonly #peers: Set<NodeId>;
  readonly #stopCollecting = collectGarbage();
  readonly #startedAt: Millis = systemClock.now();
  readonly #mark: JournalMark;
  readonly #trace: TraceFile | null;
  readonly #tracer: Tracer | null;
  readonly #met: ReturnType<typeof meetingPeers>;
  readonly #metrics = new OwnMetrics();
  #faultCount = 0;
  #fronts: Front[] = [];
  #lastRequest: RequestId = 0;
  incarnation = 0;
  /** What a user should hear of this start; `null`: nothing. */
  note: string | null = null;
  #rejoins = false;
  #recovered: LogEnd = { segment: 0, bytes: 0 };

  /** Recovers, starts and listens. Throws when the journal refuses what it finds, or the socket is taken. */
  static async start(setup: NodeHostSetup): Promise<NodeHost> {
    useStraightShapes();
    const host = new NodeHost(setup);
    try {
      host.#node.start();
      if (!host.#rejoins) host.#begin(host.#recovered);
      await host.#endpoint.listen();
      await host.#openFronts();
    } catch (error) {
      host.close();
      throw explained(setup.cluster, setup.node, error);
    }
    return host;
  }

  private constructor(setup: NodeHostSetup) {
    const { cluster, node } = setup;
    const { record, folder } = cluster;
    const { protocol } = modeNamed(record.mode);
    const options = optionsOf(record);
    const random = new SeededRandom(randomBytes(6).readUIntBE(0, 6));
    this.#setup = setup;
    const evidence = evidenceOn(cluster, node);
    // The disk first: what it may throw leaves nothing open.
    this.#disk = new FaultyDisk(new FileDisk(dataFolder(folder, node)), systemClock);
    this.#measuredDisk = new MeasuredDisk(this.#disk);
    this.#journal = new FileJournal({
      disk: this.#measuredDisk,
      shape: protocol.record,
      owner: { cluster: record.id, node },
      sync: record.sync,
      incarnationMin: nextIncarnation(evidence),
      limits: inTurns(record.nodes.indexOf(node), record.nodes.length),
      onReached: (end) => this.#onReached(end),
    });
    this.#mark = new JournalMark(folder, node, record.sync === 'always');
    this.#met = meetingPeers(folder, record.id, node);
    this.#trace = record.trace === 'on' ? new TraceFile(folder, node) : null;
    this.#tracer = this.#trace && tracerOf(cluster, node, this.#trace);
    const message: Shape<Message> =
      this.#tracer === null ? protocol.message : carriedShape(protocol.message);
    this.#hosted = setup.makeLink(message, random.fork(), () => this.incarnation);
    const onFate = this.#tracer && (this.#tracer.fate as FateObserver<Message>);
    if (onFate !== null) {
      this.#hosted.link.onLost = (to, messages, why) => {
        for (const each of messages) onFate('lost', node, to, each, why);
      };
    }
    this.#link = new FilteredLink(node, this.#hosted.link, systemClock, () => random.fork(), {
      weigh: (each) => weightOf(message, each),
      ...(onFate && { onFate }),
    });
    this.#warn = limited((event) => setup.log.warn(event));
    const events = eventLog(setup.log);
    this.#desk = new ClientDesk(this, this.#warn);
    const nodeSetup: NodeSetup<Types> = {
      self: node,
      nodes: record.nodes,
      replica: protocol.create({ self: node, nodes: record.nodes, options }),
      clock: this.#clock,
      link: this.#link,
      journal: this.#journal,
      random,
      admit: (recovery) => this.#admit(recovery, evidence),
      refuse: (request) => protocol.problemOf?.(request, options) ?? null,
      onReplies: (replies) => events.addReplies(replies),
      observe: this.#metrics.operations.note,
      onEvent: (event) => events.add(event),
      onPeerFault: (from, why) => this.#hosted.link.refuse(from, why),
      onFailure: setup.onStopped,
    };
    this.#node = new Node(this.#tracer ? tracedNode(nodeSetup, this.#tracer) : nodeSetup);
    if (readsWorst(record)) {
      this.#rememberForWorst();
      setup.log.info(`reads return the worst that is legal (${record.reads})`);
    }
    this.#setFaults(rulesInForce(cluster), nodeFaultsOf(node, readFaults(folder).faults));
    this.#peers = new Set(record.nodes.filter((other) => other !== node));
    this.#endpoint = this.#makeEndpoint();
  }

  async #openFronts(): Promise<void> {
    const { cluster, node, log, fronts } = this.#setup;
    for (const open of fronts) {
      const front = await open({ cluster, node, log, served: this });
      if (front !== null) this.#fronts.push(front);
    }
  }

  #admit(recovery: Recovery, evidence: ProofOfWrites): Rejoin | null {
    const { cluster, node, log } = this.#setup;
    logRecovery(log, recovery);
    const { rejoin, note } = admit(cluster, node, recovery, evidence);
    this.incarnation = recovery.incarnation;
    this.#recovered = recovery.end;
    this.note = note;
    this.#rejoins = rejoin !== null;
    if (rejoin !== null) log.warn(note ?? `${node} begins anew, and copies from the others`);
    return rejoin;
  }

  /**
   * A node that begins anew gets its mark when that it does is durable in its journal: not before, or after a crash it would
   * pass for one that has lost nothing.
   */
  #onReached(end: LogEnd): void {
    this.#begin(end);
    this.#mark.note(end);
  }

  #begin(end: LogEnd): void {
    if (this.#mark.hasBegun) return;
    const { cluster, node } = this.#setup;
    this.#mark.begin(this.incarnation, end);
    orderDone(cluster.folder, node);
  }

  /** Another node has started, or this one has heard of it. False: of a later start of it had been heard before. */
  meet(peer: NodeId, incarnation: number): boolean {
    const { log } = this.#setup;
    const isFine = this.#met(peer, incarnation);
    if (!isFine) log.warn(`${peer} says that this is its start ${incarnation}, which can't be`);
    return isFine;
  }

  request(
    operation: Operation,
    { level, session, floor, timeoutMs }: Omit<ClientRequest, 'id' | 'operation'>,
    source: RequestSource,
    name: number | AnswerTaker,
  ): void {
    const id = ++this.#lastRequest;
    this.#node.request({ id, operation, level, session, floor, timeoutMs }, source, name);
  }

  resume(): void {
    this.#node.resume();
  }

  readWorst(source: RequestSource, seed: number | null): void {
    source.worst = seed === null ? null : new SeededRandom(seed);
    if (seed === null) return;
    this.#rememberForWorst();
    this.#warn(`reads of a Redis client return the worst that is legal, by seed ${seed}`);
  }

  #rememberForWorst(): void {
    const plan = worstPlanOf(this.#setup.cluster.record);
    if (plan !== null) this.#node.readWorst(plan);
  }

  inspect(): ReplicaView {
    return this.#node.inspect();
  }

  status(): NodeStatus {
    const { role, keyCount, unsettledCount, suspects, facts } = this.#node.inspect();
    const lost = this.#hosted.link.lostCount;
    const unsent = lost === 0 ? [] : [['lost batches', lost] as const];
    return {
      node: this.#setup.node,
      pid: process.pid,
      role,
      keyCount,
      unsettledCount,
      suspects,
      facts: [...facts, ...unsent, ...this.#link.facts, ...(this.#node.worst?.facts ?? [])],
      journalAppended: this.#journal.appended,
      journalDurable: this.#journal.durable,
      journalBytes: this.#journal.logBytes,
      sentCount: this.#link.sentCount,
      syncCount: this.#journal.syncCount,
      uptimeMs: Math.round(systemClock.now() - this.#startedAt),
    };
  }

  metrics(): MetricFamily[] {
    const { cluster, node } = this.#setup;
    return this.#metrics.families({
      ...{ record: cluster.record, node, incarnation: this.incarnation },
      ...{ view: this.#node.inspect(), load: this.#node.load, link: this.#link },
      ...{ journal: this.#journal, disk: this.#measuredDisk, lines: this.#hosted.link },
      ...{ faultCount: this.#faultCount, connections: this.#endpoint.counts },
      resp: this.#fronts.find(({ respCounts }) => respCounts)?.respCounts ?? null,
    });
  }

  setFaults(rules: LinkRules, own: Partial<NodeFaults>): void {
    this.#setFaults(rules, own);
    const { cuts, delays } = rules;
    this.#setup.log.info(`link rules: ${cuts.length} directions cut, ${delays.length} delayed`);
  }

  #setFaults(rules: LinkRules, own: Partial<NodeFaults>): void {
    this.#faultCount = ruleCount(rules) + Object.keys(own).length;
    this.#link.setRules(rules);
    this.#clock.setFaults(own);
    this.#disk.setFaults(own.disk ?? {});
    this.#node.failRate = own.failRate ?? null;
  }

  /** A client asked for it; its answer leaves first. */
  stop(): void {
    setImmediate(() => this.#setup.onStopped(null));
  }

  /** Stops at once, as a crash would, but takes the socket away. */
  close(): void {
    this.#stopCollecting();
    this.#desk.close();
    this.#metrics.stop();
    for (const front of this.#fronts) front.close();
    this.#node.close();
    this.#tracer?.stop(null);
    this.#trace?.close();
    this.#mark.close();
    this.#endpoint.close();
  }

  #makeEndpoint(): Listener {
    const { cluster, node } = this.#setup;
    const { record, sockets } = cluster;
    const { incoming } = this.#hosted;
    return new Listener({
      path: nodeSocket(sockets, node),
      cluster: record.id,
      isPeer: (from, incarnation) =>
        incoming !== null && this.#isPeer(from) && this.meet(from, incarnation),
      onClient: (frames, items) => this.#desk.welcome(frames, items),
      onPeer: (from, frames, items) => incoming?.accept(from, frames, items),
      log: this.#warn,
    });
  }

  /** A node that came later than this one: the cluster's record says whether it belongs here. */
  #isPeer(node: NodeId): boolean {
    if (this.#peers.has(node)) return true;
    const { cluster, node: self, log } = this.#setup;
    if (node === self || !this.#isInRecord(node)) return false;
    log.info(`${node} has joined the cluster`);
    this.#peers.add(node);
    this.#hosted.incoming?.addPeer(node, nodeSocket(cluster.sockets, node));
    return true;
  }

  #isInRecord(node: NodeId): boolean {
    try {
      return readRecord(this.#setup.cluster.folder).nodes.includes(node);
    } catch (error) {
      this.#setup.log.warn((error as Error).message);
      return false;
    }
  }
}

function tracerOf({ folder }: Cluster, node: NodeId, trace: TraceFile): Tracer {
  return new Tracer({
    node,
    now: () => Math.round((performance.timeOrigin + performance.now()) * 1000) / 1000,
    sink: trace.add,
    clock: clockToGoOnFrom(folder, node),
  });
}

/** What the mode has to know once nodes have come or gone. */
function optionsOf({ mode, options, founders }: ClusterRecord): unknown {
  return founders === undefined ? options : optionsWithFounders(profileOf(mode), options, founders);
}

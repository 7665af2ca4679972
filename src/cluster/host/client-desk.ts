import type { Millis, NodeId } from '../../core/ids.js';
import { unreachable } from '../../core/invariant.js';
import type { ClientRequest, Operation } from '../../core/operation.js';
import type { ReplicaView } from '../../core/replica.js';
import { TransientSet } from '../../core/transient.js';
import type { NodeFaults } from '../../faults/active.js';
import type { LinkRules } from '../../faults/link-rules.js';
import type { FrameSocket } from '../../node/frame-socket.js';
import {
  type ClientFrame,
  describeEntry,
  type NodeStatus,
  pageOf,
  type ScannedEntry,
  type ServerFrame,
} from '../../runtime/links/client-frames.js';
import type { FrameItems } from '../../runtime/links/frames.js';
import type { MetricFamily } from '../../runtime/metrics/family.js';
import type { AnswerTaker, RequestSource } from '../../runtime/request-queue.js';
import { ClientSession, type Desk } from './client-session.js';
import type { Guest } from './listener.js';
import { UnreadAnswers } from './unread.js';

/** What a node does for its clients. */
export interface Served {
  /**
   * `source` is the connection, which gets the answer under the client's own `name`, unless that is who is to be told: those
   * of one node share its turns.
   */
  request(
    operation: Operation,
    options: Omit<ClientRequest, 'id' | 'operation'>,
    source: RequestSource,
    name: number | AnswerTaker,
  ): void;
  /** A client has read answers: requests that waited for that may begin. */
  resume(): void;
  /** Gets of this connection return the worst that is legal, chosen by the seed; `null`: what they find. */
  readWorst(source: RequestSource, seed: number | null): void;
  inspect(): ReplicaView;
  status(): NodeStatus;
  metrics(): MetricFamily[];
  /** What the cluster's links do, and what is wrong with this node. */
  setFaults(rules: LinkRules, own: Partial<NodeFaults>): void;
  /** Stop in good order, soon. */
  stop(): void;
}

/** How often it is looked who leads: meanwhile whoever led before hands on what it is asked. */
const lookMs: Millis = 100;

/** Takes the frames of all clients of one node. */
export class ClientDesk implements Desk {
  readonly #served: Served;
  readonly log: (event: string) => void;
  readonly #sessions = new TransientSet<ClientSession>();
  readonly #unread = new UnreadAnswers(this.#sessions);
  #unflushed: ClientSession[] = [];
  #leader: NodeId | null = null;
  readonly #looking = setInterval(() => this.tellLeader(), lookMs).unref();

  constructor(served: Served, log: (event: string) => void) {
    this.#served = served;
    this.log = log;
  }

  /** Serves a connection that has said hello; `items` came right behind it. */
  welcome(frames: FrameSocket, items: FrameItems): Guest {
    const session = new ClientSession(frames, this);
    this.tellLeader();
    if (this.#leader !== null) session.push({ type: 'leader', node: this.#leader });
    this.#sessions.add(session);
    session.take(items);
    return session;
  }

  /** Lets all clients know whom to ask, when that has changed. */
  tellLeader(): void {
    const { leader = null } = this.#served.inspect();
    if (leader === this.#leader) return;
    this.#leader = leader;
    if (leader === null) return;
    for (const session of this.#sessions) session.push({ type: 'leader', node: leader });
  }

  close(): void {
    clearInterval(this.#looking);
  }

  onUnread(change: number): void {
    this.#unread.note(change);
  }

  onRead(): void {
    this.#served.resume();
  }

  onClosed(session: ClientSession): void {
    this.#sessions.delete(session);
  }

  take(session: ClientSession, frame: ClientFrame): void {
    const { id } = frame;
    switch (frame.type) {
      case 'request':
        this.#served.request(frame.operation, frame, session.source, id);
        break;
      case 'status':
        session.push({ type: 'status', id, status: this.#served.status() });
        break;
      case 'metrics':
        session.push({ type: 'metrics', id, families: this.#served.metrics() });
        break;
      case 'lookup':
        session.push(this.#lookup(frame));
        break;
      case 'scan':
        session.scan(id, scanned(this.#served.inspect(), frame.values));
        break;
      case 'page':
        session.push({
          ...{
            type: 'page',
            id,
            page: pageOf(this.#served.inspect(), frame.position, frame.count),
          },
        });
        break;
      case 'set-faults':
        this.#served.setFaults(frame.rules, frame.own);
        session.push({ type: 'done', id });
        break;
      case 'stop':
        session.push({ type: 'done', id });
        session.flush();
        this.#served.stop();
        break;
      default:
        unreachable(frame, 'frame');
    }
  }

  #lookup(frame: Extract<ClientFrame, { type: 'lookup' }>): ServerFrame {
    const view = this.#served.inspect();
    const entry = view.lookup(frame.key);
    const found = entry === undefined ? null : describeEntry(view, entry, true);
    return { type: 'found', id: frame.id, entry: found };
  }

  /** All that one tick has for a client leaves in one frame. */
  flushSoon(session: ClientSession): void {
    if (this.#unflushed.push(session) > 1) return;
    process.nextTick(() => {
      const sessions = this.#unflushed;
      this.#unflushed = [];
      for (const each of sessions) each.flush();
    });
  }
}

function* scanned(view: ReplicaView, values: boolean): Generator<ScannedEntry> {
  for (const entry of view.entries()) yield describeEntry(view, entry, values);
}

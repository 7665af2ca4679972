/**
 * A simulated node as its clients find it. On it the one client (client/client.ts) runs in virtual time, for scripts and
 * for swarms alike:
 *
 *     const timing = virtualTiming(world, world.chance('client'));
 *     const endpoints = simEndpoints(() => hosts, timing);
 *     const client = new Client(endpoints, { timing, start: index, timeoutMs: 400, sessionSupport, record });
 *     client.submit(operation, { level }, sink, token); // sink.settled(token, result, node), later, in the world's turn
 *
 * `submit` makes no promise: all of it happens within `world.runUntil`. A client whose `start` is a number keeps to that node
 * and goes to the next while it can't be reached.
 */
import { type Channel, Connection } from '../client/connection.js';
import { type Endpoint, openedBy, type Timing } from '../client/endpoint.js';
import { unreachableNode } from '../client/lost.js';
import type { KvxError } from '../core/errors.js';
import type { Millis, NodeId } from '../core/ids.js';
import type { ClientRequest, ClientResult } from '../core/operation.js';
import type { ReplicaView } from '../core/replica.js';
import {
  type ClientFrame,
  describeEntry,
  type NodeStatus,
  pageOf,
  type ServerFrame,
} from '../runtime/links/client-frames.js';
import type { Vitals } from './incarnation.js';

/** Of one direction between a client and a node. */
const latencyMsMax: Millis = 0.3;
const openTimeoutMsDefault: Millis = 5_000;

/** What a client meets of a simulated machine. */
export interface ReachableHost {
  readonly id: NodeId;
  readonly isUp: boolean;
  readonly incarnationCount: number;
  request(request: Omit<ClientRequest, 'id'>, answer: (result: ClientResult | null) => void): void;
  look(look: (view: ReplicaView | null, vitals: Vitals | null) => void): void;
  view(): ReplicaView | null;
}

export class SimEndpoint implements Endpoint {
  readonly node: NodeId;
  readonly open: Endpoint['open'];
  readonly #host: ReachableHost;
  readonly #timing: Timing;
  /** Made once: an error looks where it is made, which costs. */
  #unreachable: KvxError | null = null;

  constructor(host: ReachableHost, timing: Timing) {
    this.node = host.id;
    this.open = openedBy(timing, (...asked) => this.connect(...asked), openTimeoutMsDefault);
    this.#host = host;
    this.#timing = timing;
  }

  /** A paused node still accepts connections, as its operating system does for it. */
  connect(_timeoutMs: Millis, connected: Parameters<Endpoint['connect']>[1]): void {
    const host = this.#host;
    const timing = this.#timing;
    travel(timing, () => {
      if (!host.isUp) {
        this.#unreachable ??= unreachableNode(host.id, 'nobody listens at its socket');
        connected(this.#unreachable);
        return;
      }
      const open = (to: Connection): Channel => new SimChannel(host, timing, to);
      const connection = new Connection(host.id, timing, open);
      connection.received([{ type: 'welcome' }]);
      connected(connection);
    });
  }
}

/** Of hosts that come and go: the same one of a host as long as that is there, since clients keep connections. */
export function simEndpoints(
  hosts: () => readonly ReachableHost[],
  timing: Timing,
): () => readonly Endpoint[] {
  const known = new Map<ReachableHost, Endpoint>();
  const endpointOf = (host: ReachableHost): Endpoint => {
    const endpoint = known.get(host) ?? new SimEndpoint(host, timing);
    known.set(host, endpoint);
    return endpoint;
  };
  let last: readonly ReachableHost[] = [];
  let endpoints: readonly Endpoint[] = [];
  return () => {
    const now = hosts();
    if (now !== last) endpoints = now.map(endpointOf);
    last = now;
    return endpoints;
  };
}

function travel(timing: Timing, arrive: () => void): void {
  timing.after(timing.random() * latencyMsMax, arrive);
}

/** To one incarnation of a node: it ends when that does. Frames may overtake each other. */
class SimChannel implements Channel {
  readonly #host: ReachableHost;
  readonly #incarnation: number;
  readonly #timing: Timing;
  readonly #connection: Connection;
  /** Who leads, as the client has heard it here. */
  #leader: NodeId | null = null;

  constructor(host: ReachableHost, timing: Timing, connection: Connection) {
    this.#host = host;
    this.#incarnation = host.incarnationCount;
    this.#timing = timing;
    this.#connection = connection;
  }

  get isOpen(): boolean {
    return this.#host.isUp && this.#host.incarnationCount === this.#incarnation;
  }

  gather(flush: () => void): void {
    flush();
  }

  write(frames: readonly ClientFrame[]): boolean {
    for (const frame of frames) {
      travel(this.#timing, () => {
        if (this.isOpen) answerTo(frame, this.#host, this.#answer);
        else this.#answer(null);
      });
    }
    return true;
  }

  close(): void {}

  /** `null`: the node has died instead. */
  readonly #answer = (frame: ServerFrame | null): void => {
    const { leader = null } = this.#host.view() ?? {};
    const isNews = leader !== null && leader !== this.#leader;
    this.#leader = leader;
    travel(this.#timing, () => {
      if (frame === null) this.#connection.lost('the connection was closed');
      else if (isNews) this.#connection.received([{ type: 'leader', node: leader }, frame]);
      else this.#connection.received([frame]);
    });
  };
}

/** What a node's process does with a client's frame (cluster/host/client-desk.ts does it for real ones). */
function answerTo(
  frame: ClientFrame,
  host: ReachableHost,
  answer: (frame: ServerFrame | null) => void,
): void {
  const { id } = frame;
  const look = (see: (view: ReplicaView, vitals: Vitals) => ServerFrame): void =>
    host.look((view, vitals) =>
      answer(view === null || vitals === null ? null : see(view, vitals)),
    );
  switch (frame.type) {
    case 'request': {
      const { operation, level, timeoutMs, session, floor } = frame;
      host.request({ operation, level, timeoutMs, session, floor }, (result) =>
        answer(result === null ? null : { type: 'result', id, result }),
      );
      return;
    }
    case 'status':
      look((view, vitals) => ({ type: 'status', id, status: statusOf(host.id, view, vitals) }));
      return;
    case 'lookup':
      look((view) => {
        const entry = view.lookup(frame.key);
        const found = entry === undefined ? null : describeEntry(view, entry, true);
        return { type: 'found', id, entry: found };
      });
      return;
    case 'scan':
      look((view) => {
        const entries = Array.from(view.entries(), (each) =>
          describeEntry(view, each, frame.values),
        );
        return { type: 'entries', id, entries, last: true };
      });
      return;
    case 'page':
      look((view) => ({ type: 'page', id, page: pageOf(view, frame.position, frame.count) }));
      return;
    case 'set-faults':
    case 'stop':
      throw new Error(`no client says ${frame.type} to a simulated node`);
  }
}

function statusOf(
  node: NodeId,
  view: ReplicaView,
  { journal, link, uptimeMs }: Vitals,
): NodeStatus {
  const { role, keyCount, unsettledCount, suspects, facts } = view;
  return {
    node,
    pid: 0,
    role,
    keyCount,
    unsettledCount,
    suspects,
    facts: [...facts, ...link.facts],
    journalAppended: journal.appended,
    journalDurable: journal.durable,
    journalBytes: journal.logBytes,
    sentCount: link.sentCount,
    syncCount: journal.syncCount,
    uptimeMs,
  };
}

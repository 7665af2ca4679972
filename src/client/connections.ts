import { KvxError } from '../core/errors.js';
import type { Millis, NodeId } from '../core/ids.js';
import type { Endpoint, NodeConnection, Timing } from './endpoint.js';
import { LeaderHint } from './leader-hint.js';
import { noneReachable, unreachableNode } from './lost.js';

/** Who waits for a connection. */
export interface ConnectionWaiter {
  /** Called once, perhaps before the call that asked for it has returned. An error is a definite `unavailable`. */
  connected(outcome: NodeConnection | KvxError): void;
}

interface Link {
  connection: NodeConnection | null;
  /** `null` while nobody tries to connect. */
  waiting: ConnectionWaiter[] | null;
  /** Why the last attempt failed, and until when there is no other. */
  problem: KvxError | null;
  retryAt: Millis;
}

/** One connection a node, made when first needed and again when it was lost. Any number of clients may share it. */
export class Connections {
  readonly #timing: Timing;
  readonly #retryMs: Millis;
  readonly #links = new Map<NodeId, Link>();
  readonly leader = new LeaderHint();
  #closed = false;

  /** `retryMs`: for so long a node that could not be reached is not tried again. */
  constructor(timing: Timing, retryMs: Millis = 0) {
    this.#timing = timing;
    this.#retryMs = retryMs;
  }

  /** `null`: there is none that is open. */
  to(node: NodeId): NodeConnection | null {
    const connection = this.#links.get(node)?.connection;
    return connection?.isOpen ? connection : null;
  }

  connect(endpoint: Endpoint, timeoutMs: Millis, waiter: ConnectionWaiter): void {
    const link = this.#linkTo(endpoint.node);
    if (this.#closed) waiter.connected(unreachableNode(endpoint.node, 'the client is closed'));
    else if (link.connection?.isOpen) waiter.connected(link.connection);
    else if (link.waiting !== null) link.waiting.push(waiter);
    else if (link.problem !== null && this.#timing.now() < link.retryAt) {
      waiter.connected(link.problem);
    } else {
      link.waiting = [waiter];
      endpoint.connect(timeoutMs, (outcome) => this.#connected(link, outcome));
    }
  }

  /** Throws a definite `unavailable` when no node can be reached. */
  async openAny(endpoints: readonly Endpoint[], timeoutMs: Millis): Promise<void> {
    const outcomes = await Promise.all(
      endpoints.map((endpoint) =>
        this.#timing.wait<NodeConnection | KvxError>((connected) =>
          this.connect(endpoint, timeoutMs, { connected }),
        ),
      ),
    );
    const problems = outcomes.flatMap((outcome) =>
      outcome instanceof KvxError ? [outcome.message] : [],
    );
    const nodes = endpoints.map(({ node }) => node);
    if (problems.length === nodes.length) throw noneReachable(nodes, problems);
  }

  /** Hangs up on every node. */
  close(): void {
    this.#closed = true;
    for (const [node, link] of this.#links) {
      link.connection?.close();
      this.#tell(link, unreachableNode(node, 'the client is closed'));
    }
  }

  #linkTo(node: NodeId): Link {
    let link = this.#links.get(node);
    if (link === undefined) {
      link = { connection: null, waiting: null, problem: null, retryAt: 0 };
      this.#links.set(node, link);
    }
    return link;
  }

  #connected(link: Link, outcome: NodeConnection | KvxError): void {
    if (outcome instanceof KvxError) {
      link.problem = outcome;
      link.retryAt = this.#timing.now() + this.#retryMs;
    } else if (this.#closed) outcome.close();
    else {
      link.connection = outcome;
      outcome.onLeader((leader) => this.leader.named(leader));
    }
    this.#tell(link, outcome);
  }

  #tell(link: Link, outcome: NodeConnection | KvxError): void {
    const waiting = link.waiting ?? [];
    link.waiting = null;
    for (const waiter of waiting) waiter.connected(outcome);
  }
}

/** What is broken on purpose between a client and the nodes, the same on every runtime. */
import type { KvxError } from '../core/errors.js';
import type { NodeId } from '../core/ids.js';
import {
  type ClientResult,
  type Operation,
  operationShape,
  resultShape,
} from '../core/operation.js';
import { errorResult } from '../core/results.js';
import { joinRules, keepRules, type LinkRules, noRules, ruleCount } from '../faults/link-rules.js';
import { everyClient } from '../faults/link-words.js';
import { Path } from '../runtime/links/path.js';
import { weightOf } from '../runtime/links/weight.js';
import type { Endpoint, NodeConnection, Requester, RequestOptions, Timing } from './endpoint.js';
import { unreachableNode } from './lost.js';

export interface ClientLinksSetup {
  /** What rules call the client; `null`: only those for all clients are meant for it. */
  readonly name: string | null;
  /** Those in force; another object when they have changed. */
  readonly rules: () => LinkRules;
  readonly timing: Timing;
}

/** Both directions between a client and one node. */
interface ClientLink {
  readonly there: Path<HeldRequest>;
  readonly back: Path<HeldAnswer>;
  isCut: boolean;
}

interface HeldAnswer {
  readonly type: string;
  readonly request: HeldRequest;
  readonly result: ClientResult;
}

/**
 * The links of one client. A node that it is cut from in both directions is never talked to. Where only one is, or where
 * messages are lost, the client can't know: what it asked for may have happened.
 */
export class ClientLinks {
  readonly #setup: ClientLinksSetup;
  readonly #links = new Map<NodeId, ClientLink>();
  #rules: LinkRules = noRules;
  #endpoints: readonly Endpoint[] = [];
  #wrapped: readonly Endpoint[] = [];

  constructor(setup: ClientLinksSetup) {
    this.#setup = setup;
  }

  /** Why the client does not talk to this node; `null`: it may. */
  problemWith(node: NodeId): string | null {
    if (this.to(node)?.isCut !== true) return null;
    return unreachableNode(node, `its link to ${this.#setup.name ?? 'clients'} is cut`).message;
  }

  /** Endpoints whose connections meet what is broken. */
  around(endpoints: readonly Endpoint[]): readonly Endpoint[] {
    if (endpoints !== this.#endpoints) {
      this.#endpoints = endpoints;
      this.#wrapped = endpoints.map((endpoint) => new LinkedEndpoint(endpoint, this));
    }
    return this.#wrapped;
  }

  get timing(): Timing {
    return this.#setup.timing;
  }

  /** `null`: nothing is done to what it carries. */
  to(node: NodeId): ClientLink | null {
    const rules = this.#setup.rules();
    if (rules !== this.#rules) this.#adopt(rules);
    return this.#links.get(node) ?? null;
  }

  /** Those for this client come before those for all. */
  #adopt(rules: LinkRules): void {
    this.#rules = rules;
    const { name } = this.#setup;
    const of = (client: string): LinkRules =>
      keepRules(rules, ({ from, to }) => from === client || to === client);
    const own = joinRules([...(name === null ? [] : [of(name)]), of(everyClient)]);
    const ends = Object.values<readonly { from: NodeId; to: NodeId }[]>({ ...own })
      .flat()
      .flatMap(({ from, to }) => [from, to]);
    for (const node of new Set([...ends, ...this.#links.keys()])) {
      const there = keepRules(own, ({ to }) => to === node);
      const back = keepRules(own, ({ from }) => from === node);
      const link = this.#links.get(node) ?? this.#newLink();
      const isIdle = link.there.isIdle && link.back.isIdle;
      if (ruleCount(there) + ruleCount(back) === 0 && isIdle) this.#links.delete(node);
      else this.#links.set(node, link);
      link.there.setRules(withLostCuts(there));
      link.back.setRules(withLostCuts(back));
      link.isCut = there.cuts.length > 0 && back.cuts.length > 0;
    }
  }

  #newLink(): ClientLink {
    const { timing } = this.#setup;
    const common = {
      clock: {
        now: () => timing.now(),
        at: (deadline: number, run: () => void) =>
          timing.after(Math.max(0, deadline - timing.now()), run),
      },
      random: {
        next: () => timing.random(),
        chance: (probability: number) => timing.random() < probability,
      },
      onFate: () => {},
    };
    return {
      there: new Path<HeldRequest>({
        ...common,
        weigh: ({ operation }) => weightOf(operationShape, operation),
        deliver: (requests) => {
          for (const request of requests) request.arrive();
        },
      }),
      back: new Path<HeldAnswer>({
        ...common,
        weigh: ({ result }) => weightOf(resultShape, result),
        deliver: (answers) => {
          for (const { request, result } of answers) request.settle(result);
        },
      }),
      isCut: false,
    };
  }
}

/** Where one direction is cut, what it carries is lost. */
const withLostCuts = (rules: LinkRules): LinkRules => ({
  ...rules,
  losses: [...rules.cuts.map((cut) => ({ ...cut, chance: 1 })), ...rules.losses],
});

class LinkedEndpoint implements Endpoint {
  readonly node: NodeId;
  readonly #inner: Endpoint;
  readonly #links: ClientLinks;

  constructor(inner: Endpoint, links: ClientLinks) {
    this.node = inner.node;
    this.#inner = inner;
    this.#links = links;
  }

  connect(timeoutMs: number, connected: (outcome: NodeConnection | KvxError) => void): void {
    this.#inner.connect(timeoutMs, (outcome) =>
      connected(outcome instanceof Error ? outcome : new LinkedConnection(outcome, this.#links)),
    );
  }

  async open(timeoutMs?: number): Promise<NodeConnection> {
    return new LinkedConnection(await this.#inner.open(timeoutMs), this.#links);
  }
}

/** Requests and their answers meet what is broken; what only looks at the node does not. */
class LinkedConnection implements NodeConnection {
  readonly node: NodeId;
  readonly status: NodeConnection['status'];
  readonly lookup: NodeConnection['lookup'];
  readonly scan: NodeConnection['scan'];
  readonly page: NodeConnection['page'];
  readonly onLeader: NodeConnection['onLeader'];
  readonly #inner: NodeConnection;
  readonly #links: ClientLinks;
  readonly #held = new Set<HeldRequest>();

  constructor(inner: NodeConnection, links: ClientLinks) {
    this.node = inner.node;
    this.status = (...asked) => inner.status(...asked);
    this.lookup = (...asked) => inner.lookup(...asked);
    this.scan = (...asked) => inner.scan(...asked);
    this.page = (...asked) => inner.page(...asked);
    this.onLeader = (hear) => inner.onLeader(hear);
    this.#inner = inner;
    this.#links = links;
  }

  get isOpen(): boolean {
    return this.#inner.isOpen;
  }

  request(operation: Operation, options: RequestOptions, requester: Requester): void {
    const link = this.#links.to(this.node);
    if (link === null) {
      this.#inner.request(operation, options, requester);
      return;
    }
    const request = new HeldRequest({
      ...{ operation, options: { ...options }, requester, connection: this.#inner, link },
      cancelTimer: this.#links.timing.after(options.timeoutMs, () => {
        const message = `${this.node} did not answer in time`;
        request.settle(errorResult('timeout', false, message));
      }),
      onOver: () => this.#held.delete(request),
    });
    this.#held.add(request);
    link.there.send([request]);
  }

  close(): void {
    this.#inner.close();
    const result = errorResult('disconnected', false, 'the connection was closed');
    for (const request of [...this.#held]) {
      request.forget();
      request.settle(result);
    }
  }
}

interface Held {
  readonly operation: Operation;
  readonly options: RequestOptions;
  readonly requester: Requester;
  readonly connection: NodeConnection;
  readonly link: ClientLink;
  readonly cancelTimer: () => void;
  readonly onOver: () => void;
}

/** One request on a link to which something is done. It may arrive twice, or never; it is answered once. */
class HeldRequest implements Requester {
  /** Of messages that rules name: none. */
  readonly type = '';
  readonly #held: Held;
  #isOver = false;

  constructor(held: Held) {
    this.#held = held;
  }

  get operation(): Operation {
    return this.#held.operation;
  }

  /** Nothing of it is to arrive any more. */
  forget(): void {
    this.#held.link.there.clear();
    this.#held.link.back.clear();
  }

  arrive(): void {
    const { connection, operation, options } = this.#held;
    connection.request(operation, options, this);
  }

  answered(result: ClientResult): void {
    // This the client knows by itself.
    if (result.type === 'error' && result.code === 'disconnected') this.settle(result);
    else this.#held.link.back.send([{ type: '', request: this, result }]);
  }

  settle(result: ClientResult): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#held.cancelTimer();
    this.#held.onOver();
    this.#held.requester.answered(result);
  }
}

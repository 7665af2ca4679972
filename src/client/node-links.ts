import type { Millis, NodeId } from '../core/ids.js';
import type { Direction } from '../faults/link-rules.js';
import type { Endpoint, NodeConnection } from './endpoint.js';
import { unreachableNode } from './lost.js';

interface NodeLink {
  readonly connecting: Promise<NodeConnection>;
  /** `null` while connecting. */
  connection: NodeConnection | null;
}

/** One connection a node, made when first needed, made anew when it was lost. */
export class NodeLinks {
  readonly #links = new Map<NodeId, NodeLink>();
  readonly #name: string | null;
  readonly #cuts: () => readonly Direction[];
  #closed = false;

  /** `name` is what cuts call the client; a node whose link to it is cut, either way, is never talked to. */
  constructor(name: string | null, cuts: () => readonly Direction[]) {
    this.#name = name;
    this.#cuts = cuts;
  }

  /** Rejects with a definite `unavailable` when there is no way to the node. */
  connectionTo(endpoint: Endpoint, timeoutMs: Millis): Promise<NodeConnection> {
    const { node } = endpoint;
    if (this.#closed) return Promise.reject(unreachableNode(node, 'the client is closed'));
    if (this.#isCutFrom(node)) {
      return Promise.reject(unreachableNode(node, `its link to ${this.#name} is cut`));
    }
    const known = this.#links.get(node);
    if (known !== undefined && known.connection?.isOpen !== false) return known.connecting;
    const connecting = endpoint.open(timeoutMs);
    const link: NodeLink = { connecting, connection: null };
    this.#links.set(node, link);
    connecting.then(
      (connection) => {
        link.connection = connection;
        if (this.#closed) connection.close();
      },
      () => {
        if (this.#links.get(node) === link) this.#links.delete(node);
      },
    );
    return connecting;
  }

  /** Hangs up on every node. */
  close(): void {
    this.#closed = true;
    for (const { connection } of this.#links.values()) connection?.close();
  }

  #isCutFrom(node: NodeId): boolean {
    const name = this.#name;
    if (name === null) return false;
    return this.#cuts().some(
      ({ from, to }) => (from === name && to === node) || (from === node && to === name),
    );
  }
}

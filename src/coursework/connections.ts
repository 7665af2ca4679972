import type { NodeConnection } from '../client/endpoint.js';
import type { NodeId } from '../core/ids.js';
import { invariant } from '../core/invariant.js';
import type { Target } from '../targets/target.js';

/** One conversation with each node, opened when first needed and again when it was lost. */
export class Connections {
  readonly #target: Target;
  readonly #open = new Map<NodeId, NodeConnection>();

  constructor(target: Target) {
    this.#target = target;
  }

  /** Throws a definite `unavailable` when nobody answers. */
  async to(node: NodeId): Promise<NodeConnection> {
    const known = this.#open.get(node);
    if (known?.isOpen) return known;
    const endpoint = this.#target.endpoints().find((each) => each.node === node);
    invariant(endpoint !== undefined, `${node} has an endpoint`);
    const connection = await endpoint.open();
    this.#open.set(node, connection);
    return connection;
  }

  hangUp(node: NodeId): void {
    this.#open.get(node)?.close();
    this.#open.delete(node);
  }

  close(): void {
    for (const connection of this.#open.values()) connection.close();
    this.#open.clear();
  }
}

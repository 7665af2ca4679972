import type { NodeConnection } from '../client/endpoint.js';
import type { NodeId } from '../core/ids.js';
import { invariant } from '../core/invariant.js';
import type { Arena } from '../targets/target.js';

/** One conversation with each node, opened when first needed and again when it was lost. */
export class Connections {
  readonly #arena: Arena;
  readonly #open = new Map<NodeId, NodeConnection>();

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  /** Throws a definite `unavailable` when nobody answers. */
  async to(node: NodeId): Promise<NodeConnection> {
    const known = this.#open.get(node);
    if (known?.isOpen) return known;
    const door = this.#arena.doors().find((each) => each.node === node);
    invariant(door !== undefined, `${node} has a door`);
    const connection = await door.open();
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

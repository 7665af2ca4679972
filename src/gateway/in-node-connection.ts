/** A conversation's way to the node that it is at: no frames, no socket. */
import type { NodeConnection, Requester, RequestOptions, ScanOptions } from '../client/endpoint.js';
import type { Served } from '../cluster/host/client-desk.js';
import type { NodeId } from '../core/ids.js';
import type { Key } from '../core/key.js';
import type { Operation } from '../core/operation.js';
import { sizeProblem } from '../core/operation-bytes.js';
import { badRequest } from '../core/results.js';
import {
  describeEntry,
  type KeyPage,
  type NodeStatus,
  pageOf,
  type ScannedEntry,
} from '../runtime/links/client-frames.js';
import type { RequestSource } from '../runtime/request-queue.js';

export class InNodeConnection implements NodeConnection {
  readonly node: NodeId;
  readonly isOpen = true;
  readonly #served: Served;
  readonly #source: RequestSource;

  constructor(node: NodeId, served: Served, source: RequestSource) {
    this.node = node;
    this.#served = served;
    this.#source = source;
  }

  request(operation: Operation, options: RequestOptions, requester: Requester): void {
    const problem = sizeProblem(operation);
    if (problem !== null) {
      requester.answered(badRequest(problem));
      return;
    }
    this.#served.request(operation, options, this.#source, requester);
  }

  async status(): Promise<NodeStatus> {
    return this.#served.status();
  }

  async lookup(key: Key): Promise<ScannedEntry | null> {
    const view = this.#served.inspect();
    const entry = view.lookup(key);
    return entry === undefined ? null : describeEntry(view, entry, true);
  }

  async scan(
    { values }: ScanOptions,
    visit: (entries: readonly ScannedEntry[]) => void,
  ): Promise<void> {
    const view = this.#served.inspect();
    for (const entry of view.entries()) visit([describeEntry(view, entry, values)]);
  }

  async page(position: number, count: number): Promise<KeyPage> {
    return pageOf(this.#served.inspect(), position, count);
  }

  onLeader(): void {}

  /** What is under way is answered all the same. */
  close(): void {}
}

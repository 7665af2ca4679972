import { KvxError } from '../../core/errors.js';
import type { NodeId } from '../../core/ids.js';
import type { ClientResult, Operation } from '../../core/operation.js';
import type { NodeStatus } from '../../runtime/links/client-frames.js';
import type { Endpoint, NodeConnection, RequestOptions } from '../endpoint.js';
import { unreachableNode } from '../lost.js';

export interface Asked {
  readonly operation: Operation;
  readonly options: RequestOptions;
}

export const quietStatus: NodeStatus = {
  ...{ node: 'n?', pid: 1, role: 'replica', keyCount: 0, unsettledCount: 0, suspects: [] },
  ...{
    facts: [],
    journalAppended: 0,
    journalDurable: 0,
    journalBytes: 0,
    sentCount: 0,
    syncCount: 0,
    uptimeMs: 0,
  },
};

/** A node without a socket that answers operations as the test says; `null` is silence. `dead` can't be reached. */
export class FakeEndpoint implements Endpoint {
  readonly node: NodeId;
  readonly asked: Asked[] = [];
  /** Names the node that leads, to whom it is connected to. */
  tellLeader: (leader: NodeId) => void = () => {};
  readonly #when: 'later' | 'at once';
  readonly #answer: ((asked: Asked) => ClientResult | null) | 'dead';

  constructor(
    node: NodeId,
    answer: ((asked: Asked) => ClientResult | null) | 'dead',
    when: 'later' | 'at once' = 'later',
  ) {
    this.node = node;
    this.#answer = answer;
    this.#when = when;
  }

  async open(): Promise<NodeConnection> {
    const outcome = this.#connect();
    if (outcome instanceof KvxError) throw outcome;
    return outcome;
  }

  connect(_timeoutMs: number, connected: (outcome: NodeConnection | KvxError) => void): void {
    connected(this.#connect());
  }

  #connect(): NodeConnection | KvxError {
    const { node } = this;
    const answer = this.#answer;
    if (answer === 'dead') return unreachableNode(node, 'nobody listens at its socket');
    const unasked = () => Promise.reject(new Error('no test asks this'));
    return {
      ...{ node, isOpen: true, lookup: unasked, scan: unasked, page: unasked },
      status: async () => ({ ...quietStatus, node }),
      onLeader: (hear) => {
        this.tellLeader = hear;
      },
      close() {},
      request: (operation, { level, timeoutMs, session, floor }, requester) => {
        const asked = { operation, options: { level, timeoutMs, session, floor } };
        this.asked.push(asked);
        const result = answer(asked);
        if (result === null) return;
        if (this.#when === 'at once') requester.answered(result);
        else queueMicrotask(() => requester.answered(result));
      },
    };
  }
}

import { KvxError } from '../../core/errors.js';
import type { NodeId } from '../../core/ids.js';
import type { ClientResult, Operation } from '../../core/operation.js';
import type { NodeStatus } from '../../runtime/links/client-frames.js';
import type { Endpoint, NodeConnection, RequestOptions } from '../endpoint.js';

export interface Asked {
  readonly operation: Operation;
  readonly options: RequestOptions;
}

export const quietStatus: NodeStatus = {
  ...{ node: 'n?', pid: 1, role: 'replica', keyCount: 0, unsettledCount: 0, suspects: [] },
  ...{ facts: [], journalAppended: 0, journalDurable: 0, journalBytes: 0, uptimeMs: 0 },
};

/** A node without a socket that answers operations as the test says; `dead` can't be reached. */
export class FakeEndpoint implements Endpoint {
  readonly node: NodeId;
  readonly asked: Asked[] = [];
  readonly #answer: ((asked: Asked) => ClientResult) | 'dead';

  constructor(node: NodeId, answer: ((asked: Asked) => ClientResult) | 'dead') {
    this.node = node;
    this.#answer = answer;
  }

  async open(): Promise<NodeConnection> {
    const { node } = this;
    const answer = this.#answer;
    if (answer === 'dead') {
      const details = { code: 'unavailable', definite: true } as const;
      throw new KvxError(`${node} can't be reached: nobody listens at its socket`, details);
    }
    const unasked = () => Promise.reject(new Error('no test asks this'));
    return {
      ...{ node, isOpen: true, lookup: unasked, scan: unasked },
      status: async () => ({ ...quietStatus, node }),
      close() {},
      request: async (operation, options) => {
        const asked = { operation, options };
        this.asked.push(asked);
        return answer(asked);
      },
    };
  }
}

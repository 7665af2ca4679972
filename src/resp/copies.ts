/** How many other nodes are known to have what was acknowledged to a client: what WAIT says. */
import { majorityOf, neededFor } from '../protocols/quorum/levels.js';
import type { QuorumOptions } from '../protocols/quorum/options.js';
import type { RespClient } from './command.js';

/**
 * Never more than is true of each acknowledged write of this connection, unless nodes were added since.
 *
 * - 2PC: every worker of the pool had it, or was told of it by the journal of the coordinator, who knows the pool; at a
 *   worker that is one other node at least.
 * - Paxos: a majority accepted it, this node perhaps among them.
 * - Quorum: W replicas have it, or one who stands in for them; by the lowest level that the connection has had.
 * - Gossip: nobody else need have heard of it.
 */
export function copiesOfWrites({ node, levelsUsed }: RespClient): number {
  const nodeCount = node.nodes().length;
  switch (node.mode.acknowledgedBy) {
    case 'all in the pool': {
      const view = node.view();
      const isCoordinator = view.role === node.mode.glance.keepsNoCopy;
      return isCoordinator ? view.ownersOf('' as never).length : Math.min(1, nodeCount - 1);
    }
    case 'a majority':
      return majorityOf(nodeCount) - 1;
    case 'its level': {
      const { replicas, write } = node.modeOptions as QuorumOptions;
      const needed = [...levelsUsed].map((level) => neededFor(level ?? write, replicas));
      return Math.min(...needed) - 1;
    }
    case 'one node':
      return 0;
  }
}

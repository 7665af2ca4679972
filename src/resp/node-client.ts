import { Client } from '../client/client.js';
import type { RequestSource } from '../runtime/request-queue.js';
import type { RespNode } from './command.js';

/** A client of this one node, whose requests take turns with those of others as `source`. */
export function clientOf(node: RespNode, source: RequestSource): Client {
  const { timing, mode } = node;
  const connection = node.connect(source);
  const connect = (_: number, connected: (outcome: typeof connection) => void) =>
    connected(connection);
  const endpoint = { node: node.node, connect, open: async () => connection };
  const { exactlyOnce, sessions: sessionSupport } = mode;
  return new Client([endpoint], { timing, exactlyOnce, sessionSupport, direct: connection });
}

import type { Door } from '../client/door.js';
import { socketDoor } from '../client/socket-door.js';
import type { NodeId } from '../core/ids.js';
import { nodeSocket } from './sockets.js';
import type { Cluster } from './state.js';

/** Where each of these nodes serves its clients: by default all, in the cluster's order. */
export function doorsOf(
  { record, sockets }: Cluster,
  nodes: readonly NodeId[] = record.nodes,
): Door[] {
  return nodes.map((node) =>
    socketDoor({ node, socketPath: nodeSocket(sockets, node), clusterId: record.id }),
  );
}

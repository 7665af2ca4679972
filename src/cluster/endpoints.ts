import type { Endpoint } from '../client/endpoint.js';
import type { NodeId } from '../core/ids.js';
import { socketEndpoint } from '../node/socket-endpoint.js';
import { nodeSocket } from './state/sockets.js';
import type { Cluster } from './state/state.js';

/** Where each of these nodes serves its clients: by default all, in the cluster's order. */
export function endpointsOf(
  { record, sockets }: Cluster,
  nodes: readonly NodeId[] = record.nodes,
): Endpoint[] {
  return nodes.map((node) =>
    socketEndpoint({ node, socketPath: nodeSocket(sockets, node), clusterId: record.id }),
  );
}

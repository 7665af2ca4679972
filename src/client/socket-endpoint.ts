import { Connection, type NodeAddress } from './connection.js';
import type { Endpoint } from './endpoint.js';

/** An endpoint that needs no look at the node until it is opened. */
export function socketEndpoint(address: NodeAddress): Endpoint {
  return {
    node: address.node,
    open: (timeoutMs) => Connection.open(address, timeoutMs),
  };
}

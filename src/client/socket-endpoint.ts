import { Connection, type NodeAddress } from './connection.js';
import type { Door } from './endpoint.js';

/** A door that needs no look at the node until it is opened. */
export function socketDoor(address: NodeAddress): Door {
  return {
    node: address.node,
    open: (timeoutMs) => Connection.open(address, timeoutMs),
  };
}

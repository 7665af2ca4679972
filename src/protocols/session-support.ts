import { invariant } from '../core/invariant.js';
import type { SessionSupport } from '../core/session.js';

/**
 * By name, for commands that must start fast: the registry would load every protocol. A test holds this against the
 * registry.
 */
const supports: ReadonlyMap<string, SessionSupport> = new Map([
  ['gossip', { judge: 'replica', confirmAt: null, ordersWrites: true }],
  // Stamps come from the clocks of whichever nodes coordinate, and these may differ.
  ['quorum', { judge: 'client', confirmAt: 'all', ordersWrites: false }],
  ['2pc', { judge: 'client', confirmAt: null, ordersWrites: true }],
  ['paxos', { judge: 'client', confirmAt: 'linearizable', ordersWrites: true }],
]);

export function sessionSupportOf(mode: string): SessionSupport {
  const support = supports.get(mode);
  invariant(support !== undefined, `mode ${mode} says what its sessions get`);
  return support;
}

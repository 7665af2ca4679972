/** A broken invariant: a bug in kvx. The node that meets one stops; nothing catches it to carry on. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

/** Throws {@link InvariantError} unless `condition` holds. For what can only be false through a bug. */
export function invariant(condition: boolean, what: string): asserts condition {
  if (!condition) throw new InvariantError(what);
}

/**
 * A message that no honest peer could send to a node in this state: the peer's fault, not the node's, so the node lives on
 * and its link to that peer is closed. Thrown before the message has changed anything.
 */
export class PeerFault extends Error {
  override readonly name = 'PeerFault';
}

/** Proves a switch whole: the compiler refuses a call that could be reached. */
export function unreachable(value: never, what: string): never {
  throw new InvariantError(`${what}: ${JSON.stringify(value)}`);
}

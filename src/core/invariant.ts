/** A broken invariant: a bug in kvx. The node that meets one stops; nothing catches it to carry on. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

/** Throws {@link InvariantError} unless `condition` holds. For what can only be false through a bug. */
export function invariant(condition: boolean, what: string): asserts condition {
  if (!condition) throw new InvariantError(what);
}

/** Proves a switch whole: the compiler refuses a call that could be reached. */
export function unreachable(value: never, what: string): never {
  throw new InvariantError(`${what}: ${JSON.stringify(value)}`);
}

/**
 * The modes that promise exactly-once (see `Mode`), by name, for commands that must start fast: the registry would load
 * every protocol. A test holds this against the registry.
 */
export const exactlyOnceModes: readonly string[] = ['paxos'];

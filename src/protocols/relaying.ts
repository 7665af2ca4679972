/**
 * The modes whose nodes pass on what they hear, by name, for commands that must start fast: a chain of links is enough
 * for their replicas to converge. So they take a topology, and can be stabilized.
 */
export const relayingModes: readonly string[] = ['gossip'];

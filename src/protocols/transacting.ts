/**
 * The modes that have transactions, by name, for commands that must start fast: the registry would load every protocol. A
 * test asks each mode for one.
 */
export const transactingModes: readonly string[] = ['2pc', 'paxos'];

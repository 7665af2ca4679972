import type { Plant } from './plant.js';

const acceptor = 'src/protocols/paxos/acceptor.ts';
const coordinator = 'src/protocols/paxos/coordinator/coordinator.ts';
const machine = 'src/protocols/paxos/state/state-machine.ts';
const scout = 'src/protocols/paxos/coordinator/scout.ts';

export const paxosPlants: readonly Plant[] = [
  {
    name: 'a retry is executed twice',
    file: machine,
    old: '    if (before !== null) return before;',
    now: "    if (before !== null && operation.type === 'reconfigure') return before;",
  },
  {
    name: 'a read is served by a deposed leader',
    file: coordinator,
    old: '    if (!hasMajority(machine.members, agrees)) return false;',
    now: '    if (!machine.members.some(agrees)) return false;',
  },
  {
    name: 'a promise is not persisted',
    file: acceptor,
    old: "    ctx.persist({ type: 'promised', ballot });",
    now: '    void ctx;',
  },
  {
    name: 'what is accepted is not persisted',
    file: acceptor,
    old: "      ctx.persist({ type: 'accepted', ballot, slot: slot + at, batch, decided: applied });",
    now: '',
  },
  {
    name: 'nobody ever leads',
    file: coordinator,
    old: '    this.#leads = true;',
    now: '    this.#leads = false;',
  },
  {
    name: 'a leader forgets what acceptors have reported',
    file: scout,
    old: '    for (const value of message.accepted) this.#adopt(value);',
    now: '    if (message.part > 0) for (const value of message.accepted) this.#adopt(value);',
  },
  {
    name: 'of two reported values the one of the lower ballot is taken',
    file: scout,
    old: 'compareBallots(before.ballot, ballot) >= 0) return;',
    now: 'compareBallots(before.ballot, ballot) <= 0) return;',
  },
  {
    name: 'half of the members count as a majority',
    file: 'src/protocols/paxos/state/membership.ts',
    old: '  return votes * 2 > members.length;',
    now: '  return votes * 2 >= members.length;',
  },
  {
    name: 'an acceptor accepts below what it has promised',
    file: acceptor,
    old: `    if (compareBallots(ballot, this.#promised) < 0) {
      this.#reject(from, ballot, ctx);
      return false;
    }`,
    now: '    void from;',
  },
  {
    name: 'a compare-and-set is evaluated before it is ordered',
    file: 'src/protocols/paxos/clients/requests.ts',
    old: `    const command: Command = { client: stamp.client, sequence: stamp.sequence, operation };
    const`,
    now: `    const command: Command = { client: stamp.client, sequence: stamp.sequence, operation };
    if (operation.type === 'cas' || operation.type === 'insert') {
      const actual = machine.store.get(operation.key)?.value ?? null;
      const expected = operation.type === 'cas' ? operation.expected : null;
      const isSame = String(actual) === String(expected);
      if (isSame && operation.value !== null) {
        const blind = { type: 'put', key: operation.key, value: operation.value } as const;
        Object.assign(command, { operation: blind });
      }
    }
    const`,
  },
  {
    name: 'results of commands are not in the snapshot',
    file: 'src/protocols/paxos/state/sessions.ts',
    old: '    return { floors, outcomes: this.#outcomes.capture() };',
    now: '    return { floors: [], outcomes: [] };',
  },
  {
    name: 'a new membership is in force at once',
    file: 'src/protocols/paxos/state/membership.ts',
    old: '      { from: slot + bounds.alpha, members: changed },',
    now: '      { from: slot + 1, members: changed },',
  },
  {
    name: 'a transaction whose last check fails writes all the same',
    file: machine,
    old: '    for (const { key, value } of writes ?? []) {',
    now: `    const steps = operation.type === 'txn' && writes === null ? operation.steps : [];
    for (const step of steps) if (step.type === 'put') this.store.put(step.key, step.value, version);
    for (const { key, value } of writes ?? []) {`,
  },
];

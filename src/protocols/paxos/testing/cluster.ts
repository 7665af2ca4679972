import { hash32 } from '../../../core/hash.js';
import type { Millis, NodeId } from '../../../core/ids.js';
import { keyFromBytes, keyFromText } from '../../../core/key.js';
import type { Flight as AnyFlight } from '../../../sim/manual.js';
import { TestCluster } from '../../testing/test-cluster.js';
import type { Batch, Slot } from '../command.js';
import type { Message, Paxos } from '../messages.js';
import { type PaxosOptions, parsePaxosOptions } from '../options.js';
import { PaxosReplica, paxosProtocol } from '../replica.js';
import type { StateMachine } from '../state/state-machine.js';

export type Flight = AnyFlight<Message>;
type Wanted = (flight: Flight) => boolean;

export interface PaxosSetup {
  /** The first members. */
  readonly nodes: readonly NodeId[];
  readonly options?: Partial<PaxosOptions>;
  readonly seed?: number;
  readonly turnMs?: Millis;
}

/**
 * All messages wait for the test. While it lasts the cluster watches two things that must hold whatever happens: one
 * value a slot, ever, on all nodes ("only a single value is chosen", Lamport 2001, section 2.1); and the same state
 * after the same slot.
 */
export class PaxosCluster extends TestCluster<Paxos, PaxosOptions> {
  /** What was chosen in each slot, by its proposer and stamps. */
  readonly chosen: ReadonlyMap<Slot, string>;
  readonly #members: readonly NodeId[];

  constructor({ nodes, options, ...setup }: PaxosSetup) {
    const chosen = new Map<Slot, string>();
    const states = new Map<Slot, string>();
    const observe = (machine: StateMachine, batch: Batch | null) => {
      const slot = machine.applied;
      if (batch !== null) expectSame(chosen, slot, describe(batch), 'two values chosen');
      // Not after each: to write down a state costs far more than to reach it.
      if (slot % 16 === 0) expectSame(states, slot, stateOf(machine), 'two states');
    };
    super({
      protocol: { ...paxosProtocol, create: (setup) => new PaxosReplica(setup, observe) },
      options: { ...parsePaxosOptions({}), members: nodes, ...options },
      nodes,
      ...setup,
    });
    this.chosen = chosen;
    this.#members = nodes;
  }

  /** All nodes are started, and have elected a coordinator. */
  static elected(setup: PaxosSetup): PaxosCluster {
    const cluster = new PaxosCluster(setup);
    cluster.startAll();
    cluster.run(1000);
    return cluster;
  }

  /** A node that nobody has added yet, and that takes the first members for granted. */
  add(node: NodeId): void {
    this.start(node, null, [...new Set([...this.#members, node])]);
  }

  /** Whoever says that it leads. */
  get leaders(): readonly NodeId[] {
    return this.up.filter((node) => this.view(node).role === 'leader');
  }

  /** As whoever leads sees them. */
  get members(): readonly NodeId[] {
    const leader = this.leaders.at(-1);
    return leader === undefined ? [] : this.view(leader).ownersOf(keyFromText('any'));
  }

  get isQuiet(): boolean {
    const { members } = this;
    return members.length > 0 && members.every((node) => this.view(node).unsettledCount === 0);
  }

  /** Lets time pass: messages that are `wanted` arrive at once, all others are lost. */
  run(ms: Millis, wanted?: Wanted): void {
    this.#flowing(wanted, () => this.wait(ms));
  }

  runUntil(done: () => boolean, ms: Millis, wanted?: Wanted): void {
    this.#flowing(wanted, () => this.waitUntil(done, ms));
  }

  #flowing(wanted: Wanted = () => true, pass: () => void): void {
    this.deliverAll(wanted);
    this.take(() => true);
    const { fate } = this;
    this.fate = (flight) => (wanted(flight) ? [0] : []);
    pass();
    this.fate = fate;
  }
}

function expectSame(known: Map<Slot, string>, slot: Slot, found: string, what: string): void {
  const before = known.get(slot);
  if (before === undefined) known.set(slot, found);
  else if (before !== found) throw new Error(`${what} in slot ${slot}:\n${before}\n${found}`);
}

function describe({ proposer, commands }: Batch): string {
  return `${proposer}: ${commands.map((each) => `${each.client}/${each.sequence}`).join(' ')}`;
}

/** The whole state, sessions and members included, as text. */
function stateOf(machine: StateMachine): string {
  const entries = [...machine.store.entries()]
    .map(({ key, value, version }) => [key, digestOf(value), version.stamp, version.node] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const { floors, outcomes } = machine.sessions.capture();
  const { configurations } = machine.membership;
  return JSON.stringify([entries, floors, [...outcomes], configurations], (_, value) =>
    value instanceof Uint8Array ? digestOf(value) : value,
  );
}

const digests = new WeakMap<Uint8Array, string>();

function digestOf(value: Uint8Array): string {
  const known = digests.get(value);
  if (known !== undefined) return known;
  const digest = `${value.length} ${hash32(keyFromBytes(value))}`;
  digests.set(value, digest);
  return digest;
}

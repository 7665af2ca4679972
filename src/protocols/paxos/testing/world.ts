/**
 * A small cluster in memory for tests of the protocol alone: messages are delivered, lost, doubled and reordered by
 * hand or by chance, nodes crash and recover from their records, time goes on only when told.
 *
 * All the while it watches two things that must hold whatever happens: one value a slot, ever, on all nodes ("only a
 * single value is chosen", Lamport 2001, section 2.1); and the same state after the same slot.
 */

import { hash32 } from '../../../core/hash.js';
import type { Millis, NodeId, RequestId } from '../../../core/ids.js';
import { type Key, keyFromBytes, keyFromText } from '../../../core/key.js';
import type { ClientRequest, ClientResult, Operation } from '../../../core/operation.js';
import { SeededRandom } from '../../../core/random.js';
import type { Batch, Slot } from '../command.js';
import type { Message } from '../messages.js';
import { defaultOptions, type PaxosOptions } from '../options.js';
import type { StateMachine } from '../state/state-machine.js';
import { TestNode } from './node.js';

export interface Flight {
  readonly from: NodeId;
  readonly to: NodeId;
  readonly message: Message;
}

export interface WorldSetup {
  /** The first members. */
  readonly nodes: readonly NodeId[];
  readonly options?: Partial<PaxosOptions>;
  readonly seed?: number;
}

/** A request and, once it is there, its result. */
export interface Ticket {
  readonly node: NodeId;
  readonly id: RequestId;
  result: ClientResult | null;
}

export class World {
  readonly random: SeededRandom;
  readonly nodes = new Map<NodeId, TestNode>();
  /** What was chosen in each slot, by its proposer and stamps. */
  readonly chosen = new Map<Slot, string>();
  readonly #states = new Map<Slot, string>();
  readonly #options: PaxosOptions;
  readonly #members: readonly NodeId[];
  readonly #tickets = new Map<string, Ticket>();
  /** Sees everything sent; for transcripts. */
  onSend: (flight: Flight) => void = () => {};
  flights: Flight[] = [];
  now: Millis = 1000;
  #lastRequest = 0;

  constructor({ nodes, options, seed }: WorldSetup) {
    this.random = new SeededRandom(seed ?? 1);
    this.#options = { ...defaultOptions, members: nodes, ...options };
    this.#members = nodes;
    for (const id of nodes) this.add(id);
  }

  /** Starts all nodes, and lets them elect a coordinator. */
  static elected(setup: WorldSetup): World {
    const world = new World(setup);
    for (const node of world.nodes.values()) node.start();
    world.run(1000);
    return world;
  }

  add(id: NodeId): TestNode {
    const node = new TestNode(id, {
      nodes: [...new Set([...this.#members, id])],
      options: this.#options,
      random: this.random,
      now: () => this.now,
      send: (from, to, message) => this.#send({ from, to, message }),
      reply: (of, request, result) => this.#reply(of, request, result),
      observe: (_of, machine, batch) => this.#observe(machine, batch),
    });
    this.nodes.set(id, node);
    return node;
  }

  node(id: NodeId): TestNode {
    const node = this.nodes.get(id);
    if (node === undefined) throw new Error(`there is no ${id}`);
    return node;
  }

  get up(): TestNode[] {
    return [...this.nodes.values()].filter((node) => node.isUp);
  }

  /** Whoever says that it leads, highest ballot last. */
  get leaders(): TestNode[] {
    return this.up.filter((node) => node.replica.inspect().role === 'leader');
  }

  request(
    node: NodeId,
    operation: Operation,
    more: Partial<Pick<ClientRequest, 'level' | 'session' | 'timeoutMs'>> = {},
  ): Ticket {
    const id = ++this.#lastRequest;
    const ticket: Ticket = { node, id, result: null };
    this.#tickets.set(`${node} ${id}`, ticket);
    const request = {
      id,
      operation,
      level: null,
      session: null,
      floor: null,
      timeoutMs: 5000,
      ...more,
    };
    this.node(node).turn((ctx) => this.node(node).replica.onRequest(request, ctx));
    return ticket;
  }

  /** Delivers a message under way; to a node that is down it is lost. */
  deliver(flight: Flight, keep = false): void {
    if (!keep) this.drop(flight);
    const node = this.nodes.get(flight.to);
    if (!node?.isUp) return;
    node.turn((ctx) => node.replica.onMessage(flight.from, flight.message, ctx));
  }

  /** Hands a message to a node as if `from` had sent it, and returns what the node sends in that turn. */
  tell(to: NodeId, from: NodeId, message: Message): Flight[] {
    const before = new Set(this.flights);
    this.node(to).turn((ctx) => this.node(to).replica.onMessage(from, message, ctx));
    return this.flights.filter((flight) => !before.has(flight));
  }

  drop(flight: Flight): void {
    const at = this.flights.indexOf(flight);
    if (at >= 0) this.flights.splice(at, 1);
  }

  /** Delivers in order what is under way and what follows from it, as far as `wanted` says; the rest stays. */
  deliverAll(wanted: (flight: Flight) => boolean = () => true): void {
    for (let budget = 100_000; budget > 0; budget--) {
      const flight = this.flights.find(wanted);
      if (flight === undefined) return;
      this.deliver(flight);
    }
    throw new Error('the messages never end');
  }

  /** Lets time pass: due timers fire, messages that are `wanted` arrive, all others are lost. */
  run(ms: Millis, wanted: (flight: Flight) => boolean = () => true): void {
    const end = this.now + ms;
    for (;;) {
      this.deliverAll(wanted);
      this.flights = [];
      const next = Math.min(...this.up.map((node) => node.nextTimerAt));
      if (next > end) break;
      this.now = Math.max(this.now, next);
      this.fireDue();
    }
    this.now = end;
  }

  fireDue(): void {
    for (const node of this.up) if (node.nextTimerAt <= this.now) node.fireTimers();
  }

  /** Runs until `done`, and throws when that takes longer than `ms`. */
  runUntil(done: () => boolean, ms: Millis, wanted?: (flight: Flight) => boolean): void {
    const end = this.now + ms;
    while (!done()) {
      if (this.now >= end) throw new Error(`not done within ${ms} ms`);
      this.run(10, wanted);
    }
  }

  /** As whoever leads sees them. */
  get members(): TestNode[] {
    const ids = this.leaders.at(-1)?.replica.inspect().ownersOf(keyFromText('any')) ?? [];
    return ids.map((id) => this.node(id));
  }

  isQuiet(): boolean {
    const { members } = this;
    const isSettled = (node: TestNode) => node.replica.inspect().unsettledCount === 0;
    return members.length > 0 && members.every(isSettled);
  }

  #send(flight: Flight): void {
    this.onSend(flight);
    this.flights.push(flight);
  }

  #reply(node: NodeId, id: RequestId, result: ClientResult): void {
    const ticket = this.#tickets.get(`${node} ${id}`);
    if (ticket === undefined) throw new Error(`${node} answers a request that nobody made`);
    if (ticket.result !== null) throw new Error(`${node} answers request ${id} twice`);
    ticket.result = result;
  }

  #observe(machine: StateMachine, batch: Batch | null): void {
    const slot = machine.applied;
    if (batch !== null) expectSame(this.chosen, slot, describe(batch), 'two values chosen');
    expectSame(this.#states, slot, stateOf(machine), 'two states');
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
  return JSON.stringify([entries, floors, outcomes, configurations], (_, value) =>
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

export function key(text: string): Key {
  return keyFromText(text);
}

const encoder = new TextEncoder();

export function bytes(text: string): Uint8Array {
  return encoder.encode(text);
}

export function put(name: string, value: string): Operation {
  return { type: 'put', key: key(name), value: bytes(value) };
}

export function get(name: string): Operation {
  return { type: 'get', key: key(name) };
}

/** What a get found, as text; `null` for absence. Throws for any other result. */
export function textOf(result: ClientResult | null): string | null {
  if (result?.type !== 'value') throw new Error(`no value: ${JSON.stringify(result)}`);
  return result.value === null ? null : new TextDecoder().decode(result.value);
}

/**
 * The nodes of a small world, each by itself. What a node does next follows from what it has met, so it is tried once, on a
 * real node, for each pair of a node's state and what may come next, however many states of the whole world have that pair
 * in common (Guerraoui and Yabandeh, "Model Checking a Networked System Without the Network", NSDI 2011).
 */
import type { NodeId } from '../../core/ids.js';
import { invariant } from '../../core/invariant.js';
import { type Key, keyFromBytes } from '../../core/key.js';
import type { ClientResult } from '../../core/operation.js';
import type { ProtocolTypes, ReplicaView, StoredEntry } from '../../core/replica.js';
import type { CrashKind } from '../../faults/fault.js';
import { encodeCbor } from '../../runtime/cbor-writer.js';
import type { UnsyncedFate } from '../../sim/disk.js';
import { ManualCluster } from '../../sim/manual.js';
import type { Envelope, SmallWorld } from './small-world.js';

/** What one node meets. `message`: its number. */
export type Input =
  | { readonly do: 'start' | 'hold syncs' | 'release syncs' | 'sync' }
  | { readonly do: 'hear'; readonly message: number }
  | { readonly do: 'fire'; readonly timer: string }
  | { readonly do: 'ask'; readonly client: number; readonly at: number }
  | { readonly do: 'crash'; readonly how: CrashKind; readonly unsynced: UnsyncedFate };

/** One of the states that a node was seen in. */
export interface LoneState {
  readonly number: number;
  readonly node: NodeId;
  /** How it came to be, at first. */
  readonly before: { readonly state: LoneState; readonly input: Input } | null;
  /** How many times it was started. */
  readonly life: number;
  readonly isUp: boolean;
  readonly awaitsSync: boolean;
  readonly timers: readonly string[];
  /** What it holds for good, over all its lives. */
  readonly decided: ReadonlyMap<string, string>;
  readonly isSettled: boolean;
  readonly entries: ReadonlyMap<Key, StoredEntry>;
  ownersOf(key: Key): readonly NodeId[];
  /** What follows, by input, as far as it was tried. */
  readonly steps: Map<string, NodeStep>;
}

export interface Answer {
  readonly client: number;
  /** `null`: there will never be one. */
  readonly result: ClientResult | null;
}

/** What came of an input. */
export interface NodeStep {
  readonly state: LoneState;
  /** Numbers of messages, in the order sent. */
  readonly sent: readonly number[];
  readonly answers: readonly Answer[];
  /** What may never be. */
  readonly violation: string | null;
}

/** `life`: of its sender. */
interface Sent extends Envelope {
  readonly life: number;
}

export interface Numbered extends Envelope {
  /** Equal numbers, equal links: those of another life of the sender are others, and keep no order with it. */
  readonly link: number;
}

/** All messages that were ever sent, by number. */
export class Messages {
  readonly #all: Numbered[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #links = new Map<string, number>();
  readonly #world: SmallWorld;

  constructor(world: SmallWorld) {
    this.#world = world;
  }

  numberOf({ life, ...envelope }: Sent): number {
    const { from, to } = envelope;
    const linkName = `${from} ${life} ${to}`;
    const link = this.#links.get(linkName) ?? this.#links.size;
    this.#links.set(linkName, link);
    const text = `${link} ${textOfMessage(this.#world, envelope)}`;
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    this.#numbers.set(text, this.#all.length);
    return this.#all.push({ ...envelope, link }) - 1;
  }

  at(number: number): Numbered {
    return this.#all[number] as Numbered;
  }
}

/** Tells what a node sends from what else it sends. */
export function textOfMessage({ protocol }: SmallWorld, { to, message }: Envelope): string {
  return `${to} ${keyFromBytes(encodeCbor(protocol.message.toWire(message)))}`;
}

/** So many nodes are kept as they are, at about 100 kB each; others are made again. */
const keptMax = 300;

export class Nodes {
  /** How many inputs were tried on a real node. */
  triedCount = 0;
  readonly #world: SmallWorld;
  readonly #messages: Messages;
  /** By facts, where those are all. */
  readonly #known = new Map<string, LoneState>();
  readonly #first = new Map<NodeId, LoneState>();
  readonly #kept = new Map<LoneState, LoneNode>();
  #stateCount = 0;

  constructor(world: SmallWorld, messages: Messages) {
    this.#world = world;
    this.#messages = messages;
  }

  /** Not started yet. */
  first(node: NodeId): LoneState {
    const known = this.#first.get(node);
    if (known !== undefined) return known;
    const first: LoneState = {
      ...{ number: this.#stateCount++, node, before: null, life: 0 },
      ...{ isUp: false, awaitsSync: false, timers: [], decided: new Map(), isSettled: true },
      ...{ entries: new Map(), ownersOf: () => [], steps: new Map() },
    };
    this.#first.set(node, first);
    return first;
  }

  step(state: LoneState, input: Input): NodeStep {
    const name = Object.values(input).join(' ');
    let step = state.steps.get(name);
    if (step === undefined) {
      step = this.#try(state, input);
      state.steps.set(name, step);
    }
    return step;
  }

  #try(state: LoneState, input: Input): NodeStep {
    this.triedCount++;
    const lone = this.#loneAt(state);
    const { sent, answers, decisions, violation } = lone.meet(input);
    const next = this.#next(state, input, lone, new Map(decisions));
    this.#keep(next, lone);
    return {
      state: next,
      sent: sent.map((envelope) => this.#messages.numberOf({ ...envelope, life: next.life })),
      answers,
      violation,
    };
  }

  #loneAt(state: LoneState): LoneNode {
    const kept = this.#kept.get(state);
    if (kept !== undefined) {
      this.#kept.delete(state);
      return kept;
    }
    const inputs: Input[] = [];
    for (let { before } = state; before !== null; { before } = before.state) {
      inputs.push(before.input);
    }
    const lone = new LoneNode(this.#world, state.node, this.#messages);
    for (const input of inputs.reverse()) lone.meet(input);
    return lone;
  }

  #keep(state: LoneState, lone: LoneNode): void {
    this.#kept.set(state, lone);
    if (this.#kept.size <= keptMax) return;
    const [oldest] = this.#kept.keys();
    this.#kept.delete(oldest as LoneState);
  }

  #next(
    state: LoneState,
    input: Input,
    { cluster }: LoneNode,
    decided: ReadonlyMap<string, string>,
  ): LoneState {
    const { node } = state;
    const view = cluster.isUp(node) ? cluster.view(node) : null;
    const timers = [...cluster.host(node).timers.keys()].sort();
    const text = JSON.stringify([node, view?.facts, timers]);
    const known = this.#world.factsAreAll ? this.#known.get(text) : undefined;
    if (known !== undefined) return known;
    const keys = this.#world.clients.flat().flatMap(({ operation }) => keysOf(operation));
    const owners = new Map(keys.map((key) => [key, view?.ownersOf(key) ?? []]));
    const next: LoneState = {
      ...{ number: this.#stateCount++, node, before: { state, input } },
      life: state.life + (input.do === 'start' ? 1 : 0),
      ...{ isUp: view !== null, awaitsSync: cluster.heldSyncs(node) > 0, timers },
      decided: decided.size === 0 ? state.decided : new Map([...state.decided, ...decided]),
      isSettled: view !== null && view.unsettledCount === 0,
      entries: entriesOf(view),
      ownersOf: (key) => owners.get(key) ?? [],
      steps: new Map(),
    };
    if (this.#world.factsAreAll) this.#known.set(text, next);
    return next;
  }
}

const keysOf = (operation: SmallWorld['clients'][number][number]['operation']): readonly Key[] =>
  operation.type === 'txn' ? operation.steps.map(({ key }) => key) : [operation.key];

const entriesOf = (view: ReplicaView | null): ReadonlyMap<Key, StoredEntry> =>
  new Map([...(view?.entries() ?? [])].map((entry) => [entry.key, entry]));

interface Met {
  readonly sent: Envelope[];
  readonly answers: Answer[];
  readonly decisions: (readonly [subject: string, value: string])[];
  violation: string | null;
}

/** One node that runs alone: what it sends is taken from it, what it hears is put before it. */
class LoneNode {
  readonly cluster: ManualCluster<ProtocolTypes, unknown>;
  readonly #world: SmallWorld;
  readonly #node: NodeId;
  readonly #messages: Messages;
  /** Clients by ticket. */
  readonly #askers: number[] = [];
  #met: Met = nothingMet();

  constructor(world: SmallWorld, node: NodeId, messages: Messages) {
    this.#world = world;
    this.#node = node;
    this.#messages = messages;
    this.cluster = new ManualCluster<ProtocolTypes, unknown>({
      ...{ protocol: world.protocol, options: world.options, nodes: world.nodes },
      only: node,
      fate: ({ from, to, message }) => {
        this.#met.sent.push({ from, to, message });
        return [];
      },
      onAnswer: ({ id, result }) => {
        this.#met.answers.push({ client: this.#askers[id - 1] as number, result });
      },
      onDecision: (_, { subject, value }) => this.#met.decisions.push([subject, value]),
    });
  }

  meet(input: Input): Met {
    const met = nothingMet();
    this.#met = met;
    try {
      this.#take(input);
    } catch (error) {
      met.violation = error instanceof Error ? error.message : String(error);
    }
    return met;
  }

  #take(input: Input): void {
    const { cluster } = this;
    const node = this.#node;
    switch (input.do) {
      case 'hear': {
        const { from, message } = this.#messages.at(input.message);
        return cluster.forge(from, node, message);
      }
      case 'fire':
        return cluster.fire(node, input.timer);
      case 'ask': {
        const asks = this.#world.clients[input.client]?.[input.at];
        invariant(asks !== undefined, 'a client asks what it has to ask');
        this.#askers.push(input.client);
        cluster.request(node, asks.operation, { level: asks.level });
        return;
      }
      case 'crash':
        return cluster.crash(node, input.unsynced, input.how);
      case 'start':
        return cluster.start(node);
      default:
        return cluster.apply({ do: input.do, node });
    }
  }
}

const nothingMet = (): Met => ({ sent: [], answers: [], decisions: [], violation: null });

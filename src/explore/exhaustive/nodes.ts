/**
 * The nodes of a small world, each by itself. What a node does next follows from what it has met, so it is tried once, on a
 * real node, for each pair of a node's state and what may come next, however many states of the whole world have that pair
 * in common (Guerraoui and Yabandeh, "Model Checking a Networked System Without the Network", NSDI 2011).
 */

import type { NodeId } from '../../core/ids.js';
import type { Key } from '../../core/key.js';
import type { ReplicaView, StoredEntry } from '../../core/replica.js';
import { type Answer, type Input, LoneNode } from './lone-node.js';
import type { Messages } from './messages.js';
import type { SmallWorld } from './small-world.js';
import { StateTexts, stateDigest } from './state-text.js';

/** One of the states that a node was seen in. */
export interface LoneState {
  readonly number: number;
  /** The same for states that differ in what is on disk only. */
  readonly awakeNumber: number;
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

/** What came of an input. */
export interface NodeStep {
  readonly input: Input;
  readonly state: LoneState;
  /** Numbers of messages, in the order sent. */
  readonly sent: readonly number[];
  readonly answers: readonly Answer[];
  /** What may never be. */
  readonly violation: string | null;
}

/** So many nodes are kept as they are, at about 100 kB each; others are made again. */
const keptMax = 300;

export class Nodes {
  /** How many inputs were tried on a real node. */
  triedCount = 0;
  readonly #world: SmallWorld;
  readonly #messages: Messages;
  /** By what is seen of a state. */
  readonly #known = new Map<string, LoneState>();
  readonly #awake = new Map<string, number>();
  readonly #texts: StateTexts | null;
  /** What is on disk may be read. */
  readonly #isDurable: boolean;
  readonly #first = new Map<NodeId, LoneState>();
  readonly #kept = new Map<LoneState, LoneNode>();
  #stateCount = 0;

  constructor(world: SmallWorld, messages: Messages) {
    this.#world = world;
    this.#messages = messages;
    const { reader, nodes, protocol, options } = world;
    const constants = [protocol.message, protocol.record, options as object];
    this.#isDurable = world.bounds.crashes > 0;
    this.#texts = reader === undefined ? null : new StateTexts(reader, nodes, constants);
  }

  /** Not started yet. */
  first(node: NodeId): LoneState {
    const known = this.#first.get(node);
    if (known !== undefined) return known;
    const first: LoneState = {
      ...{ number: this.#stateCount, awakeNumber: this.#stateCount++, node, before: null, life: 0 },
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

  /** All that were taken until now. */
  allSteps(): { readonly state: LoneState; readonly step: NodeStep }[] {
    const states = new Set(this.#first.values());
    for (const state of states) for (const step of state.steps.values()) states.add(step.state);
    return [...states].flatMap((state) =>
      [...state.steps.values()].map((step) => ({ state, step })),
    );
  }

  #try(state: LoneState, input: Input): NodeStep {
    this.triedCount++;
    const lone = this.#loneAt(state);
    const { sent, answers, decisions, violation } = lone.meet(input);
    const next = this.#next(state, input, lone, new Map(decisions));
    this.#keep(next, lone);
    return {
      ...{ input, state: next },
      sent: sent.map((envelope) => this.#messages.numberOf({ ...envelope, life: next.life })),
      ...{ answers, violation },
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
    lone: LoneNode,
    added: ReadonlyMap<string, string>,
  ): LoneState {
    const { node } = state;
    const { cluster } = lone;
    const view = cluster.isUp(node) ? cluster.view(node) : null;
    const timers = [...cluster.host(node).timers.keys()].sort();
    const life = state.life + (input.do === 'start' ? 1 : 0);
    const decided = added.size === 0 ? state.decided : new Map([...state.decided, ...added]);
    const seen = this.#seen(
      lone,
      JSON.stringify([node, life, timers, [...decided].sort(), lone.waiting]),
    );
    const known = seen === null ? undefined : this.#known.get(seen.all);
    if (known !== undefined) return known;
    const keys = this.#world.clients.flat().flatMap(({ operation }) => keysOf(operation));
    const owners = new Map(keys.map((key) => [key, view?.ownersOf(key) ?? []]));
    const number = this.#stateCount++;
    const awakeNumber = seen === null ? number : (this.#awake.get(seen.awake) ?? number);
    const next: LoneState = {
      ...{ number, awakeNumber, node, before: { state, input }, life },
      ...{ isUp: view !== null, awaitsSync: cluster.heldSyncs(node) > 0, timers, decided },
      isSettled: view !== null && view.unsettledCount === 0,
      entries: entriesOf(view),
      ownersOf: (key) => owners.get(key) ?? [],
      steps: new Map(),
    };
    if (seen !== null) {
      this.#known.set(seen.all, next);
      this.#awake.set(seen.awake, awakeNumber);
    }
    return next;
  }

  /** What equal states have in common; `null`: nothing is seen of them. */
  #seen(lone: LoneNode, more: string): { readonly all: string; readonly awake: string } | null {
    if (this.#world.factsAreAll) {
      const all = JSON.stringify([lone.facts, more]);
      return { all, awake: all };
    }
    if (this.#texts === null) return null;
    const awake = lone.awakeText(this.#texts);
    const always = `${more} ${lone.chanceText(this.#texts)}`;
    const all = stateDigest(`${always} ${awake} ${this.#isDurable ? lone.diskText : ''}`);
    return { all, awake: awake === null ? all : stateDigest(`${always} ${awake}`) };
  }
}

const keysOf = (operation: SmallWorld['clients'][number][number]['operation']): readonly Key[] =>
  operation.type === 'txn' ? operation.steps.map(({ key }) => key) : [operation.key];

const entriesOf = (view: ReplicaView | null): ReadonlyMap<Key, StoredEntry> =>
  new Map([...(view?.entries() ?? [])].map((entry) => [entry.key, entry]));

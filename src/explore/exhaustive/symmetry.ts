/**
 * Nodes and clients that can change places. A renaming takes a state of a node to that of the node with the other name: the one
 * it comes to when it meets the same under other names. That is tried on the real node, and what it sends and answers has to be
 * the same under other names, too; so nothing is taken on trust, and nothing need be known of what a state consists of.
 *
 * Of states that differ in who is who one is enough, if all that can happen to it happens to the others under other names. So
 * at the end every step of every node that was taken is tried under all names. Where one differs, the search begins again without
 * the renamings that do not hold.
 */

import type { NodeId } from '../../core/ids.js';
import { keyFromBytes } from '../../core/key.js';
import type { DataOperation } from '../../core/operation.js';
import type { Input } from './lone-node.js';
import type { LoneState, NodeStep } from './nodes.js';
import type { Ask } from './small-world.js';
import type { Distinct, States } from './states.js';
import { answerText, noStory } from './stories.js';

/** Nodes that seemed to be interchangeable do different things. */
export class NotInterchangeable extends Error {}

/** More nodes have too many orders. */
const nodesMax = 6;

interface Names {
  readonly nodes: ReadonlyMap<NodeId, NodeId>;
  readonly clients: readonly number[];
  /** What clients write, by its bytes as a key. */
  readonly values: ReadonlyMap<string, Uint8Array>;
}

class Renaming {
  readonly #states: States;
  readonly names: Names;
  readonly #nodeNames: RegExp;
  readonly #lone = new Map<LoneState, LoneState>();
  readonly #messages = new Map<number, number>();
  readonly #stories = new Map<number, number>([[noStory, noStory]]);

  constructor(states: States, names: Names) {
    this.#states = states;
    this.names = names;
    this.#nodeNames = new RegExp(`\\b(?:${states.world.nodes.join('|')})\\b`, 'g');
  }

  /** Throws {@link NotInterchangeable}. */
  world({ nodes, underWay, clients, spent }: Distinct): Distinct {
    const { world } = this.#states;
    const renamedNodes = [...nodes];
    for (const state of nodes) {
      const renamed = this.#loneState(state);
      renamedNodes[world.nodes.indexOf(renamed.node)] = renamed;
    }
    const renamedClients = [...clients];
    for (const [at, { story }] of clients.entries()) {
      renamedClients[this.names.clients[at] as number] = { story: this.#story(story) };
    }
    return {
      ...{ nodes: renamedNodes, clients: renamedClients, spent },
      underWay: this.#states.inOrder(underWay.map((each) => this.#message(each))),
    };
  }

  #loneState(state: LoneState): LoneState {
    let renamed = this.#lone.get(state);
    if (renamed === undefined) {
      renamed = this.#found(state);
      this.#lone.set(state, renamed);
    }
    return renamed;
  }

  #found({ node, before }: LoneState): LoneState {
    const { nodes } = this.#states;
    if (before === null) return nodes.first(this.#node(node));
    return this.#mirrored(before.state, nodes.step(before.state, before.input));
  }

  /** What follows when the one with the other name meets the same. */
  #mirrored(state: LoneState, step: NodeStep): LoneState {
    const { nodes } = this.#states;
    const mirrored = nodes.step(this.#loneState(state), this.#input(step.input));
    if (this.#told(step) !== this.#toldBy(mirrored)) {
      throw new NotInterchangeable(`${state.node} and ${mirrored.state.node} do different things`);
    }
    return mirrored.state;
  }

  /** Throws {@link NotInterchangeable}. */
  check(state: LoneState, step: NodeStep): void {
    if (this.#mirrored(state, step) !== this.#loneState(step.state)) {
      throw new NotInterchangeable(`${state.node} does not become the same under another name`);
    }
  }

  /** What others see of it, under other names. */
  #told({ sent, answers, ...step }: NodeStep): string {
    return this.#toldBy({
      ...step,
      sent: sent.map((each) => this.#message(each)),
      answers: answers.map(({ client, result }) => ({
        client: this.names.clients[client] as number,
        result: this.#value(result),
      })),
    });
  }

  #toldBy({ sent, answers, violation }: NodeStep): string {
    const told = answers.map(({ client, result }) => `${client} ${answerText(result)}`);
    return JSON.stringify([this.#states.inOrder(sent), told.sort(), violation === null]);
  }

  #input(input: Input): Input {
    switch (input.do) {
      case 'hear':
        return { ...input, message: this.#message(input.message) };
      case 'ask':
        return { ...input, client: this.names.clients[input.client] as number };
      case 'fire':
        return { ...input, timer: this.#text(input.timer) };
      default:
        return input;
    }
  }

  #message(number: number): number {
    let renamed = this.#messages.get(number);
    if (renamed === undefined) {
      const { messages } = this.#states;
      const { from, to, message, life } = messages.at(number);
      renamed = messages.numberOf({
        ...{ from: this.#node(from), to: this.#node(to), life },
        message: this.#value(message),
      });
      this.#messages.set(number, renamed);
    }
    return renamed;
  }

  #story(number: number): number {
    const known = this.#stories.get(number);
    if (known !== undefined) return known;
    const { stories } = this.#states;
    const story = stories.at(number);
    if (story === null) return noStory;
    const { before, part } = story;
    const renamed = stories.numberOf(
      this.#story(before),
      'ended' in part ? { ended: this.#byClient(part.ended) } : { told: this.#value(part.told) },
    );
    this.#stories.set(number, renamed);
    return renamed;
  }

  #byClient(counts: readonly number[]): number[] {
    const renamed = [...counts];
    for (const [at, count] of counts.entries()) renamed[this.names.clients[at] as number] = count;
    return renamed;
  }

  #node(node: NodeId): NodeId {
    return this.names.nodes.get(node) ?? node;
  }

  #text(text: string): string {
    return text.replace(this.#nodeNames, (node) => this.#node(node));
  }

  /** A list of nodes in the cluster's order stays in it. */
  #value<T>(value: T): T {
    if (typeof value === 'string') return this.#text(value) as T;
    if (typeof value !== 'object' || value === null) return value;
    if (value instanceof Uint8Array) {
      return (this.names.values.get(keyFromBytes(value)) ?? value) as T;
    }
    if (Array.isArray(value)) {
      const renamed = value.map((each: unknown) => this.#value(each));
      return (this.#isInOrder(value) ? this.#ordered(renamed) : renamed) as T;
    }
    const entries = Object.entries(value).map(([name, each]) => [name, this.#value(each)]);
    return Object.fromEntries(entries) as T;
  }

  #isInOrder(list: readonly unknown[]): boolean {
    const ranks = list.map((each) => this.#rank(each));
    return ranks.every((rank, at) => rank > (ranks[at - 1] ?? -1));
  }

  #ordered(list: readonly unknown[]): unknown[] {
    return [...list].sort((one, other) => this.#rank(one) - this.#rank(other));
  }

  /** -1: it is no node. */
  #rank(value: unknown): number {
    return this.#states.world.nodes.indexOf(value as NodeId);
  }
}

/** All ways in which nodes and clients can change places. */
export class Symmetry {
  readonly #states: States;
  /** Without that in which everybody keeps their name. */
  #renamings: readonly Renaming[] = [];

  constructor(states: States, begin: Distinct) {
    this.#states = states;
    const { nodes, clients, clientEvent, isSymmetric } = states.world;
    if (isSymmetric !== true || nodes.length > nodesMax || clientEvent !== undefined) return;
    const [, ...orders] = ordersOf(nodes);
    const all = orders.flatMap((order) =>
      ordersOf([...clients.keys()]).flatMap((clientOrder) => {
        const renamed = new Map(nodes.map((node, at) => [node, order[at] as NodeId]));
        const values = valuesOf(clients, clientOrder, renamed);
        if (values === null) return [];
        return new Renaming(states, { nodes: renamed, clients: clientOrder, values });
      }),
    );
    const wanted = states.fingerprint(begin);
    this.#keep(all, (renaming) => states.fingerprint(renaming.world(begin)) === wanted);
  }

  /** How many there are. */
  get count(): number {
    return this.#renamings.length + 1;
  }

  /** States that differ in who is who have the same. */
  fingerprint(state: Distinct): number {
    let least = this.#states.fingerprint(state);
    for (const renaming of this.#renamings) {
      try {
        least = Math.min(least, this.#states.fingerprint(renaming.world(state)));
      } catch (error) {
        this.#keep(this.#renamings, (each) => each.world(state) !== null);
        throw error;
      }
    }
    return least;
  }

  /** Throws {@link NotInterchangeable} when not all of them hold for all steps that were taken, or for one after another. */
  check(): void {
    const before = this.count;
    const steps = this.#states.nodes.allSteps();
    this.#keep(this.#renamings, (renaming) => {
      for (const { state, step } of steps) renaming.check(state, step);
      return true;
    });
    this.#close();
    if (this.count < before) throw new NotInterchangeable('not all ways hold');
  }

  #keep(renamings: readonly Renaming[], holds: (renaming: Renaming) => boolean): void {
    this.#renamings = renamings.filter((each) => {
      try {
        return holds(each);
      } catch (error) {
        if (error instanceof NotInterchangeable) return false;
        throw error;
      }
    });
  }

  /** Without those that lead to one that does not hold. */
  #close(): void {
    for (let count = -1; count !== this.count; ) {
      count = this.count;
      const all = this.#renamings;
      const results = new Set([this.#resultOf(), ...all.map((each) => this.#resultOf(each))]);
      this.#renamings = all.filter((one) =>
        all.every((other) => results.has(this.#resultOf(one, other))),
      );
    }
  }

  /** Of one after another. */
  #resultOf(...renamings: readonly Renaming[]): string {
    const { nodes, clients } = this.#states.world;
    const last = [
      ...nodes.map((node) => renamings.reduce((at, { names }) => names.nodes.get(at) ?? at, node)),
      ...[...clients.keys()].map((client) =>
        renamings.reduce((at, { names }) => names.clients[at] ?? at, client),
      ),
    ];
    return last.join(' ');
  }
}

/** The first is the order given. */
function ordersOf<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((first, at) =>
    ordersOf(items.filter((_, other) => other !== at)).map((rest) => [first, ...rest]),
  );
}

/** What clients' values become when each asks what the other asks; `null`: they ask different things. */
function valuesOf(
  clients: readonly (readonly Ask[])[],
  order: readonly number[],
  nodes: ReadonlyMap<NodeId, NodeId>,
): ReadonlyMap<string, Uint8Array> | null {
  const values = new Map<string, Uint8Array>();
  for (const [at, asks] of clients.entries()) {
    const others = clients[order[at] as number] ?? [];
    if (others.length !== asks.length) return null;
    for (const [step, { node, operation }] of asks.entries()) {
      const other = others[step] as Ask;
      if (nodes.get(node) !== other.node || actionOf(operation) !== actionOf(other.operation))
        return null;
      if (operation.type !== 'put' || other.operation.type !== 'put') continue;
      const known = values.get(keyFromBytes(operation.value));
      if (known !== undefined && keyFromBytes(known) !== keyFromBytes(other.operation.value))
        return null;
      values.set(keyFromBytes(operation.value), other.operation.value);
    }
  }
  return values;
}

/** All of it but what is put. */
const actionOf = (operation: DataOperation): string =>
  operation.type === 'put' ? `put ${operation.key}` : JSON.stringify(operation);

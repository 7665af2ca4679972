/**
 * Plays a recording in either direction: what each node held after an event. Whole states are kept now and then, so that
 * going anywhere takes as long as the changes since the last of them; to the next event, as long as its own changes.
 */

import type { NodeId } from '../core/ids.js';
import { entryOf, lowerBound } from '../core/lookup.js';
import type { Recording, StateChange } from './recording.js';

/**
 * By panel, all names that it ever has, in the order in which they are met, and their values as text; `null`: it is not there
 * now.
 */
export type NodePanels = Readonly<Record<StateChange['part'], ReadonlyMap<string, string | null>>>;

type Panels = Readonly<Record<StateChange['part'], Map<string, string | null>>>;

/** Changes between two states that are kept. */
const checkpointEvery = 2_048;

export class StatePlayer {
  readonly #changes: readonly StateChange[];
  /** Of each change, its event. */
  readonly #events: Uint32Array;
  /** By number: what there was after so many times {@link checkpointEvery} changes. */
  readonly #checkpoints: (readonly (readonly [NodeId, NodePanels])[])[] = [];
  readonly #state = new Map<NodeId, Panels>();
  /** Changes that the state has. */
  #applied = 0;
  #event = Number.POSITIVE_INFINITY;

  constructor({ changes, nodes }: Pick<Recording, 'changes' | 'nodes'>) {
    this.#changes = changes;
    this.#events = Uint32Array.from(changes, ({ event }) => event);
    for (const node of nodes) this.#state.set(node, emptyPanels());
    for (const { node, part, name } of changes) this.#set(node, part, name, null);
    for (const [at, { node, part, name, after }] of changes.entries()) {
      if (at % checkpointEvery === 0) this.#checkpoints.push(this.#copy());
      this.#set(node, part, name, after);
    }
    this.#applied = changes.length;
    this.seek(-1);
  }

  /** The event after which the state is; -1: before all. */
  get event(): number {
    return this.#event;
  }

  /** Reads live: as it is after the event that was sought last. */
  get nodes(): ReadonlyMap<NodeId, NodePanels> {
    return this.#state;
  }

  /** Of one event, in their order. */
  changesOf(event: number): readonly StateChange[] {
    return this.#changes.slice(
      lowerBound(this.#events, event),
      lowerBound(this.#events, event + 1),
    );
  }

  /** The same as {@link nodes} after {@link seek}. */
  stateAt(event: number): ReadonlyMap<NodeId, NodePanels> {
    this.seek(event);
    return this.#state;
  }

  seek(event: number): void {
    if (event === this.#event) return;
    const wanted = lowerBound(this.#events, event + 1);
    const checkpoint = Math.min(Math.floor(wanted / checkpointEvery), this.#checkpoints.length - 1);
    const from = checkpoint * checkpointEvery;
    if (checkpoint >= 0 && wanted - from < Math.abs(wanted - this.#applied)) {
      this.#restore(this.#checkpoints[checkpoint] ?? []);
      this.#applied = from;
    }
    while (this.#applied < wanted) {
      const { node, part, name, after } = this.#changes[this.#applied++] as StateChange;
      this.#set(node, part, name, after);
    }
    while (this.#applied > wanted) {
      const { node, part, name, before } = this.#changes[--this.#applied] as StateChange;
      this.#set(node, part, name, before);
    }
    this.#event = event;
  }

  #set(node: NodeId, part: StateChange['part'], name: string, value: string | null): void {
    entryOf(this.#state, node, emptyPanels)[part].set(name, value);
  }

  #copy(): readonly (readonly [NodeId, NodePanels])[] {
    return [...this.#state].map(([node, panels]) => [node, copyOf(panels)] as const);
  }

  #restore(saved: readonly (readonly [NodeId, NodePanels])[]): void {
    for (const [node, panels] of saved) this.#state.set(node, copyOf(panels));
  }
}

const emptyPanels = (): Panels => ({
  ...{ node: new Map(), facts: new Map(), keys: new Map() },
  ...{ timers: new Map(), disk: new Map() },
});

const copyOf = ({ node, facts, keys, timers, disk }: NodePanels): Panels => ({
  ...{ node: new Map(node), facts: new Map(facts), keys: new Map(keys) },
  ...{ timers: new Map(timers), disk: new Map(disk) },
});

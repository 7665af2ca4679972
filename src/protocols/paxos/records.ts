/**
 * What survives a crash of a node.
 *
 * PMMC (section 4.4) and Paxos Made Live (section 5.1) keep on disk what an acceptor has promised and accepted. That
 * much is needed; the rest (what was learned, the state at some slot) saves asking others for it.
 *
 * A journal's snapshot shows the state at one slot, A, with everything accepted above it, and is followed by every
 * record since it began, some of them older than A. So recovery only goes forward: a promise only rises, a slot up to
 * A is not touched any more, a slot above A keeps the value of the highest ballot, chunks are taken in their order.
 */
import { resultShape } from '../../core/operation.js';
import * as wire from '../../core/wire.js';
import { batchesOf } from '../shared/batches.js';
import { ballotShape as ballot } from './ballot.js';
import { batchShape } from './command.js';
import { configurationShape } from './state/membership.js';
import { outcomeBytes } from './state/outcomes.js';
import type { StateMachine } from './state/state-machine.js';

const { boolean, count, key, list, name, union, value, version } = wire;

/** A piece of the state machine's state, in a snapshot or on the way to a node that was down for long. */
export const stateItemShape = union({
  members: { configurations: list(configurationShape) },
  entry: { key, value, version },
  session: { client: name, floor: count },
  outcome: { client: name, sequence: count, result: resultShape },
});
export type StateItem = wire.Shaped<typeof stateItemShape>;

const slot = count;
const items = list(stateItemShape);

export const recordShape = union({
  /** Starts of this node so far, and the first members as it was told at the first of them. */
  started: { incarnation: count, members: list(name) },
  /** What this node had promised before was lost; whoever does not know all slots up to `after` gets no vote from it. */
  rejoined: { after: slot },
  /** Given to others, or asked of them: below it, this node neither accepts nor leads. */
  promised: { ballot },
  /** All slots up to `decided` were chosen and held here at the time. Promises `ballot`, too. */
  accepted: { ballot, slot, batch: batchShape, decided: slot },
  /** Chosen in `slot` and those after it, which may be none; all slots before were chosen and held here. */
  learned: { slot, batches: list(batchShape) },
  /** A snapshot: the state after `slot` follows in `items`. */
  state: { slot },
  items: { items },
  /** A chunk of another node's snapshot; with the last, it becomes the state. */
  staged: { source: name, number: count, slot, index: count, last: boolean, items },
});
export type DurableRecord = wire.Shaped<typeof recordShape>;

export function itemBytes(item: StateItem): number {
  switch (item.type) {
    case 'members':
      return 64 * item.configurations.length * 32;
    case 'entry':
      return 64 + item.key.length + item.value.length;
    case 'session':
      return 32 + item.client.length;
    case 'outcome':
      return outcomeBytes(item);
  }
}

/** The whole state as it is now, whatever is executed while it is drawn. `close` must be called in the end. */
export function captureState(machine: StateMachine) {
  const view = machine.store.view(machine.applied);
  const { floors, outcomes } = machine.sessions.capture();
  const { configurations } = machine.membership;
  function* draw(): Generator<StateItem> {
    yield { type: 'members', configurations };
    // Field by field: what is spread into an object is slow to make, and slower to read.
    for (const { client, floor } of floors) yield { type: 'session', client, floor };
    yield* outcomes;
    for (const { key, value, version } of view.entries()) {
      yield { type: 'entry', key, value, version };
    }
  }
  return { items: draw(), close: view.close };
}

/** Puts a piece of a state into a machine that started empty; in the order in which it was captured. */
export function restoreItem(machine: StateMachine, item: StateItem): void {
  switch (item.type) {
    case 'members':
      machine.restoreMembership(item.configurations);
      break;
    case 'entry':
      machine.store.put(item.key, item.value, item.version);
      break;
    case 'session':
      machine.sessions.restoreFloor(item);
      break;
    case 'outcome':
      machine.sessions.restoreOutcome(item);
      break;
  }
}

/** Cuts items into lists that fit a message. */
export function* inChunks(
  all: Iterable<StateItem>,
): Generator<{ readonly items: readonly StateItem[]; readonly last: boolean }> {
  let chunk: readonly StateItem[] | null = null;
  for (const items of batchesOf(all, itemBytes)) {
    if (chunk !== null) yield { items: chunk, last: false };
    chunk = items;
  }
  yield { items: chunk ?? [], last: true };
}

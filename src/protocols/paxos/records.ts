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
import type { NodeId } from '../../core/ids.js';
import { invariant } from '../../core/invariant.js';
import { resultShape } from '../../core/operation.js';
import {
  boolean,
  count,
  key,
  list,
  name,
  type Shape,
  union,
  value,
  version,
} from '../../core/wire.js';
import { type Ballot, ballotShape } from './ballot.js';
import { type Batch, batchShape, type Slot } from './command.js';
import { type Configuration, configurationShape } from './state/membership.js';
import { type Outcome, outcomeBytes, type SessionFloor } from './state/sessions.js';
import type { StateMachine } from './state/state-machine.js';
import type { Entry } from './state/store.js';

/** A piece of the state machine's state, in a snapshot or on the way to a node that was down for long. */
export type StateItem =
  | { readonly type: 'members'; readonly configurations: readonly Configuration[] }
  | ({ readonly type: 'entry' } & Pick<Entry, 'key' | 'value' | 'version'>)
  | ({ readonly type: 'session' } & SessionFloor)
  | ({ readonly type: 'outcome' } & Outcome);

export type DurableRecord =
  /** Starts of this node so far, and the first members as it was told at the first of them. */
  | { readonly type: 'started'; readonly incarnation: number; readonly members: readonly NodeId[] }
  /** What this node had promised before was lost; whoever does not know all slots up to `after` gets no vote from it. */
  | { readonly type: 'rejoined'; readonly after: Slot }
  /** Given to others, or asked of them: below it, this node neither accepts nor leads. */
  | { readonly type: 'promised'; readonly ballot: Ballot }
  /** All slots up to `decided` were chosen and held here at the time. Promises `ballot`, too. */
  | {
      readonly type: 'accepted';
      readonly ballot: Ballot;
      readonly slot: Slot;
      readonly batch: Batch;
      readonly decided: Slot;
    }
  /** Chosen in `slot` and those after it; all slots before were chosen and held here. */
  | { readonly type: 'learned'; readonly slot: Slot; readonly batches: readonly Batch[] }
  /** A snapshot: the state after `slot` follows in `items`. */
  | { readonly type: 'state'; readonly slot: Slot }
  | { readonly type: 'items'; readonly items: readonly StateItem[] }
  /** A chunk of another node's snapshot; with the last, it becomes the state. */
  | {
      readonly type: 'staged';
      readonly source: NodeId;
      readonly number: number;
      readonly slot: Slot;
      readonly index: number;
      readonly last: boolean;
      readonly items: readonly StateItem[];
    };

export const stateItemShape: Shape<StateItem> = union<StateItem>({
  members: { configurations: list(configurationShape) },
  entry: { key, value, version },
  session: { client: name, floor: count },
  outcome: { client: name, sequence: count, result: resultShape },
});

const items = list(stateItemShape);

export const recordShape: Shape<DurableRecord> = union<DurableRecord>({
  started: { incarnation: count, members: list(name) },
  rejoined: { after: count },
  promised: { ballot: ballotShape },
  accepted: { ballot: ballotShape, slot: count, batch: batchShape, decided: count },
  learned: { slot: count, batches: list(batchShape) },
  state: { slot: count },
  items: { items },
  staged: { source: name, number: count, slot: count, index: count, last: boolean, items },
});

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
export function captureState(machine: StateMachine): {
  readonly items: Iterable<StateItem>;
  close(): void;
} {
  const view = machine.store.view(machine.applied);
  const { floors, outcomes } = machine.sessions.capture();
  const { configurations } = machine.membership;
  function* draw(): Generator<StateItem> {
    yield { type: 'members', configurations };
    for (const floor of floors) yield { type: 'session', ...floor };
    for (const outcome of outcomes) yield { type: 'outcome', ...outcome };
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
    case 'outcome': {
      const { client, sequence, result } = item;
      machine.sessions.restoreOutcome({ client, sequence, result });
      break;
    }
  }
}

/** Cuts items into lists of about `bytes` each; the last one may be empty. */
export function* inChunks(
  all: Iterable<StateItem>,
  bytes: number,
): Generator<{ readonly items: readonly StateItem[]; readonly last: boolean }> {
  invariant(bytes > 0, 'a chunk must have room');
  let chunk: StateItem[] = [];
  let size = 0;
  for (const item of all) {
    chunk.push(item);
    size += itemBytes(item);
    if (size < bytes) continue;
    yield { items: chunk, last: false };
    chunk = [];
    size = 0;
  }
  yield { items: chunk, last: true };
}

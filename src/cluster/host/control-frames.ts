/** What travels between a command and the daemon of a cluster on threads, behind the same hello as a client's. */
import type { Millis, NodeId } from '../../core/ids.js';
import * as wire from '../../core/wire.js';

/** `dead`: stopped or killed on purpose, or never started. `failed`: it stopped by itself. */
export const nodeConditions = ['running', 'paused', 'dead', 'failed'] as const;
export type NodeCondition = (typeof nodeConditions)[number];

/** What the daemon says of a node. */
export interface ReportedState {
  readonly node: NodeId;
  readonly state: NodeCondition;
  /** With threads, the daemon's. `null` unless running or paused. */
  readonly pid: number | null;
  /** Milliseconds since 1970; `null` when unknown. */
  readonly since: Millis | null;
}

export interface NodeState extends ReportedState {
  /** Of a node that failed, or is paused by what happened to others: why, and what to do. */
  readonly why: string | null;
}

export const nodeOrders = ['start', 'kill', 'pause', 'resume'] as const;
export type NodeOrder = (typeof nodeOrders)[number];

export type ControlFrame =
  | {
      readonly type: 'order';
      readonly id: number;
      readonly order: NodeOrder;
      readonly node: NodeId;
    }
  | { readonly type: 'states'; readonly id: number };

export type ControlAnswer =
  | { readonly type: 'welcome' }
  | { readonly type: 'done'; readonly id: number }
  | { readonly type: 'states'; readonly id: number; readonly states: readonly ReportedState[] }
  | {
      readonly type: 'refused';
      readonly id: number;
      readonly message: string;
      readonly hint: string | null;
    }
  | { readonly type: 'closing'; readonly reason: string };

export const controlFrame = wire.union<ControlFrame>({
  order: { id: wire.count, order: wire.oneOf(...nodeOrders), node: wire.name },
  states: { id: wire.count },
});

const nodeState = wire.struct<ReportedState>({
  node: wire.name,
  state: wire.oneOf(...nodeConditions),
  pid: wire.nullable(wire.count),
  since: wire.nullable(wire.count),
});

export const controlAnswer = wire.union<ControlAnswer>({
  welcome: {},
  done: { id: wire.count },
  states: { id: wire.count, states: wire.list(nodeState) },
  refused: { id: wire.count, message: wire.text, hint: wire.nullable(wire.text) },
  closing: { reason: wire.text },
});

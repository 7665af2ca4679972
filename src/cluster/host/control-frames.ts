/** What travels between a command and the daemon of a cluster on threads, behind the same hello as a client's. */
import * as wire from '../../core/wire.js';

/** What the daemon says of a node. */
const nodeState = wire.struct({
  node: wire.name,
  /** `dead`: stopped or killed on purpose, or never started. `failed`: it stopped by itself. */
  state: wire.oneOf('running', 'paused', 'dead', 'failed'),
  /** With threads, the daemon's. `null` unless running or paused. */
  pid: wire.nullable(wire.count),
  /** Milliseconds since 1970; `null` when unknown. */
  since: wire.nullable(wire.count),
  /** Of a node that failed, or is paused by what happened to others: why, and what to do. `null`: not known here. */
  why: wire.nullable(wire.text),
});

export type NodeState = wire.Shaped<typeof nodeState>;
export type NodeCondition = NodeState['state'];

const id = wire.count;

export const controlFrame = wire.union({
  order: { id, order: wire.oneOf('start', 'kill', 'pause', 'resume'), node: wire.name },
  states: { id },
});

export type ControlFrame = wire.Shaped<typeof controlFrame>;
export type NodeOrder = Extract<ControlFrame, { readonly type: 'order' }>['order'];

export const controlAnswer = wire.union({
  welcome: {},
  done: { id },
  states: { id, states: wire.list(nodeState) },
  refused: { id, message: wire.text, hint: wire.nullable(wire.text) },
  closing: { reason: wire.text },
});

export type ControlAnswer = wire.Shaped<typeof controlAnswer>;

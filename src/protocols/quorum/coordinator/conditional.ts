/**
 * `insert`, `update` and `cas`: read, check, write.
 *
 * What they promise is little, and said plainly: the condition held for the newest version on a majority (or more,
 * if the level asks for more) at some moment after the request came, and the write carries a greater stamp than
 * that version. Nothing keeps another write from coming between. **They are not atomic**: two concurrent inserts of a
 * key may both succeed, two concurrent `cas` from the same value likewise; the one with the greater version stays. That
 * is what registers can do without consensus (Herlihy, TOPLAS 1991: their consensus number is 1); modes `2pc` and `paxos`
 * do better. A refusal is as good as a read: it tells the value and version that were there, and at every level
 * waits until R replicas hold them.
 */
import type { ClientResult, KeyOperation } from '../../../core/operation.js';
import type { Ctx } from '../messages.js';
import { unavailableAnswer } from './answers.js';
import { type Parts, type ReadPhase, valueToWrite } from './pending.js';
import type { Reads } from './reads.js';
import type { Writes } from './writes.js';

/** The newest version is known: writes above it, or refuses. */
export function checkThenWrite(
  phase: ReadPhase,
  parts: Parts,
  reads: Reads,
  writes: Writes,
  ctx: Ctx,
): void {
  const { operation, owners, writeNeeded, id } = phase.ask;
  const actual = phase.best?.value ?? null;
  const reason = reasonToRefuse(operation, actual);
  if (reason !== null) {
    const version = phase.best?.version ?? null;
    reads.settle(phase, { type: 'refused', reason, actual, version }, ctx);
    return;
  }
  reads.drop(phase);
  const unavailable = unavailableAnswer(owners, writeNeeded, parts.detector);
  if (unavailable !== null) {
    ctx.reply(id, unavailable);
    return;
  }
  writes.start(phase.ask, valueToWrite(operation), actual !== null, true, ctx);
}

type Reason = Extract<ClientResult, { type: 'refused' }>['reason'];

/** `null` when the operation's condition holds for a key whose value is `actual` (`null`: absent). */
export function reasonToRefuse(operation: KeyOperation, actual: Uint8Array | null): Reason | null {
  switch (operation.type) {
    case 'insert':
      return actual === null ? null : 'exists';
    case 'update':
      return actual === null ? 'absent' : null;
    case 'cas':
      if (operation.expected === null) return actual === null ? null : 'exists';
      if (actual === null) return 'absent';
      return sameBytes(operation.expected, actual) ? null : 'different';
    case 'get':
    case 'put':
    case 'delete':
      return null;
  }
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

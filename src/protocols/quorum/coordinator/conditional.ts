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
import { refusedBy, valueToWrite } from '../../shared/evaluate.js';
import type { Ctx } from '../messages.js';
import { unavailableAnswer } from './answers.js';
import type { Parts, ReadPhase } from './pending.js';
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
  const refused = refusedBy(operation, phase.best);
  if (refused !== null) return reads.settle(phase, refused, ctx);
  reads.drop(phase);
  const unavailable = unavailableAnswer(owners, writeNeeded, parts.detector);
  if (unavailable !== null) return ctx.reply(id, unavailable);
  const existed = phase.best !== null && phase.best.value !== null;
  writes.start(phase.ask, valueToWrite(operation), existed, true, ctx);
}

/**
 * Level `linearizable`: the atomic register of Attiya, Bar-Noy and Dolev (Sharing Memory Robustly in Message-Passing
 * Systems, J. ACM 42(1), 1995) with many writers (Lynch and Shvartsman, FTCS 1997).
 *
 * 1. A write first asks a majority for the highest version they hold, then writes under a greater stamp to a majority.
 * 2. A read asks a majority for their newest version and writes it back to a majority before it answers, so that no
 *    later read can find something older. When the whole majority already agreed there is nothing to write back.
 *
 * Any two majorities share a replica; hence every operation sees what was completed before it began. Each phase has
 * its own number, so a late or repeated reply of an earlier phase, or of an earlier life of the coordinator, counts for
 * nothing. The version is chosen once, after the first phase, whatever has to be sent again. A coordinator that
 * crashes between its phases leaves a write that some replicas may hold: it was never acknowledged, and the first read
 * that meets it either imposes it on a majority or did not see it.
 *
 * The guarantee holds for a key when *all* operations on it use this level: a write of level `quorum` may take a stamp
 * below one that is complete, a write of level `one` may be missed by a majority.
 *
 * The read half needs no code here: `reads.ts` imposes at every level of two replicas or more, and this level's R is
 * a majority. What is here is what the write does between its phases.
 */
import { valueToWrite } from '../../shared/evaluate.js';
import type { Ctx } from '../messages.js';
import { unavailableAnswer } from './answers.js';
import type { Parts, ReadPhase } from './pending.js';
import type { Reads } from './reads.js';
import type { Writes } from './writes.js';

/**
 * A majority has told the highest version: the write goes out above it. The clock has seen every stamp of the replies,
 * so the next tick is greater.
 */
export function writeAboveHighest(
  phase: ReadPhase,
  parts: Parts,
  reads: Reads,
  writes: Writes,
  ctx: Ctx,
): void {
  const { operation, owners, writeNeeded, id } = phase.ask;
  const refusal = unavailableAnswer(owners, writeNeeded, parts.detector);
  reads.drop(phase);
  if (refusal !== null) return ctx.reply(id, refusal);
  const existed = phase.best !== null && phase.best.value !== null;
  writes.start(phase.ask, valueToWrite(operation), existed, true, ctx);
}

/**
 * The cooperative termination protocol (Bernstein, Hadzilacos & Goodman 1987, section 7.4; Mohan, Lindsay & Obermarck
 * 1986, section 2.2): how a worker in doubt gets out of it.
 *
 * It asks the coordinator: at once after a restart of either, and again whenever no word has come for a while. An
 * undecided coordinator says nothing. When the coordinator itself is silent the worker asks the other participants, of
 * whom one that knows the decision tells it, and one that has not voted yet aborts. Only if all of them have voted YES
 * and none has heard more, everybody stays blocked until the coordinator is back: that is two-phase commit's price.
 *
 * Only participants are asked, and they are those of the VOTE-REQUEST, durable with the vote: a worker outside the pool
 * knows nothing about a transaction, which must not be taken for "has not voted".
 */
import type { Millis, NodeId } from '../../../core/ids.js';
import type { Ctx } from '../messages.js';
import type { TransactionId } from '../records.js';
import type { Participant } from './participant.js';

/** More of them at a time would make the answer too long. */
const idsPerQuestionMax = 1024;

export class Termination {
  protected readonly participant: Participant;
  readonly #self: NodeId;
  readonly #coordinator: NodeId;
  readonly #retryMs: Millis;

  constructor(
    participant: Participant,
    self: NodeId,
    coordinator: NodeId,
    { retryMs }: { readonly retryMs: Millis },
  ) {
    this.participant = participant;
    this.#self = self;
    this.#coordinator = coordinator;
    this.#retryMs = retryMs;
  }

  /** The coordinator has begun a new life, and this worker may have lost what it was told: ask at once. */
  askSoon(): void {
    for (const doubt of this.participant.inDoubt.values()) {
      doubt.askedAt = Number.NEGATIVE_INFINITY;
    }
  }

  sweep(coordinatorIsSilent: boolean, ctx: Ctx): void {
    const questions = new Map<NodeId, TransactionId[]>();
    const ask = (node: NodeId, id: TransactionId) => {
      const ids = questions.get(node);
      if (ids === undefined) questions.set(node, [id]);
      else if (ids.length < idsPerQuestionMax) ids.push(id);
    };
    for (const [id, doubt] of this.participant.inDoubt) {
      if (ctx.now - doubt.askedAt < this.#retryMs) continue;
      doubt.askedAt = ctx.now;
      ask(this.#coordinator, id);
      if (!coordinatorIsSilent) continue;
      for (const node of doubt.participants) if (node !== this.#self) ask(node, id);
    }
    for (const [node, ids] of questions) ctx.send(node, { type: 'ask', ids });
  }
}

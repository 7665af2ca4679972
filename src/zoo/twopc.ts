/** Classic mistakes of two-phase commit. Who made them in the field, and what comes of them: docs/zoo. */
import type { Ctx, Message, TwoPhaseCommit } from '../protocols/twopc/messages.js';
import type { Options } from '../protocols/twopc/options.js';
import { TwoPhaseCommitReplica } from '../protocols/twopc/replica.js';
import { Decisions } from '../protocols/twopc/worker/decisions.js';
import { Forwards } from '../protocols/twopc/worker/forwards.js';
import { Participant } from '../protocols/twopc/worker/participant.js';
import { Termination } from '../protocols/twopc/worker/termination.js';
import type { WorkerParts } from '../protocols/twopc/worker/worker.js';
import { altering, type Bug, creating } from './bug.js';

type Plant = Bug['plant'];

/** Such messages leave at once, before what they tell of is durable. */
const unsynced =
  (type: Message['type']): Plant =>
  (mode) =>
    altering<TwoPhaseCommit>(mode, {
      context: (ctx) => ({
        send(to, message) {
          if (message.type === type) ctx.sendUnsynced(to, message);
          else ctx.send(to, message);
        },
      }),
    });

/** Workers are made of these. */
const withParts =
  (parts: Partial<WorkerParts>): Plant =>
  (mode) =>
    creating<Options>(mode, (setup) => new TwoPhaseCommitReplica(setup, parts));

class ImpatientTermination extends Termination {
  override sweep(coordinatorIsSilent: boolean, ctx: Ctx): void {
    const { participant } = this;
    if (coordinatorIsSilent) participant.decide([], [...participant.inDoubt.keys()]);
    super.sweep(coordinatorIsSilent, ctx);
  }
}

class CommitsOnly extends Decisions {
  override mayHave(id: number): boolean {
    return this.get(id) === true;
  }
}

class ForgetfulParticipant extends Participant {
  override readonly decisions = new CommitsOnly();
}

class RepeatingForwards extends Forwards {
  protected override maySendAgain(): boolean {
    return true;
  }
}

export const twoPhaseCommitBugs: readonly Bug[] = [
  {
    name: '2pc-vote-before-sync',
    mode: '2pc',
    mistake: 'A worker votes YES before what it votes on is durable.',
    promise: 'convergence: a committed write is missing at a worker that voted YES',
    plant: unsynced('vote'),
  },
  {
    name: '2pc-commit-before-sync',
    mode: '2pc',
    mistake: 'The coordinator sends COMMIT before its decision is durable.',
    promise: 'decision: some nodes hold a transaction committed, others aborted',
    plant: unsynced('decision'),
  },
  {
    name: '2pc-decision-not-persisted',
    mode: '2pc',
    mistake: 'The coordinator keeps its decisions to commit in memory only.',
    promise: 'decision: some nodes hold a transaction committed, others aborted',
    plant: (mode) => altering<TwoPhaseCommit>(mode, { keeps: ({ type }) => type !== 'committed' }),
  },
  {
    name: '2pc-unilateral-abort',
    mode: '2pc',
    mistake: 'A worker that has voted YES aborts when the coordinator is silent.',
    promise: 'decision: some nodes hold a transaction committed, others aborted',
    plant: withParts({ Termination: ImpatientTermination }),
  },
  {
    name: '2pc-late-prepare',
    mode: '2pc',
    mistake: 'A worker forgets that it has aborted, and votes YES when PREPARE comes late.',
    promise: 'decision: some nodes hold a transaction committed, others aborted',
    plant: withParts({ Participant: ForgetfulParticipant }),
  },
  {
    name: '2pc-retry-executed-twice',
    mode: '2pc',
    mistake: 'A write that was under way when the coordinator restarted is sent to it again.',
    promise: 'strict-serializable: what failed is read',
    plant: withParts({ Forwards: RepeatingForwards }),
  },
];

/** Classic mistakes of two-phase commit. Who made them in the field, and what comes of them: docs/zoo. */
import type { Context } from '../core/replica.js';
import type { Message, TwoPhaseCommit } from '../protocols/twopc/messages.js';
import { type Alteration, altering, type Bug } from './bug.js';

/** These messages leave at once, before what they tell of is durable. */
const tooEarly = (isEarly: (message: Message) => boolean): Alteration<TwoPhaseCommit> => ({
  context: (ctx: Context<TwoPhaseCommit>) => ({
    send(to, message) {
      if (isEarly(message)) ctx.sendUnsynced(to, message);
      else ctx.send(to, message);
    },
  }),
});

export const twoPhaseCommitBugs: readonly Bug[] = [
  {
    name: '2pc-vote-before-sync',
    mode: '2pc',
    mistake: 'A worker votes YES before what it votes on is durable.',
    promise: 'strict-serializable: a crash undoes a vote that others have relied on',
    plant: (mode) =>
      altering(
        mode,
        tooEarly(({ type }) => type === 'vote'),
      ),
  },
  {
    name: '2pc-commit-before-sync',
    mode: '2pc',
    mistake: 'The coordinator sends COMMIT before its decision is durable.',
    promise: 'atomic: after a crash some workers have committed what others abort',
    plant: (mode) =>
      altering(
        mode,
        tooEarly(({ type }) => type === 'decision'),
      ),
  },
];

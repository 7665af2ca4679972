/** Classic mistakes of multi-Paxos. Who made them in the field, and what comes of them: docs/zoo. */

import { noBallot } from '../protocols/paxos/ballot.js';
import type { AcceptedValue, Paxos } from '../protocols/paxos/messages.js';
import { type Alteration, altering, type Bug } from './bug.js';

type Altered = Alteration<Paxos>;

/** What an acceptor reports of what it has accepted, as the candidate takes it. */
const reporting = (
  taken: (accepted: readonly AcceptedValue[]) => readonly AcceptedValue[],
): Altered => ({
  received: (message) =>
    message.type === 'promise' ? { ...message, accepted: taken(message.accepted) } : message,
});

export const paxosBugs: readonly Bug[] = [
  {
    name: 'paxos-promise-not-persisted',
    mode: 'paxos',
    mistake: 'An acceptor keeps its promises in memory only.',
    promise: 'decision: one ballot is led twice',
    plant: (mode) => altering<Paxos>(mode, { keeps: ({ type }) => type !== 'promised' }),
  },
  {
    name: 'paxos-accepted-not-persisted',
    mode: 'paxos',
    mistake: 'An acceptor keeps what it has accepted in memory only.',
    promise: 'linearizable: what was acknowledged is lost',
    plant: (mode) => altering<Paxos>(mode, { keeps: ({ type }) => type !== 'accepted' }),
  },
  {
    name: 'paxos-own-value',
    mode: 'paxos',
    mistake: 'A new leader proposes its own commands where acceptors report accepted ones.',
    promise: 'decision: two values are chosen in one slot',
    plant: (mode) =>
      altering(
        mode,
        reporting(() => []),
      ),
  },
  {
    name: 'paxos-any-accepted-value',
    mode: 'paxos',
    mistake:
      'Of the values that acceptors report, a new leader takes the first to come, not that of the highest ballot.',
    promise: 'decision: two values are chosen in one slot',
    // Of equal ballots the first counts.
    plant: (mode) =>
      altering(
        mode,
        reporting((accepted) => accepted.map((value) => ({ ...value, ballot: noBallot }))),
      ),
  },
  {
    name: 'paxos-deposed-leader-reads',
    mode: 'paxos',
    mistake: 'Who takes itself for the leader answers linearizable reads without asking anybody.',
    promise: 'linearizable: a stale read',
    plant: (mode) =>
      altering<Paxos>(mode, {
        asked: (request, { role }) =>
          role === 'leader' && request.operation.type === 'get'
            ? { ...request, level: 'local' }
            : request,
      }),
  },
  {
    name: 'paxos-retry-executed-twice',
    mode: 'paxos',
    mistake:
      'The number that a client gives its command is ignored: asked again, it is executed again.',
    promise: 'linearizable: an operation takes effect twice',
    plant: (mode) => altering<Paxos>(mode, { asked: (request) => ({ ...request, session: null }) }),
  },
];

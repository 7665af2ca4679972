import type { TwoPhaseCommit } from '../../protocols/twopc/messages.js';
import { marksOf, type Phase, phase, undurable } from './phase.js';

const { sent, received, persisted } = marksOf<TwoPhaseCommit>();

interface Ends {
  readonly commits: readonly number[];
  readonly aborts: readonly number[];
}
const ended = ({ commits, aborts }: Ends) => [...commits, ...aborts];
const idsOf = (all: readonly { readonly id: number }[]) => all.map(({ id }) => id);
const decisionSent = sent('decision', ended);

export const twoPhaseCommitPhases: readonly Phase[] = [
  phase(
    'coordinator: votes asked, none in',
    sent('vote-request', ({ transactions }) => idsOf(transactions)),
    [received('vote', ({ votes }) => idsOf(votes)), decisionSent],
  ),
  phase(
    'coordinator: a vote in, undecided',
    received('vote', ({ votes }) => idsOf(votes)),
    [persisted('committed', ({ ids }) => ids), decisionSent],
  ),
  undurable('coordinator: commit not durable', 'committed'),
  phase(
    'coordinator: commit sent, no ack',
    sent('decision', ({ commits }) => commits),
    [received('ack', ({ ids }) => ids)],
  ),
  phase(
    'coordinator: acks in, not by all',
    received('ack', ({ ids }) => ids),
    [persisted('ended', ({ ids }) => ids)],
  ),
  phase('coordinator: a worker catches up', sent('join-start'), [
    received('caught-up'),
    sent('join-stop'),
  ]),
  phase(
    'worker: vote asked, none given',
    received('vote-request', ({ transactions }) => idsOf(transactions)),
    [sent('vote', ({ votes }) => idsOf(votes)), received('decision', ended)],
  ),
  undurable('worker: prepared, not durable', 'prepared'),
  phase(
    'worker: in doubt',
    persisted('prepared', ({ transactions }) => idsOf(transactions)),
    [persisted('decided', ended), received('decision', ended), received('tell', ended)],
  ),
  phase(
    'worker: in doubt, asks others',
    sent('ask', ({ ids }) => ids),
    [persisted('decided', ended), received('decision', ended), received('tell', ended)],
  ),
  undurable('worker: decision not durable', 'decided'),
  phase('worker: catches up', received('join-start'), [sent('caught-up'), received('join-stop')]),
];

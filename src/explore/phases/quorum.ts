import { noAnswer, type Quorum } from '../../protocols/quorum/messages.js';
import { marksOf, type Phase, phase, undurable } from './phase.js';

const { sent, received, persisted } = marksOf<Quorum>();

interface InPhase {
  readonly phase: number;
}
const numbersOf = (all: readonly InPhase[]) =>
  all.filter((each) => each.phase !== noAnswer).map((each) => each.phase);

interface Hinted {
  readonly target: string;
  readonly key: string;
}
const hintOf = ({ target, key }: Hinted) => [`${target} ${key}`];

export const quorumPhases: readonly Phase[] = [
  phase(
    'coordinator: write out, no ack',
    sent('write', ({ writes }) => numbersOf(writes)),
    [received('ack', ({ acks }) => numbersOf(acks))],
  ),
  phase(
    'coordinator: read out, no reply',
    sent('read', ({ reads }) => numbersOf(reads)),
    [received('reply', ({ replies }) => numbersOf(replies))],
  ),
  undurable('replica: write not durable', 'entry'),
  undurable('coordinator: hint not durable', 'hint'),
  phase('coordinator: a hint waits', persisted('hint', hintOf), [persisted('handed', hintOf)], {
    again: true,
  }),
  phase('coordinator: hint sent, no answer', sent('handoff'), [received('handed')]),
  phase('replica: trees compared', sent('digest'), [received('equal'), received('segments')]),
  phase('replica: leaves compared', sent('leaves'), [received('versions')]),
  phase('replica: asks for what it lacks', sent('exchange'), [received('entries')]),
  phase('replica: tombstones proposed', sent('propose'), [received('confirm')]),
  phase('replica: a tombstone confirmed', received('confirm'), [sent('collect')]),
  phase('replica: copies after a loss', persisted('rejoining'), [persisted('whole')]),
];

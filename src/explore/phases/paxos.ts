import type { Paxos } from '../../protocols/paxos/messages.js';
import { marksOf, type Phase, phase, undurable } from './phase.js';

const { sent, received, persisted, sentUpTo, receivedUpTo } = marksOf<Paxos>();

interface Balloted {
  readonly ballot: { readonly round: number; readonly node: string };
}
const ballotOf = ({ ballot: { round, node } }: Balloted) => [`${round} ${node}`];

interface Slots {
  readonly slot: number;
  readonly batches: readonly unknown[];
}
const slotsOf = ({ slot, batches }: Slots) => batches.map((_, nth) => slot + nth);
const decidedOf = ({ decided }: { readonly decided: number }) => decided;

interface Chunk {
  readonly transfer: { readonly source: string; readonly number: number };
  readonly last: boolean;
}
const chunkOf = (isLast: boolean) => (chunk: Chunk) =>
  chunk.last === isLast ? [`${chunk.transfer.source} ${chunk.transfer.number}`] : [];

export const paxosPhases: readonly Phase[] = [
  phase('candidate: canvasses', sent('canvass'), [received('endorse'), sent('prepare')]),
  phase('candidate: prepare out, no promise', sent('prepare', ballotOf), [
    received('promise', ballotOf),
    received('reject', ballotOf),
  ]),
  phase('candidate: a promise, not leading', received('promise', ballotOf), [
    sent('accept', ballotOf),
    sent('heartbeat', ballotOf),
    ...[received('reject', ballotOf), received('accept'), received('heartbeat')],
  ]),
  phase('leader: accept out, none accepted', sent('accept', slotsOf), [
    receivedUpTo('accepted', ({ upTo }) => upTo),
  ]),
  undurable('acceptor: promise not durable', 'promised'),
  undurable('acceptor: accepted, not durable', 'accepted'),
  phase(
    'acceptor: accepted, maybe chosen',
    persisted('accepted', ({ slot }) => [slot]),
    [
      persisted('learned', slotsOf),
      ...[receivedUpTo('accept', decidedOf), receivedUpTo('heartbeat', decidedOf)],
      ...[sentUpTo('accept', decidedOf), sentUpTo('heartbeat', decidedOf)],
    ],
  ),
  phase('learner: asks for what it missed', sent('fetch'), [received('learn'), received('chunk')]),
  phase('learner: a snapshot is coming', received('chunk', chunkOf(false)), [
    received('chunk', chunkOf(true)),
  ]),
  phase(
    'reader: asks from which slot',
    sent('read-index', ({ number }) => [number]),
    [received('read-at', ({ number }) => [number])],
  ),
];

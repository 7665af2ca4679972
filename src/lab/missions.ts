/**
 * Small tasks that teach: break this on purpose, and see what comes of it. Whether one is done is seen in the run, not in what
 * was typed. Each begins as a scenario in which nothing goes wrong.
 */
import type { Recording, RunKey } from './recording.js';
import { leadersIn, nodesUp, seenOperations, staleReadsIn, stateAtEnd } from './seen.js';

export interface Mission {
  readonly id: string;
  readonly title: string;
  readonly task: string;
  readonly start: RunKey;
  /** Opened one by one. */
  readonly hints: readonly [string, string];
  /** What it shows, for who has done it. */
  readonly lesson: string;
  /** `why`: what was seen, or what is missing yet. */
  isDone(recording: Recording): MissionVerdict;
}

export interface MissionVerdict {
  readonly done: boolean;
  readonly why: string;
}

const done = (why: string): MissionVerdict => ({ done: true, why });
const open = (why: string): MissionVerdict => ({ done: false, why });

const begin = (lines: readonly string[], bug: string | null = null): RunKey => ({
  ...{ scenario: `${lines.join('\n')}\n`, seed: 1, bug },
});

function staleRead(recording: Recording): MissionVerdict {
  const [read] = staleReadsIn(recording);
  if (read === undefined) return open('every read returned the newest value.');
  const { words, node, answer } = read;
  return done(`${words} at ${node} returned ${answer}, which had been overwritten.`);
}

const stale: Mission = {
  id: 'stale',
  title: 'Read the past',
  task: 'Make the last read return green, although red was written and acknowledged before.',
  start: begin([
    'cluster up --mode quorum -n 3 --read one --write one',
    'put colour green --level all',
    'put colour red --node n1',
    'wait 20ms',
    'get colour --node n2',
  ]),
  hints: [
    'At level one, n1 answers before n2 has heard of red. Look for the messages by which n2 hears of it.',
    'Lose every message from n1 to n2 after green is everywhere: cut the link n1→n2.',
  ],
  lesson:
    'One replica is enough to write and one to read, and they need not be the same. With R + W > N they would overlap.',
  isDone: staleRead,
};

const nobodyWrites: Mission = {
  id: 'nobody-writes',
  title: 'Nobody can write',
  task: 'Split the five nodes so that none of the five writes succeeds, with every node alive.',
  start: begin([
    'cluster up --mode paxos -n 5',
    'wait 1s',
    ...[1, 2, 3, 4, 5].map((nth) => `try put x ${nth} --node n${nth} --timeout 1s`),
  ]),
  hints: [
    'A value is chosen by a majority: three of five. How many parts must there be for none to have three?',
    'Cut the links so that there are three parts: n1 and n2, n3 and n4, and n5 alone. One line does it: fault partition n1,n2/n3,n4/n5.',
  ],
  lesson:
    'Two parts leave a majority in one of them; three need not. Every node is up, and the cluster is not available.',
  isDone(recording) {
    const writes = seenOperations(recording).filter(({ kind }) => kind === 'put');
    const succeeded = writes.filter(({ outcome }) => outcome === 'ok').length;
    const down = recording.nodes.length - nodesUp(recording).length;
    if (down > 0) return open('a node is down: this must be done with all of them alive.');
    if (writes.length < 5) return open('all five writes must be asked for.');
    if (succeeded > 0) return open(`${succeeded} of ${writes.length} writes succeeded.`);
    return done('no write succeeded, and all nodes are up.');
  },
};

const blocked: Mission = {
  id: 'blocked',
  title: 'Make two-phase commit block',
  task: 'Leave a worker in doubt: it has voted to commit, and nobody can tell it what was decided.',
  start: begin([
    'cluster up --mode 2pc -n 3',
    'put x 1',
    'try put x 2 --timeout 2s',
    'try get x --node n2 --timeout 1s',
    'wait 2s',
  ]),
  hints: [
    'n1 coordinates. Between its vote and the decision a worker may neither commit nor abort.',
    'Kill n1 once both have voted on the second put, and before its decision is on its way.',
  ],
  lesson:
    'A worker that has voted yes has given its word. Only the coordinator knows more, and while it is away everybody waits: two-phase commit is a blocking protocol.',
  isDone(recording) {
    const inDoubt = nodesUp(recording).filter(
      (node) => Number(stateAtEnd(recording, node, 'facts').get('in doubt') ?? 0) > 0,
    );
    const unanswered = seenOperations(recording).some(({ outcome }) => outcome !== 'ok');
    if (inDoubt.length === 0) return open('at the end no worker is in doubt.');
    if (!unanswered) return open('a worker is in doubt, but every client was answered.');
    return done(`in doubt at the end: ${inDoubt.join(', ')}; and a client was let down.`);
  },
};

const electTwice: Mission = {
  id: 'elect-twice',
  title: 'Make Paxos elect twice',
  task: 'Make a second node become the leader, and have the second write succeed all the same.',
  start: begin([
    'cluster up --mode paxos -n 3',
    'put x 1',
    'wait 2s',
    'try put x 2 --timeout 5s',
    'wait 1s',
  ]),
  hints: [
    'Who does not hear the leader’s heartbeats for a while stands for election.',
    'Pause, kill or isolate the leader (see its role) during the wait.',
  ],
  lesson:
    'A ballot is a number and a node: the new leader takes a greater one, asks a majority what they have accepted, and goes on from there.',
  isDone(recording) {
    const leaders = leadersIn(recording);
    const second = leaders.find((leader) => leader !== leaders[0]);
    if (second === undefined) return open(`only ${leaders[0] ?? 'nobody'} has led.`);
    const isWritten = seenOperations(recording).some(
      ({ written, outcome }) => written === '2' && outcome === 'ok',
    );
    if (!isWritten) return open(`${second} leads after ${leaders[0]}, but the write of 2 failed.`);
    return done(`${leaders[0]} led, then ${second}, and both writes succeeded.`);
  },
};

const lostWrite: Mission = {
  id: 'lost-write',
  title: 'Lose a write at level one',
  task: 'Have a write acknowledged that no living node has at the end.',
  start: begin([
    'cluster up --mode quorum -n 3 --read one --write one',
    'put colour red --node n1',
    'wait 50ms',
    'get colour --node n2',
  ]),
  hints: [
    'n1 answers as soon as it has the value itself. The others hear of it by two messages.',
    'Lose n1→n2 write and n1→n3 write, and kill n1 right after it has answered: soon it would compare what it has with the others.',
  ],
  lesson:
    'What one node alone has is as safe as that node. A write at level quorum is on a majority before anybody is told so.',
  isDone(recording) {
    const [write] = seenOperations(recording).filter(
      ({ kind, outcome }) => kind === 'put' && outcome === 'ok',
    );
    if (write?.written == null) return open('no write was acknowledged.');
    const { key, written } = write;
    const holders = nodesUp(recording).filter((node) =>
      stateAtEnd(recording, node, 'keys').get(key)?.startsWith(`${written} `),
    );
    if (holders.length > 0) return open(`${holders.join(', ')} still has ${written}.`);
    return done(`${write.words} was acknowledged, and no node that is up has it.`);
  },
};

const session: Mission = {
  id: 'session',
  title: 'Old news, and a session that refuses them',
  task: 'Make ann read the past at n2, and have ben, who is in a session, refused there instead.',
  start: begin([
    'cluster up --mode gossip -n 3',
    'put news 1 --node n1',
    'wait 2s',
    'client ann',
    'get news --node n2',
    'client ben --session ben',
    'get news --node n1',
    'try get news --node n2',
  ]),
  hints: [
    'Within two seconds gossip has told everybody. What if n2 hears nothing?',
    'Isolate n2 before the put reaches it, and leave it so.',
  ],
  lesson:
    'Gossip promises that all agree in the end, not when. A session remembers what it has seen, and would rather be refused than go back in time.',
  isDone(recording) {
    const isStale = staleReadsIn(recording).some((read) => !read.isInSession);
    const reads = seenOperations(recording).filter(({ kind }) => kind === 'get');
    const isRefused = reads.some((read) => read.isInSession && read.outcome === 'fail');
    if (!isStale) return open('nobody outside a session has read anything old.');
    if (!isRefused) return open('something old was read, but nobody in a session was refused.');
    return done('ann read the past, and ben was told that n2 is behind.');
  },
};

const ghost: Mission = {
  id: 'ghost',
  title: 'It failed, and it happened',
  task: 'Have a write fail for its client, and its value be read later.',
  start: begin([
    'cluster up --mode quorum -n 3',
    'try put x 1 --node n1 --timeout 500ms',
    'wait 500ms',
    'get x --node n2',
  ]),
  hints: [
    'Nothing is undone when an answer is lost. Which messages are answers?',
    'Cut n2→n1 and n3→n1: the writes arrive, and their acknowledgements do not.',
  ],
  lesson:
    'A time-out says nothing about what happened. That is why kvx calls such an operation neither done nor failed, but unknown.',
  isDone(recording) {
    const all = seenOperations(recording);
    const unknown = all.filter(({ kind, outcome }) => kind === 'put' && outcome === 'info');
    if (unknown.length === 0) return open('every write was answered.');
    const seen = all.find(
      ({ kind, read, key }) =>
        kind === 'get' && unknown.some((each) => each.key === key && each.written === read),
    );
    if (seen === undefined) return open('a write got no answer, but nobody has read its value.');
    return done(`a write of ${seen.read} got no answer, and ${seen.words} returned it.`);
  },
};

const deposed: Mission = {
  id: 'deposed',
  title: 'The leader who does not know',
  task: 'Have n1, no longer the leader, answer the last read with the old price.',
  start: begin([
    'cluster up --mode paxos -n 3 --priority n1,n2,n3',
    'wait 1s',
    'put price 100',
    'wait 10ms',
    'put price 120 --node n2 --timeout 10s',
    'wait 300ms',
    'get price --node n1 --level leader',
  ]),
  hints: [
    'At level leader n1 answers from memory while it takes itself for the leader. Let the others elect without its noticing.',
    'After price 100: isolate n1 and pause it. When 120 is written, resume n1; it still believes.',
  ],
  lesson:
    'A lease needs clocks, a proof needs a round of messages: a read at level linearizable asks a majority whether it still follows.',
  isDone(recording) {
    const leaders = leadersIn(recording);
    const verdict = staleRead(recording);
    if (!verdict.done || new Set(leaders).size > 1) return verdict;
    return open('something old was read, but nobody else has led.');
  },
};

const resurrected: Mission = {
  id: 'resurrected',
  title: 'Resurrect a deleted key',
  task: 'Bring the password back after it was deleted everywhere. (A bug is planted: tombstones go too early.)',
  start: begin(
    [
      'cluster up --mode quorum -n 3 -o graceMs=100 -o hintsMax=0',
      'put password secret --level all',
      'wait 10ms',
      'delete password --node n1',
      'wait 5s',
      'get password --node n2',
    ],
    'quorum-tombstone-early',
  ),
  hints: [
    'A node that misses the delete still holds the old value. What do the others hold once their tombstones are gone?',
    'Kill n3 before the delete, and restart it a second before the read.',
  ],
  lesson:
    'Absent and deleted are not the same. A tombstone must outlive every copy of what it buries.',
  isDone(recording) {
    const all = seenOperations(recording);
    const gone = all.find(({ kind, outcome }) => kind === 'delete' && outcome === 'ok');
    if (gone === undefined) return open('the password was not deleted.');
    const read = all.find(
      (each) => each.kind === 'get' && each.read !== null && each.invokedAt > gone.returnedAt,
    );
    if (read === undefined) return open('after the delete nobody has read the password.');
    return done(`deleted, and then ${read.words} at ${read.node} returned ${read.read}.`);
  },
};

const wrongClock: Mission = {
  id: 'wrong-clock',
  title: 'A clock undoes a write',
  task: 'Make the first write win over the second by a wrong clock. (A bug is planted: stamps are wall clocks.)',
  start: begin(
    [
      'cluster up --mode quorum -n 3',
      'put x 1 --node n1',
      'wait 20ms',
      'put x 2 --node n2',
      'wait 20ms',
      'get x',
    ],
    'quorum-wall-clock',
  ),
  hints: [
    'The last write wins: the one with the later stamp. Who stamps the second write?',
    'Before the second write, set the clock of n2 a minute back.',
  ],
  lesson:
    'Last write wins means last by some clock. A hybrid clock never falls behind what its node has seen, so that a later write has a later stamp.',
  isDone: staleRead,
};

export const missions: readonly Mission[] = [
  ...[stale, nobodyWrites, blocked, electTwice, lostWrite],
  ...[session, ghost, deposed, resurrected, wrongClock],
];

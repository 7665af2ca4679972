/** Coordinators that come and go: what was chosen stays chosen, gaps are filled, the highest in priority leads. */
import { describe, expect, test } from 'vitest';
import { get, put, valueRead } from '../testing/operations.js';
import { type Flight, PaxosCluster } from './testing/cluster.js';

const nodes = ['n1', 'n2', 'n3'];
const among =
  (...group: string[]) =>
  ({ from, to }: Flight) =>
    group.includes(from) && group.includes(to);
const isNot =
  (...types: string[]) =>
  ({ message }: Flight) =>
    !types.includes(message.type);

describe('agreement', () => {
  test('"if a proposal with value v is chosen, then every higher-numbered proposal that is chosen has value v" (Lamport 2001, P2)', () => {
    const cluster = PaxosCluster.elected({ nodes });
    expect(cluster.leaders).toEqual(['n3']);
    const slot = Number(cluster.fact('n3', 'applied')) + 1;
    // Accepted by n3 and n2, so chosen; but nobody hears of it before n3 is gone.
    cluster.request('n3', put('a', 'chosen'));
    cluster.deliverAll((flight) => flight.message.type === 'accept' && flight.to === 'n2');
    cluster.take(() => true);
    cluster.crash('n3');
    cluster.run(3000);
    expect(cluster.leaders).toEqual(['n2']);
    expect(cluster.chosen.get(slot)).toContain('n3/1/1');
    const read = cluster.request('n1', get('a'));
    cluster.run(100);
    expect(valueRead(read.result)).toBe('chosen');
  });

  test('what a minority accepted may be chosen or not, but only one of it: the deposed coordinator comes to the same', () => {
    const cluster = PaxosCluster.elected({ nodes });
    const slot = Number(cluster.fact('n3', 'applied')) + 1;
    // Only its own acceptor has it when n3 is cut off.
    const lost = cluster.request('n3', put('a', 'of n3'), { timeoutMs: 20_000 });
    cluster.take(() => true);
    cluster.run(2000, among('n1', 'n2'));
    expect(cluster.leaders.at(-1)).toBe('n2');
    const other = cluster.request('n2', put('a', 'of n2'));
    cluster.run(200, among('n1', 'n2'));
    expect(other.result?.type).toBe('done');
    expect(cluster.chosen.get(slot)).not.toContain('n3/1/1');
    // Back again, n3 leads, and what was lost is proposed anew: executed once, after the other.
    cluster.run(2000);
    expect(cluster.leaders).toEqual(['n3']);
    expect(lost.result?.type).toBe('done');
    const read = cluster.request('n1', get('a'));
    cluster.run(100);
    expect(valueRead(read.result)).toBe('of n3');
  });

  test('"fills the gap immediately by proposing, as commands 136 and 137, a special no-op command" (section 3)', () => {
    const cluster = PaxosCluster.elected({ nodes });
    const slot = Number(cluster.fact('n3', 'applied')) + 1;
    for (const name of ['a', 'b', 'c']) cluster.request('n3', put(name, 'x'), { timeoutMs: 400 });
    // Of three slots in flight, n2 gets the third alone.
    const accepts = cluster.flights.filter(
      ({ message, to }) => message.type === 'accept' && to === 'n2',
    );
    expect(accepts).toHaveLength(3);
    cluster.deliver(accepts[2] as Flight);
    cluster.take(() => true);
    cluster.crash('n3');
    cluster.run(3000);
    expect(cluster.chosen.get(slot)).toBe('n2: ');
    expect(cluster.chosen.get(slot + 1)).toBe('n2: ');
    expect(cluster.chosen.get(slot + 2)).toBe('n3: n3/1/3');
  });

  test('a node never leads the same ballot twice, whatever it forgets in a crash', () => {
    const cluster = PaxosCluster.elected({ nodes });
    const ballots = new Set<string>();
    cluster.onSend = ({ from, message }) => {
      if (message.type !== 'accept') return;
      for (let at = 0; at < message.batches.length; at++) {
        const { round } = message.ballot;
        const stamps = message.batches[at]?.commands.map(
          (each) => `${each.client}/${each.sequence}`,
        );
        ballots.add(`${from} ${round} ${message.slot + at}: ${stamps}`);
      }
    };
    for (let at = 0; at < 8; at++) {
      cluster.apply({ do: 'hold syncs', node: 'n3' });
      // The Accepts leave before its own record of them is on disk, and that record is lost.
      cluster.request('n3', put('a', String(at)), { timeoutMs: 300 });
      cluster.crash('n3');
      cluster.apply({ do: 'release syncs', node: 'n3' });
      cluster.run(100);
      cluster.start('n3');
      cluster.run(1500);
    }
    const slots = [...ballots].map((ballot) => ballot.split(':')[0]);
    expect(new Set(slots).size).toBe(slots.length);
  });

  test('"only a value that has been proposed may be chosen" (section 2.1)', () => {
    const cluster = PaxosCluster.elected({ nodes });
    for (let at = 0; at < 20; at++) cluster.request(nodes[at % 3] as string, put('a', String(at)));
    cluster.run(500);
    const stamps = [...cluster.chosen.values()].flatMap((batch) =>
      batch.split(': ')[1]?.split(' '),
    );
    const proposed = nodes.flatMap((node) => [1, 2, 3, 4, 5, 6, 7].map((at) => `${node}/1/${at}`));
    for (const stamp of stamps) if (stamp) expect(proposed).toContain(stamp);
    expect(new Set(stamps).size).toBe(21);
  });
});

describe('learning', () => {
  test('nobody executes a value before it is chosen, however long it has been accepted', () => {
    const five = ['n1', 'n2', 'n3', 'n4', 'n5'];
    const cluster = PaxosCluster.elected({ nodes: five });
    const before = cluster.fact('n4', 'applied');
    cluster.request('n5', put('a', 'x'), { timeoutMs: 300 });
    // Two of five accept it; heartbeats go on.
    const fewAccept = ({ message, to }: Flight) => message.type !== 'accept' || to === 'n4';
    cluster.run(400, fewAccept);
    expect(cluster.leaders).toEqual(['n5']);
    expect(five.map((id) => cluster.fact(id, 'applied'))).toEqual(Array(5).fill(before));
    // Others choose something else there.
    for (const id of ['n4', 'n5']) cluster.crash(id);
    cluster.run(3000);
    const write = cluster.request('n1', put('a', 'y'));
    cluster.run(100);
    expect(write.result?.type).toBe('done');
    for (const id of ['n4', 'n5']) cluster.start(id);
    cluster.run(2000);
    expect(new Set(five.map((id) => cluster.fact(id, 'applied'))).size).toBe(1);
  });

  test('a coordinator proposes nothing below what one of its promises knows, and does not wait for ever to learn it', () => {
    const cluster = new PaxosCluster({ nodes });
    cluster.startAll();
    const isPromiseOfN1 = ({ from, message }: Flight) =>
      from === 'n1' && message.type === 'promise';
    cluster.run(500, (flight) => !isPromiseOfN1(flight));
    const ballot = { round: 1, node: 'n3' };
    expect(cluster.fact('n3', 'ballot')).toBe('1.n3');
    const accepted: [] = [];
    // Nobody can teach these slots: whoever knew them is gone.
    const decided = 50;
    cluster.told('n3', 'n1', { type: 'promise', ballot, decided, part: 0, last: true, accepted });
    const before = cluster.fact('n3', 'applied');
    const write = cluster.request('n3', put('a', 'x'));
    cluster.run(400);
    expect(cluster.fact('n3', 'applied')).toBe(before);
    cluster.run(2000);
    expect(cluster.fact('n3', 'ballot')).not.toBe('1.n3');
    expect(write.result?.type).toBe('done');
  });

  test('a candidate that lacks what a promise knows learns it before it leads', () => {
    const cluster = PaxosCluster.elected({ nodes });
    // n3 was away, and its peers keep no promise of what they know to be chosen.
    cluster.crash('n3');
    cluster.runUntil(() => cluster.leaders.at(-1) === 'n2', 3000);
    for (let at = 0; at < 20; at++) {
      cluster.request('n2', put(`k${at}`, 'x'));
      cluster.run(5);
    }
    cluster.start('n3');
    cluster.run(300, ({ message }) => message.type !== 'learn' && message.type !== 'chunk');
    expect(cluster.view('n3').role).toBe('candidate');
    cluster.run(1000);
    expect(cluster.leaders).toEqual(['n3']);
    expect(cluster.view('n3').keyCount).toBe(20);
  });
});

describe('the coordinator', () => {
  test('is the live node of highest priority; a higher one that comes back takes over, and no client sees more than a wait', () => {
    const cluster = new PaxosCluster({ nodes, options: { priority: ['n2', 'n3'] } });
    cluster.startAll();
    const leads = (id: string) => {
      cluster.runUntil(() => cluster.leaders.at(-1) === id, 3000);
      const ticket = cluster.request('n1', put('a', id));
      cluster.runUntil(() => ticket.result !== null, 1000);
      expect(ticket.result?.type).toBe('done');
    };
    leads('n2');
    cluster.crash('n2');
    leads('n3');
    cluster.crash('n3');
    cluster.start('n2');
    leads('n2');
    cluster.start('n3');
    leads('n2');
    expect(cluster.leaders).toHaveLength(1);
  });

  test('a higher one takes over while clients write: every answer is `done`', () => {
    const cluster = PaxosCluster.elected({ nodes });
    cluster.crash('n3');
    cluster.runUntil(() => cluster.leaders.at(-1) === 'n2', 3000);
    cluster.start('n3');
    const tickets = [];
    for (let at = 0; at < 200; at++) {
      tickets.push(cluster.request(at % 2 === 0 ? 'n1' : 'n2', put(`k${at % 7}`, String(at))));
      cluster.run(5);
      // Nobody waits longer than it takes to send the command to the next coordinator.
      if (at >= 50) expect(tickets[at - 50]?.result?.type).toBe('done');
    }
    cluster.run(1500);
    expect(cluster.leaders).toEqual(['n3']);
    expect(new Set(tickets.map(({ result }) => result?.type))).toEqual(new Set(['done']));
  });

  test('one that can send but not hear resigns, and does not depose others for ever', () => {
    const cluster = PaxosCluster.elected({ nodes });
    const deaf = ({ to }: Flight) => to !== 'n3';
    cluster.run(3000, deaf);
    expect(cluster.leaders).toEqual(['n2']);
    const ballot = cluster.fact('n2', 'ballot');
    cluster.run(5000, deaf);
    expect(cluster.fact('n2', 'ballot')).toBe(ballot);
  });

  test('a node that can not hear the coordinator, while others can, does not disturb it', () => {
    const cluster = PaxosCluster.elected({ nodes });
    const ballot = cluster.fact('n3', 'ballot');
    cluster.run(5000, ({ from, to }) => !(from === 'n3' && to === 'n1'));
    expect(cluster.fact('n3', 'ballot')).toBe(ballot);
    expect(cluster.leaders).toEqual(['n3']);
  });

  test('one that was stopped for a while does not take itself for cut off, nor others for dead', () => {
    const cluster = PaxosCluster.elected({ nodes });
    const ballot = cluster.fact('n3', 'ballot');
    // Everybody is stopped: time goes on without a tick.
    for (const node of nodes) cluster.apply({ do: 'pause', node });
    cluster.wait(10_000);
    for (const node of nodes) cluster.apply({ do: 'resume', node });
    cluster.run(1000);
    expect(cluster.fact('n3', 'ballot')).toBe(ballot);
  });

  test('acceptors that mostly fail to answer: progress goes on, by retry, at any rate below 1', () => {
    const cluster = new PaxosCluster({ nodes, options: { failRate: 0.9 } });
    cluster.startAll();
    cluster.runUntil(() => cluster.leaders.length > 0, 10_000);
    const ticket = cluster.request('n1', put('a', 'x'), { timeoutMs: 60_000 });
    cluster.runUntil(() => ticket.result !== null, 10_000);
    expect(ticket.result?.type).toBe('done');
  });

  test('all nodes go down at once, majority included: nothing acknowledged is lost, and they go on by themselves', () => {
    const cluster = PaxosCluster.elected({ nodes });
    const ticket = cluster.request('n1', put('a', 'kept'));
    cluster.run(100);
    expect(ticket.result?.type).toBe('done');
    for (const node of nodes) cluster.crash(node);
    cluster.run(1000);
    cluster.startAll();
    cluster.runUntil(() => cluster.leaders.length > 0, 2000);
    const read = cluster.request('n2', get('a'));
    cluster.runUntil(() => read.result !== null, 500);
    expect(valueRead(read.result)).toBe('kept');
  });

  test('duels end: without heartbeats from anybody, two candidates do not depose each other for ever', () => {
    const cluster = new PaxosCluster({ nodes });
    cluster.startAll();
    cluster.run(3000, isNot('heartbeat', 'accept'));
    cluster.run(2000);
    expect(cluster.leaders).toHaveLength(1);
  });
});

/** Coordinators that come and go: what was chosen stays chosen, gaps are filled, the highest in priority leads. */
import { describe, expect, test } from 'vitest';
import { type Flight, get, put, textOf, World } from './testing/world.js';

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
    const world = World.elected({ nodes });
    expect(world.leaders.map(({ id }) => id)).toEqual(['n3']);
    const slot = Number(world.node('n3').fact('applied')) + 1;
    // Accepted by n3 and n2, so chosen; but nobody hears of it before n3 is gone.
    world.request('n3', put('a', 'chosen'));
    world.deliverAll((flight) => flight.message.type === 'accept' && flight.to === 'n2');
    world.flights = [];
    world.node('n3').crash();
    world.run(3000);
    expect(world.leaders.map(({ id }) => id)).toEqual(['n2']);
    expect(world.chosen.get(slot)).toContain('n3/1/1');
    const read = world.request('n1', get('a'));
    world.run(100);
    expect(textOf(read.result)).toBe('chosen');
  });

  test('what a minority accepted may be chosen or not, but only one of it: the deposed coordinator comes to the same', () => {
    const world = World.elected({ nodes });
    const slot = Number(world.node('n3').fact('applied')) + 1;
    // Only its own acceptor has it when n3 is cut off.
    const lost = world.request('n3', put('a', 'of n3'), { timeoutMs: 20_000 });
    world.flights = [];
    world.run(2000, among('n1', 'n2'));
    expect(world.leaders.at(-1)?.id).toBe('n2');
    const other = world.request('n2', put('a', 'of n2'));
    world.run(200, among('n1', 'n2'));
    expect(other.result?.type).toBe('done');
    expect(world.chosen.get(slot)).not.toContain('n3/1/1');
    // Back again, n3 leads, and what was lost is proposed anew: executed once, after the other.
    world.run(2000);
    expect(world.leaders.map(({ id }) => id)).toEqual(['n3']);
    expect(lost.result?.type).toBe('done');
    const read = world.request('n1', get('a'));
    world.run(100);
    expect(textOf(read.result)).toBe('of n3');
  });

  test('"fills the gap immediately by proposing, as commands 136 and 137, a special no-op command" (section 3)', () => {
    const world = World.elected({ nodes });
    const slot = Number(world.node('n3').fact('applied')) + 1;
    for (const name of ['a', 'b', 'c']) world.request('n3', put(name, 'x'), { timeoutMs: 400 });
    // Of three slots in flight, n2 gets the third alone.
    const accepts = world.flights.filter(
      ({ message, to }) => message.type === 'accept' && to === 'n2',
    );
    expect(accepts).toHaveLength(3);
    world.deliver(accepts[2] as Flight);
    world.flights = [];
    world.node('n3').crash();
    world.run(3000);
    expect(world.chosen.get(slot)).toBe('n2: ');
    expect(world.chosen.get(slot + 1)).toBe('n2: ');
    expect(world.chosen.get(slot + 2)).toBe('n3: n3/1/3');
  });

  test('a node never leads the same ballot twice, whatever it forgets in a crash', () => {
    const world = World.elected({ nodes });
    const ballots = new Set<string>();
    world.onSend = ({ from, message }) => {
      if (message.type !== 'accept') return;
      for (let at = 0; at < message.batches.length; at++) {
        const { round } = message.ballot;
        const stamps = message.batches[at]?.commands.map(
          (each) => `${each.client}/${each.sequence}`,
        );
        ballots.add(`${from} ${round} ${message.slot + at}: ${stamps}`);
      }
    };
    const n3 = world.node('n3');
    for (let at = 0; at < 8; at++) {
      n3.syncsAtOnce = false;
      // The Accepts leave before its own record of them is on disk, and that record is lost.
      world.request('n3', put('a', String(at)), { timeoutMs: 300 });
      n3.crash();
      n3.syncsAtOnce = true;
      world.run(100);
      n3.start();
      world.run(1500);
    }
    const slots = [...ballots].map((ballot) => ballot.split(':')[0]);
    expect(new Set(slots).size).toBe(slots.length);
  });

  test('"only a value that has been proposed may be chosen" (section 2.1)', () => {
    const world = World.elected({ nodes });
    for (let at = 0; at < 20; at++) world.request(nodes[at % 3] as string, put('a', String(at)));
    world.run(500);
    const stamps = [...world.chosen.values()].flatMap((batch) => batch.split(': ')[1]?.split(' '));
    const proposed = nodes.flatMap((node) => [1, 2, 3, 4, 5, 6, 7].map((at) => `${node}/1/${at}`));
    for (const stamp of stamps) if (stamp) expect(proposed).toContain(stamp);
    expect(new Set(stamps).size).toBe(21);
  });
});

describe('learning', () => {
  test('nobody executes a value before it is chosen, however long it has been accepted', () => {
    const five = ['n1', 'n2', 'n3', 'n4', 'n5'];
    const world = World.elected({ nodes: five });
    const before = world.node('n4').fact('applied');
    world.request('n5', put('a', 'x'), { timeoutMs: 300 });
    // Two of five accept it; heartbeats go on.
    const fewAccept = ({ message, to }: Flight) => message.type !== 'accept' || to === 'n4';
    world.run(400, fewAccept);
    expect(world.leaders.map(({ id }) => id)).toEqual(['n5']);
    expect(five.map((id) => world.node(id).fact('applied'))).toEqual(Array(5).fill(before));
    // Others choose something else there.
    for (const id of ['n4', 'n5']) world.node(id).crash();
    world.run(3000);
    const write = world.request('n1', put('a', 'y'));
    world.run(100);
    expect(write.result?.type).toBe('done');
    for (const id of ['n4', 'n5']) world.node(id).start();
    world.run(2000);
    expect(new Set(five.map((id) => world.node(id).fact('applied'))).size).toBe(1);
  });

  test('a coordinator proposes nothing below what one of its promises knows, and does not wait for ever to learn it', () => {
    const world = new World({ nodes });
    for (const node of world.nodes.values()) node.start();
    const isPromiseOfN1 = ({ from, message }: Flight) =>
      from === 'n1' && message.type === 'promise';
    world.run(500, (flight) => !isPromiseOfN1(flight));
    const ballot = { round: 1, node: 'n3' };
    expect(world.node('n3').fact('ballot')).toBe('1.n3');
    const accepted: [] = [];
    // Nobody can teach these slots: whoever knew them is gone.
    const decided = 50;
    world.tell('n3', 'n1', { type: 'promise', ballot, decided, part: 0, last: true, accepted });
    const before = world.node('n3').fact('applied');
    const write = world.request('n3', put('a', 'x'));
    world.run(400);
    expect(world.node('n3').fact('applied')).toBe(before);
    world.run(2000);
    expect(world.node('n3').fact('ballot')).not.toBe('1.n3');
    expect(write.result?.type).toBe('done');
  });

  test('a candidate that lacks what a promise knows learns it before it leads', () => {
    const world = World.elected({ nodes });
    // n3 was away, and its peers keep no promise of what they know to be chosen.
    world.node('n3').crash();
    world.runUntil(() => world.leaders.at(-1)?.id === 'n2', 3000);
    for (let at = 0; at < 20; at++) {
      world.request('n2', put(`k${at}`, 'x'));
      world.run(5);
    }
    world.node('n3').start();
    world.run(300, ({ message }) => message.type !== 'learn' && message.type !== 'chunk');
    expect(world.node('n3').replica.inspect().role).toBe('candidate');
    world.run(1000);
    expect(world.leaders.map(({ id }) => id)).toEqual(['n3']);
    expect(world.node('n3').replica.inspect().keyCount).toBe(20);
  });
});

describe('the coordinator', () => {
  test('is the live node of highest priority; a higher one that comes back takes over, and no client sees more than a wait', () => {
    const world = new World({ nodes, options: { priority: ['n2', 'n3'] } });
    for (const node of world.nodes.values()) node.start();
    const leads = (id: string) => {
      world.runUntil(() => world.leaders.at(-1)?.id === id, 3000);
      const ticket = world.request('n1', put('a', id));
      world.runUntil(() => ticket.result !== null, 1000);
      expect(ticket.result?.type).toBe('done');
    };
    leads('n2');
    world.node('n2').crash();
    leads('n3');
    world.node('n3').crash();
    world.node('n2').start();
    leads('n2');
    world.node('n3').start();
    leads('n2');
    expect(world.leaders).toHaveLength(1);
  });

  test('a higher one takes over while clients write: every answer is `done`', () => {
    const world = World.elected({ nodes });
    world.node('n3').crash();
    world.runUntil(() => world.leaders.at(-1)?.id === 'n2', 3000);
    world.node('n3').start();
    const tickets = [];
    for (let at = 0; at < 200; at++) {
      tickets.push(world.request(at % 2 === 0 ? 'n1' : 'n2', put(`k${at % 7}`, String(at))));
      world.run(5);
      // Nobody waits longer than it takes to send the command to the next coordinator.
      if (at >= 50) expect(tickets[at - 50]?.result?.type).toBe('done');
    }
    world.run(1500);
    expect(world.leaders.map(({ id }) => id)).toEqual(['n3']);
    expect(new Set(tickets.map(({ result }) => result?.type))).toEqual(new Set(['done']));
  });

  test('one that can send but not hear resigns, and does not depose others for ever', () => {
    const world = World.elected({ nodes });
    const deaf = ({ to }: Flight) => to !== 'n3';
    world.run(3000, deaf);
    expect(world.leaders.map(({ id }) => id)).toEqual(['n2']);
    const ballot = world.node('n2').fact('ballot');
    world.run(5000, deaf);
    expect(world.node('n2').fact('ballot')).toBe(ballot);
  });

  test('a node that can not hear the coordinator, while others can, does not disturb it', () => {
    const world = World.elected({ nodes });
    const ballot = world.node('n3').fact('ballot');
    world.run(5000, ({ from, to }) => !(from === 'n3' && to === 'n1'));
    expect(world.node('n3').fact('ballot')).toBe(ballot);
    expect(world.leaders.map(({ id }) => id)).toEqual(['n3']);
  });

  test('one that was stopped for a while does not take itself for cut off, nor others for dead', () => {
    const world = World.elected({ nodes });
    const ballot = world.node('n3').fact('ballot');
    // Everybody is stopped: time goes on without a tick.
    world.now += 10_000;
    world.run(1000);
    expect(world.node('n3').fact('ballot')).toBe(ballot);
  });

  test('acceptors that mostly fail to answer: progress goes on, by retry, at any rate below 1', () => {
    const world = new World({ nodes, options: { failRate: 0.9 } });
    for (const node of world.nodes.values()) node.start();
    world.runUntil(() => world.leaders.length > 0, 10_000);
    const ticket = world.request('n1', put('a', 'x'), { timeoutMs: 60_000 });
    world.runUntil(() => ticket.result !== null, 10_000);
    expect(ticket.result?.type).toBe('done');
  });

  test('all nodes go down at once, majority included: nothing acknowledged is lost, and they go on by themselves', () => {
    const world = World.elected({ nodes });
    const ticket = world.request('n1', put('a', 'kept'));
    world.run(100);
    expect(ticket.result?.type).toBe('done');
    for (const node of world.nodes.values()) node.crash();
    world.run(1000);
    for (const node of world.nodes.values()) node.start();
    world.runUntil(() => world.leaders.length > 0, 2000);
    const read = world.request('n2', get('a'));
    world.runUntil(() => read.result !== null, 500);
    expect(textOf(read.result)).toBe('kept');
  });

  test('duels end: without heartbeats from anybody, two candidates do not depose each other for ever', () => {
    const world = new World({ nodes });
    for (const node of world.nodes.values()) node.start();
    world.run(3000, isNot('heartbeat', 'accept'));
    world.run(2000);
    expect(world.leaders).toHaveLength(1);
  });
});

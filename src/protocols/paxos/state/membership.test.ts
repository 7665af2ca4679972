/** Nodes that come and go while the cluster works. */
import { describe, expect, test } from 'vitest';
import type { NodeId } from '../../../core/ids.js';
import { bounds } from '../options.js';
import { type Flight, get, put, type Ticket, textOf, World } from '../testing/world.js';
import { hasMajority, Membership } from './membership.js';

const nodes = ['n1', 'n2', 'n3'];

function change(world: World, kind: 'add' | 'remove', node: NodeId, via = 'n1'): Ticket {
  return world.request(via, { type: 'reconfigure', change: kind, node }, { timeoutMs: 10_000 });
}

function finish(world: World, ticket: Ticket): void {
  world.runUntil(() => ticket.result !== null, 5000);
  expect(ticket.result?.type).toBe('done');
}

function membersOf(world: World, node: NodeId): unknown {
  return world.node(node).fact('members');
}

describe('a membership', () => {
  const version = { stamp: 1, node: 'n1' };

  test('"the set of servers that execute instance i + α is specified by the state after the i-th command" (Lamport 2001, section 3)', () => {
    const membership = new Membership([{ from: 0, members: nodes }]);
    membership.change({ type: 'reconfigure', change: 'add', node: 'n4' }, 10, version);
    expect(membership.at(10 + bounds.alpha - 1)).toEqual(nodes);
    expect(membership.at(10 + bounds.alpha)).toEqual([...nodes, 'n4']);
  });

  test('one change at a time: until it is in force, another is refused, by all replicas alike', () => {
    const membership = new Membership([{ from: 0, members: nodes }]);
    const add = { type: 'reconfigure', change: 'add', node: 'n4' } as const;
    const remove = { type: 'reconfigure', change: 'remove', node: 'n1' } as const;
    expect(membership.change(add, 10, version)).toMatchObject({ type: 'done' });
    const conflict = { type: 'error', code: 'conflict', definite: true };
    expect(membership.change(remove, 11, version)).toMatchObject(conflict);
    expect(membership.change(remove, 10 + bounds.alpha - 1, version)).toMatchObject(conflict);
    expect(membership.change(remove, 10 + bounds.alpha, version)).toMatchObject({ type: 'done' });
  });

  test('"if a single server is added or removed, any majority of the old cluster overlaps with any majority of the new" (Ongaro, section 4.1)', () => {
    for (let size = 1; size <= 6; size++) {
      const old = Array.from({ length: size }, (_, at) => `n${at}`);
      const next = [...old, 'new'];
      for (let mask = 0; mask < 2 ** next.length; mask++) {
        const isIn = (node: NodeId) => ((mask >> next.indexOf(node)) & 1) === 1;
        const isOut = (node: NodeId) => !isIn(node);
        expect(hasMajority(old, isIn) && hasMajority(next, isOut)).toBe(false);
      }
    }
  });

  test('the last member stays, and what is so already is done', () => {
    const membership = new Membership([{ from: 0, members: ['n1'] }]);
    const remove = { type: 'reconfigure', change: 'remove', node: 'n1' } as const;
    expect(membership.change(remove, 1, version)).toMatchObject({ code: 'bad-request' });
    expect(membership.change({ ...remove, node: 'n9' }, 2, version)).toMatchObject({
      existed: false,
    });
    expect(membership.at(1000)).toEqual(['n1']);
  });
});

describe('a node that is added', () => {
  test('catches up first, then counts: with it, one more may fail', () => {
    const world = World.elected({ nodes: ['n1', 'n2'] });
    world.request('n1', put('a', 'x'));
    world.run(100);
    const ticket = change(world, 'add', 'n3');
    world.run(300);
    // It does not run yet: nothing changes, and the cluster goes on.
    expect(membersOf(world, 'n1')).toBe('n1,n2');
    world.add('n3').start();
    finish(world, ticket);
    expect(['n1', 'n2', 'n3'].map((node) => membersOf(world, node))).toEqual(
      Array(3).fill('n1,n2,n3'),
    );
    world.run(2000);
    expect(world.leaders.map(({ id }) => id)).toEqual(['n3']);
    world.node('n3').crash();
    world.run(2000);
    const read = world.request('n1', get('a'));
    world.run(500);
    expect(textOf(read.result)).toBe('x');
  });

  test('grows the cluster from one node to five, one by one', () => {
    const world = World.elected({ nodes: ['n1'] });
    for (const node of ['n2', 'n3', 'n4', 'n5']) {
      world.add(node).start();
      finish(world, change(world, 'add', node));
      const write = world.request(node, put('a', node));
      world.runUntil(() => write.result !== null, 5000);
      expect(write.result?.type).toBe('done');
    }
    world.run(1000);
    world.node('n4').crash();
    world.node('n5').crash();
    world.runUntil(() => world.leaders.at(-1)?.id === 'n3', 5000);
  });

  test('that takes its first members for granted learns better from the snapshot', () => {
    const world = new World({ nodes, options: { members: null } });
    for (const node of world.nodes.values()) node.start();
    world.run(1000);
    world.add('n4').start();
    world.run(1000);
    expect(world.leaders.map(({ id }) => id)).toEqual(['n3']);
    finish(world, change(world, 'add', 'n4'));
    expect(membersOf(world, 'n4')).toBe('n1,n2,n3,n4');
  });
});

describe('a node that is removed', () => {
  test('is not needed any more, and hears of it', () => {
    const world = World.elected({ nodes: [...nodes, 'n4'] });
    finish(world, change(world, 'remove', 'n1'));
    world.run(300);
    expect(world.node('n1').replica.inspect().role).toBe('learner');
    world.node('n1').crash();
    world.node('n2').crash();
    const write = world.request('n4', put('a', 'x'));
    world.run(500);
    expect(write.result?.type).toBe('done');
  });

  test('while it coordinates hands over without waiting to be missed', () => {
    const world = World.elected({ nodes });
    finish(world, change(world, 'remove', 'n3', 'n3'));
    const since = world.now;
    world.runUntil(() => world.leaders.at(-1)?.id === 'n2', 400);
    expect(world.now - since).toBeLessThanOrEqual(400);
    const write = world.request('n1', put('a', 'x'));
    world.run(200);
    expect(write.result?.type).toBe('done');
  });

  test('and is not told of it does not disturb those who stay', () => {
    const world = World.elected({ nodes });
    world.run(1000, ({ from, to }: Flight) => from !== 'n1' && to !== 'n1');
    const ticket = change(world, 'remove', 'n1', 'n3');
    world.runUntil(
      () => ticket.result !== null,
      5000,
      ({ from, to }) => from !== 'n1' && to !== 'n1',
    );
    const ballot = world.node('n3').fact('ballot');
    world.run(5000);
    expect(world.node('n3').fact('ballot')).toBe(ballot);
    expect(world.leaders.map(({ id }) => id)).toEqual(['n3']);
  });
});

describe('a change of members', () => {
  test('survives a crash of the coordinator after every message of it', () => {
    for (let stop = 0; stop < 60; stop++) {
      const world = World.elected({ nodes });
      world.add('n4').start();
      world.run(100);
      change(world, 'add', 'n4', 'n3');
      for (let at = 0; at < stop; at++) {
        if (world.flights.length === 0) world.run(1);
        else world.deliver(world.flights[0] as Flight);
      }
      world.flights = [];
      world.node('n3').crash();
      world.runUntil(() => world.leaders.length > 0, 5000);
      const again = change(world, 'add', 'n4', 'n2');
      finish(world, again);
      world.node('n3').start();
      world.run(2000);
      expect(world.members.map(({ id }) => id)).toEqual(['n1', 'n2', 'n3', 'n4']);
      expect(world.isQuiet()).toBe(true);
    }
  });

  test('is refused while another is under way', () => {
    const world = World.elected({ nodes });
    change(world, 'add', 'n9', 'n3');
    world.run(50);
    const second = change(world, 'remove', 'n1', 'n2');
    world.run(100);
    expect(second.result).toMatchObject({ type: 'error', code: 'conflict', definite: true });
  });
});

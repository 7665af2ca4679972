/** Nodes that come and go while the cluster works. */
import { describe, expect, test } from 'vitest';
import type { NodeId } from '../../../core/ids.js';
import type { Ticket } from '../../../sim/manual.js';
import { get, put, valueRead } from '../../testing/operations.js';
import { bounds } from '../options.js';
import { type Flight, PaxosCluster } from '../testing/cluster.js';
import { hasMajority, Membership } from './membership.js';

const nodes = ['n1', 'n2', 'n3'];

function change(cluster: PaxosCluster, kind: 'add' | 'remove', node: NodeId, via = 'n1'): Ticket {
  return cluster.request(via, { type: 'reconfigure', change: kind, node }, { timeoutMs: 10_000 });
}

function finish(cluster: PaxosCluster, ticket: Ticket): void {
  cluster.runUntil(() => ticket.result !== null, 5000);
  expect(ticket.result?.type).toBe('done');
}

function membersOf(cluster: PaxosCluster, node: NodeId): unknown {
  return cluster.fact(node, 'members');
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
    const cluster = PaxosCluster.elected({ nodes: ['n1', 'n2'] });
    cluster.request('n1', put('a', 'x'));
    cluster.run(100);
    const ticket = change(cluster, 'add', 'n3');
    cluster.run(300);
    // It does not run yet: nothing changes, and the cluster goes on.
    expect(membersOf(cluster, 'n1')).toBe('n1,n2');
    cluster.add('n3');
    finish(cluster, ticket);
    expect(['n1', 'n2', 'n3'].map((node) => membersOf(cluster, node))).toEqual(
      Array(3).fill('n1,n2,n3'),
    );
    cluster.run(2000);
    expect(cluster.leaders).toEqual(['n3']);
    cluster.crash('n3');
    cluster.run(2000);
    const read = cluster.request('n1', get('a'));
    cluster.run(500);
    expect(valueRead(read.result)).toBe('x');
  });

  test('grows the cluster from one node to five, one by one', () => {
    const cluster = PaxosCluster.elected({ nodes: ['n1'] });
    for (const node of ['n2', 'n3', 'n4', 'n5']) {
      cluster.add(node);
      finish(cluster, change(cluster, 'add', node));
      const write = cluster.request(node, put('a', node));
      cluster.runUntil(() => write.result !== null, 5000);
      expect(write.result?.type).toBe('done');
    }
    cluster.run(1000);
    cluster.crash('n4');
    cluster.crash('n5');
    cluster.runUntil(() => cluster.leaders.at(-1) === 'n3', 5000);
  });

  test('that takes its first members for granted learns better from the snapshot', () => {
    const cluster = new PaxosCluster({ nodes, options: { members: null } });
    cluster.startAll();
    cluster.run(1000);
    cluster.add('n4');
    cluster.run(1000);
    expect(cluster.leaders).toEqual(['n3']);
    finish(cluster, change(cluster, 'add', 'n4'));
    expect(membersOf(cluster, 'n4')).toBe('n1,n2,n3,n4');
  });
});

describe('a node that is removed', () => {
  test('is not needed any more, and hears of it', () => {
    const cluster = PaxosCluster.elected({ nodes: [...nodes, 'n4'] });
    finish(cluster, change(cluster, 'remove', 'n1'));
    cluster.run(300);
    expect(cluster.view('n1').role).toBe('learner');
    cluster.crash('n1');
    cluster.crash('n2');
    const write = cluster.request('n4', put('a', 'x'));
    cluster.run(500);
    expect(write.result?.type).toBe('done');
  });

  test('while it coordinates hands over without waiting to be missed', () => {
    const cluster = PaxosCluster.elected({ nodes });
    finish(cluster, change(cluster, 'remove', 'n3', 'n3'));
    const since = cluster.now;
    cluster.runUntil(() => cluster.leaders.at(-1) === 'n2', 400);
    expect(cluster.now - since).toBeLessThanOrEqual(400);
    const write = cluster.request('n1', put('a', 'x'));
    cluster.run(200);
    expect(write.result?.type).toBe('done');
  });

  test('goes when those who stay know what was decided with its vote, also when it is asked again', () => {
    const cluster = PaxosCluster.elected({ nodes });
    const isBehind = ({ to, message }: Flight) => to !== 'n2' || message.type === 'heartbeat';
    const session = { client: 'operator', sequence: 1, acknowledged: 0 };
    const remove = { type: 'reconfigure', change: 'remove', node: 'n1' } as const;
    const more = { session, timeoutMs: 10_000 };
    const write = cluster.request('n3', put('a', 'x'));
    const tickets = [cluster.request('n3', remove, more)];
    cluster.runUntil(() => membersOf(cluster, 'n3') === 'n2,n3', 2000, isBehind);
    tickets.push(cluster.request('n3', remove, more));
    cluster.run(200, isBehind);
    expect(write.result?.type).toBe('done');
    expect(cluster.held('n2', 'a')).toBeUndefined();
    expect(tickets.map(({ result }) => result)).toEqual([null, null]);
    cluster.runUntil(() => tickets.every(({ result }) => result?.type === 'done'), 5000);
    expect(cluster.held('n2', 'a')).toBeDefined();
  });

  test('and is not told of it does not disturb those who stay', () => {
    const cluster = PaxosCluster.elected({ nodes });
    cluster.run(1000, ({ from, to }: Flight) => from !== 'n1' && to !== 'n1');
    const ticket = change(cluster, 'remove', 'n1', 'n3');
    cluster.runUntil(
      () => ticket.result !== null,
      5000,
      ({ from, to }) => from !== 'n1' && to !== 'n1',
    );
    const ballot = cluster.fact('n3', 'ballot');
    cluster.run(5000);
    expect(cluster.fact('n3', 'ballot')).toBe(ballot);
    expect(cluster.leaders).toEqual(['n3']);
  });
});

describe('a change of members', () => {
  test('survives a crash of the coordinator after every message of it', () => {
    for (let stop = 0; stop < 60; stop++) {
      const cluster = PaxosCluster.elected({ nodes });
      cluster.add('n4');
      cluster.run(100);
      change(cluster, 'add', 'n4', 'n3');
      for (let at = 0; at < stop; at++) {
        if (cluster.flights.length === 0) cluster.run(1);
        else cluster.deliver(cluster.flights[0] as Flight);
      }
      cluster.take(() => true);
      cluster.crash('n3');
      cluster.runUntil(() => cluster.leaders.length > 0, 5000);
      const again = change(cluster, 'add', 'n4', 'n2');
      finish(cluster, again);
      cluster.start('n3');
      cluster.run(2000);
      expect(cluster.members).toEqual(['n1', 'n2', 'n3', 'n4']);
      expect(cluster.isQuiet).toBe(true);
    }
  });

  test('that is chosen and not in force lets the newcomer lead, which does not step down again', () => {
    const cluster = PaxosCluster.elected({ nodes });
    cluster.add('n4');
    cluster.run(100);
    change(cluster, 'add', 'n4', 'n3');
    const isNoOp = ({ message }: Flight): boolean =>
      message.type === 'accept' && message.batches.every(({ commands }) => commands.length === 0);
    const hasExecuted = (): boolean =>
      cluster.view('n4').unsettled().join().includes('in force from');
    cluster.runUntil(hasExecuted, 2000, (flight) => !isNoOp(flight));
    cluster.crash('n3');
    let abdications = 0;
    cluster.onSend = ({ to, message }) => {
      if (to === 'n1' && message.type === 'abdicate') abdications++;
    };
    cluster.run(2000, ({ from, message }) => message.type !== 'canvass' || from === 'n4');
    expect(abdications).toBe(0);
    expect(cluster.leaders).toEqual(['n4']);
    expect(membersOf(cluster, 'n4')).toBe('n1,n2,n3,n4');
  });

  test('is refused while another is under way', () => {
    const cluster = PaxosCluster.elected({ nodes });
    change(cluster, 'add', 'n9', 'n3');
    cluster.run(50);
    const second = change(cluster, 'remove', 'n1', 'n2');
    cluster.run(100);
    expect(second.result).toMatchObject({ type: 'error', code: 'conflict', definite: true });
  });
});

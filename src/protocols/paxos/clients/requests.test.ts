/** What clients are told, and that they are told once. */
import { describe, expect, test } from 'vitest';
import { heapHeld } from '../../../core/testing/heap.js';
import { TestContext } from '../../testing/context.js';
import { get, key, put, valueRead } from '../../testing/operations.js';
import type { Paxos } from '../messages.js';
import { parsePaxosOptions } from '../options.js';
import { PaxosReplica } from '../replica.js';
import { PaxosCluster } from '../testing/cluster.js';

const nodes = ['n1', 'n2', 'n3'];

describe('a command', () => {
  test('at a follower is forwarded, and answered when the follower has executed it', () => {
    const cluster = PaxosCluster.elected({ nodes });
    const ticket = cluster.request('n1', put('a', 'x'));
    cluster.run(20);
    expect(ticket.result).toMatchObject({ type: 'done', existed: false, version: { node: 'n3' } });
  });

  test('is answered once a majority has it durably, also before the node that answers has', () => {
    for (const node of ['n1', 'n3']) {
      const cluster = PaxosCluster.elected({ nodes });
      cluster.apply({ do: 'hold syncs', node });
      const ticket = cluster.request(node, put('a', 'x'));
      cluster.run(20, ({ to }) => to !== 'n2');
      // n1 and n3 have accepted, but only one of them durably.
      expect(ticket.result).toBeNull();
      cluster.run(20);
      expect(ticket.result).toMatchObject({ type: 'done' });
      // What it had on disk is less than what it told; it learns it again.
      cluster.crash(node, 'lost');
      cluster.apply({ do: 'release syncs', node });
      cluster.start(node);
      cluster.run(2000);
      const read = cluster.request(node, get('a'));
      cluster.run(100);
      expect(valueRead(read.result)).toBe('x');
    }
  });

  test('that never left the node is unavailable, and definite', () => {
    const cluster = new PaxosCluster({ nodes });
    cluster.start('n1');
    const ticket = cluster.request('n1', put('a', 'x'));
    cluster.run(5000);
    expect(ticket.result).toMatchObject({ type: 'error', code: 'unavailable', definite: true });
  });

  test('that may be in somebody’s log times out, and is not definite: it may be executed yet', () => {
    const cluster = PaxosCluster.elected({ nodes });
    const tickets = ['n1', 'n3'].map((node) =>
      cluster.request(node, put(`of ${node}`, 'x'), { timeoutMs: 200 }),
    );
    // The forwarded one is lost on the way; the other is in the coordinator's own log.
    cluster.run(400, () => false);
    for (const { result } of tickets) {
      expect(result).toMatchObject({ type: 'error', code: 'timeout', definite: false });
    }
    cluster.run(2000);
    const view = cluster.view('n1');
    expect([...view.entries()].map((entry) => entry.key)).toEqual([key('of n3')]);
  });

  test('sent again under the same stamp is executed once, through whichever node it comes', () => {
    const cluster = PaxosCluster.elected({ nodes });
    const insert = { type: 'insert', key: key('a'), value: new Uint8Array(1) } as const;
    const session = { client: 'c', sequence: 1 };
    const tickets = ['n1', 'n1', 'n2', 'n3', 'n3'].map((node) =>
      cluster.request(node, insert, { session }),
    );
    cluster.run(100);
    tickets.push(cluster.request('n2', insert, { session }));
    cluster.run(100);
    const results = tickets.map(({ result }) => JSON.stringify(result));
    expect(tickets[0]?.result).toMatchObject({ type: 'done' });
    expect(new Set(results).size).toBe(1);
  });

  test('is sent again when the coordinator changes, and is executed once', () => {
    const cluster = PaxosCluster.elected({ nodes });
    const tickets = [];
    for (let at = 0; at < 30; at++) {
      const insert = { type: 'insert', key: key(`k${at}`), value: new Uint8Array(1) } as const;
      tickets.push(cluster.request(at % 2 === 0 ? 'n1' : 'n2', insert));
      if (at === 10) cluster.crash('n3');
      cluster.run(40);
    }
    cluster.run(2000);
    expect(new Set(tickets.map(({ result }) => result?.type))).toEqual(new Set(['done']));
  });

  test('of a node that has restarted is not taken for one of its earlier commands', () => {
    const cluster = PaxosCluster.elected({ nodes });
    for (const value of ['x', 'y', 'z']) {
      const ticket = cluster.request('n1', put('a', value));
      cluster.run(100);
      expect(ticket.result?.type).toBe('done');
      cluster.crash('n1');
      cluster.start('n1');
      cluster.run(100);
      const read = cluster.request('n1', get('a'));
      cluster.run(100);
      expect(valueRead(read.result)).toBe(value);
    }
  });

  test('that was answered while nobody coordinated is forgotten', () => {
    const replica = new PaxosReplica({ self: 'n1', nodes, options: parsePaxosOptions({}) });
    const ctx = new TestContext<Paxos>();
    replica.onStart(ctx, null);
    const request = { level: null, session: null, floor: null, timeoutMs: 1000 };
    const before = heapHeld();
    for (let id = 1; id <= 20_000; id++) {
      replica.onRequest({ ...request, id, operation: put('a', 'x'.repeat(50)) }, ctx);
      if (id % 2000 > 0) continue;
      replica.onTurnEnd(ctx);
      ctx.now += 3000;
      replica.onTimer('tick', ctx);
    }
    expect(ctx.replies).toHaveLength(20_000);
    expect(replica.requests.count).toBe(0);
    expect(heapHeld() - before).toBeLessThan(6);
  });

  test('one too many is refused as overloaded, and definite', () => {
    // More than a node lets a replica have under way.
    const replica = new PaxosReplica({ self: 'n1', nodes, options: parsePaxosOptions({}) });
    const ctx = new TestContext<Paxos>();
    replica.onStart(ctx, null);
    const request = { operation: put('a', 'x'), level: null, session: null, floor: null };
    for (let id = 1; id <= 16_385; id++)
      replica.onRequest({ ...request, id, timeoutMs: 1000 }, ctx);
    const results = ctx.replies.map(({ result }) => result);
    expect(results).toMatchObject([{ type: 'error', code: 'overloaded', definite: true }]);
  });
});

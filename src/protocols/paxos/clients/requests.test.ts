/** What clients are told, and that they are told once. */
import { describe, expect, test } from 'vitest';
import { get, key, put, textOf, World } from '../testing/world.js';

const nodes = ['n1', 'n2', 'n3'];

describe('a command', () => {
  test('at a follower is forwarded, and answered when the follower has executed it', () => {
    const world = World.elected({ nodes });
    const ticket = world.request('n1', put('a', 'x'));
    world.run(20);
    expect(ticket.result).toMatchObject({ type: 'done', existed: false, version: { node: 'n3' } });
  });

  test('that never left the node is unavailable, and definite', () => {
    const world = new World({ nodes });
    world.node('n1').start();
    const ticket = world.request('n1', put('a', 'x'));
    world.run(5000);
    expect(ticket.result).toMatchObject({ type: 'error', code: 'unavailable', definite: true });
  });

  test('that may be in somebody’s log times out, and is not definite: it may be executed yet', () => {
    const world = World.elected({ nodes });
    const tickets = ['n1', 'n3'].map((node) =>
      world.request(node, put(`of ${node}`, 'x'), { timeoutMs: 200 }),
    );
    // The forwarded one is lost on the way; the other is in the coordinator's own log.
    world.run(400, () => false);
    for (const { result } of tickets) {
      expect(result).toMatchObject({ type: 'error', code: 'timeout', definite: false });
    }
    world.run(2000);
    const view = world.node('n1').replica.inspect();
    expect([...view.entries()].map((entry) => entry.key)).toEqual([key('of n3')]);
  });

  test('sent again under the same stamp is executed once, through whichever node it comes', () => {
    const world = World.elected({ nodes });
    const insert = { type: 'insert', key: key('a'), value: new Uint8Array(1) } as const;
    const session = { client: 'c', sequence: 1 };
    const tickets = ['n1', 'n1', 'n2', 'n3', 'n3'].map((node) =>
      world.request(node, insert, { session }),
    );
    world.run(100);
    tickets.push(world.request('n2', insert, { session }));
    world.run(100);
    const results = tickets.map(({ result }) => JSON.stringify(result));
    expect(tickets[0]?.result).toMatchObject({ type: 'done' });
    expect(new Set(results).size).toBe(1);
  });

  test('is sent again when the coordinator changes, and is executed once', () => {
    const world = World.elected({ nodes });
    const tickets = [];
    for (let at = 0; at < 30; at++) {
      const insert = { type: 'insert', key: key(`k${at}`), value: new Uint8Array(1) } as const;
      tickets.push(world.request(at % 2 === 0 ? 'n1' : 'n2', insert));
      if (at === 10) world.node('n3').crash();
      world.run(40);
    }
    world.run(2000);
    expect(new Set(tickets.map(({ result }) => result?.type))).toEqual(new Set(['done']));
  });

  test('of a node that has restarted is not taken for one of its earlier commands', () => {
    const world = World.elected({ nodes });
    for (const value of ['x', 'y', 'z']) {
      const ticket = world.request('n1', put('a', value));
      world.run(100);
      expect(ticket.result?.type).toBe('done');
      world.node('n1').crash();
      world.node('n1').start();
      world.run(100);
      const read = world.request('n1', get('a'));
      world.run(100);
      expect(textOf(read.result)).toBe(value);
    }
  });

  test('too large for a message is refused at once', () => {
    const world = World.elected({ nodes });
    const value = new Uint8Array(1024 * 1024);
    const steps = ['a', 'b', 'c'].map((name) => ({ type: 'put', key: key(name), value }) as const);
    const ticket = world.request('n1', { type: 'txn', steps });
    expect(ticket.result).toMatchObject({ type: 'error', code: 'bad-request', definite: true });
  });

  test('one too many is refused as overloaded, and definite', () => {
    const world = World.elected({ nodes });
    world.run(3000, () => false);
    const node = world.node('n1');
    const results: unknown[] = [];
    node.turn((ctx) => {
      ctx.reply = (_, result) => results.push(result);
      for (let id = 1; id <= 16_385; id++) {
        const request = {
          id,
          operation: put('a', 'x'),
          level: null,
          session: null,
          floor: null,
          timeoutMs: 1000,
        };
        node.replica.onRequest(request, ctx);
      }
    });
    expect(results).toMatchObject([{ type: 'error', code: 'overloaded', definite: true }]);
  });
});

describe('tune', () => {
  test('sets the fail rate of the node asked, until it restarts', () => {
    const world = World.elected({ nodes });
    const tune = (value: number) =>
      world.request('n1', { type: 'tune', setting: 'fail-rate', value }).result;
    expect(tune(0.25)).toMatchObject({ type: 'done' });
    expect(world.node('n1').fact('fail rate')).toBe(0.25);
    for (const wrong of [1, -0.1, Number.NaN]) {
      expect(tune(wrong)).toMatchObject({ type: 'error', code: 'bad-request', definite: true });
    }
    world.node('n1').crash();
    world.node('n1').start();
    expect(world.node('n1').fact('fail rate')).toBe(0);
  });
});

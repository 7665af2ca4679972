/** Nodes that were away: by log, by snapshot, through crashes in the middle; and recovery from a fuzzy snapshot. */
import { describe, expect, test } from 'vitest';
import { keyFromText } from '../../../core/key.js';
import { bounds } from '../options.js';
import { type Flight, get, put, textOf, World } from '../testing/world.js';

const nodes = ['n1', 'n2', 'n3'];

/** `slots` writes while n1 is away. Values are large enough that the log is truncated, and snapshots take chunks. */
function without(world: World, slots: number, valueBytes = 10): void {
  world.node('n1').crash();
  const value = 'x'.repeat(valueBytes);
  for (let at = 0; at < slots; at++) {
    world.request('n3', put(`k${at % 300}`, `${at} ${value}`));
    world.deliverAll();
  }
  world.run(600);
}

function expectSame(world: World): void {
  const applied = nodes.map((id) => world.node(id).fact('applied'));
  expect(new Set(applied).size).toBe(1);
  const stores = nodes.map((id) => {
    const entries = [...world.node(id).replica.inspect().entries()];
    return entries.map(({ key, version }) => `${key} ${version.stamp}`).sort();
  });
  expect(stores[0]).toEqual(stores[2]);
}

function countSent(world: World): Map<string, number> {
  const counts = new Map<string, number>();
  world.onSend = ({ message: { type } }) => counts.set(type, (counts.get(type) ?? 0) + 1);
  return counts;
}

describe('a node that was down', () => {
  test('for a short time catches up from the log', () => {
    const world = World.elected({ nodes });
    without(world, 50);
    const sent = countSent(world);
    world.node('n1').start();
    world.run(1000);
    expectSame(world);
    expect(sent.get('learn')).toBeGreaterThan(0);
    expect(sent.get('chunk')).toBeUndefined();
  });

  test('for long gets a snapshot, chunk by chunk, then the log', () => {
    const world = World.elected({ nodes });
    without(world, 700, 4000);
    expect(world.node('n3').fact('log slots')).toBeLessThanOrEqual(bounds.keptSlots);
    const sent = countSent(world);
    world.node('n1').start();
    world.run(1000);
    expectSame(world);
    expect(sent.get('chunk')).toBeGreaterThan(3);
    // It can go on without the others' help after a crash.
    world.node('n1').crash();
    world.node('n1').start();
    expect(world.node('n1').fact('applied')).toBe(world.node('n3').fact('applied'));
  });

  test('goes on with the next chunk when chunks are lost, and after a crash of its own', () => {
    const world = World.elected({ nodes });
    without(world, 700, 4000);
    const indexes: number[] = [];
    world.onSend = ({ message }) => {
      if (message.type === 'chunk') indexes.push(message.index);
    };
    const n1 = world.node('n1');
    n1.start();
    let seen = 0;
    const lossy = ({ message }: Flight) => message.type !== 'chunk' || ++seen % 2 === 0;
    world.runUntil(() => indexes.includes(2), 5000, lossy);
    n1.crash();
    n1.start();
    world.run(2000);
    expectSame(world);
    expect(indexes.filter((index) => index === 0).length).toBeLessThanOrEqual(2);
  });

  test('takes a snapshot while the others go on writing', () => {
    const world = World.elected({ nodes });
    without(world, 400, 4000);
    world.node('n1').start();
    for (let at = 0; at < 300; at++) {
      world.request('n3', put(`k${at % 300}`, `again ${at}`));
      world.run(5);
    }
    world.run(1000);
    expectSame(world);
  });

  test('answers a client whose command came back to it in a snapshot', () => {
    const world = World.elected({ nodes });
    without(world, 300);
    world.node('n1').start();
    world.run(1000);
    const isToN1 = ({ to, message }: Flight) => to === 'n1' && message.type !== 'heartbeat';
    const ticket = world.request('n1', put('mine', 'x'));
    world.deliverAll((flight) => !isToN1(flight));
    world.flights = [];
    expect(ticket.result).toBeNull();
    for (let at = 0; at < 200; at++) {
      world.request('n2', put('other', 'x'.repeat(50)));
      world.run(1, (flight) => !isToN1(flight));
    }
    // Hearing heartbeats, but nothing else, for longer than the log is kept.
    world.run(3000);
    expect(ticket.result?.type).toBe('done');
    expectSame(world);
  });
});

describe('recovery from a snapshot that was drawn while the node worked', () => {
  test('leads to the same state wherever the snapshot began and however slowly it was drawn', () => {
    for (let seed = 1; seed <= 12; seed++) {
      const world = World.elected({ nodes, seed });
      const n2 = world.node('n2');
      for (let at = 0; at < 120; at++) {
        if (world.random.chance(0.1) && !n2.isDrawing) n2.beginSnapshot();
        const operation =
          at % 3 === 0
            ? ({
                type: 'insert',
                key: keyFromText(`k${at % 20}`),
                value: new Uint8Array(9000),
              } as const)
            : at % 7 === 0
              ? ({ type: 'delete', key: keyFromText(`k${at % 20}`) } as const)
              : put(`k${at % 20}`, `${at}`.repeat(3000));
        world.request('n1', operation);
        world.run(3);
        n2.drawSnapshot(1);
        if (!world.random.chance(0.05)) continue;
        // The world compares the state after each slot that it executes again.
        n2.crash();
        n2.start();
        world.run(200);
      }
      world.run(500);
      expectSame(world);
    }
  });

  test('remembers its promise and what it accepted, although the log before the snapshot is gone', () => {
    const world = World.elected({ nodes });
    const n2 = world.node('n2');
    const ticket = world.request('n3', put('a', 'x'));
    world.deliverAll(({ message, to }) => message.type === 'accept' && to === 'n2');
    world.flights = [];
    n2.beginSnapshot();
    expect(n2.drawSnapshot()).toBe(true);
    expect(n2.records.map(({ type }) => type)).toEqual([
      'state',
      'items',
      'started',
      'promised',
      'accepted',
    ]);
    n2.crash();
    world.node('n3').crash();
    n2.start();
    world.run(3000);
    const read = world.request('n1', get('a'));
    world.run(100);
    expect(textOf(read.result)).toBe('x');
    expect(ticket.result).toBeNull();
  });
});

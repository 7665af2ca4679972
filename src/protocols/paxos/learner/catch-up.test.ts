/** Nodes that were away: by log, by snapshot, through crashes in the middle; and recovery from a fuzzy snapshot. */
import { describe, expect, test } from 'vitest';
import { keyFromText } from '../../../core/key.js';
import { Process } from '../../../sim/process.js';
import { get, put, valueRead } from '../../testing/operations.js';
import { bounds } from '../options.js';
import { type Flight, PaxosCluster } from '../testing/cluster.js';

const nodes = ['n1', 'n2', 'n3'];

/** `slots` writes while n1 is away. Values are large enough that the log is truncated, and snapshots take chunks. */
function without(cluster: PaxosCluster, slots: number, valueBytes = 10): void {
  cluster.crash('n1');
  const value = 'x'.repeat(valueBytes);
  for (let at = 0; at < slots; at++) {
    cluster.request('n3', put(`k${at % 300}`, `${at} ${value}`));
    cluster.deliverAll();
  }
  cluster.run(600);
}

function expectSame(cluster: PaxosCluster): void {
  const applied = nodes.map((id) => cluster.fact(id, 'applied'));
  expect(new Set(applied).size).toBe(1);
  const stores = nodes.map((id) => {
    const entries = [...cluster.view(id).entries()];
    return entries.map(({ key, version }) => `${key} ${version.stamp}`).sort();
  });
  expect(stores[0]).toEqual(stores[2]);
}

function countSent(cluster: PaxosCluster): Map<string, number> {
  const counts = new Map<string, number>();
  cluster.onSend = ({ message: { type } }) => counts.set(type, (counts.get(type) ?? 0) + 1);
  return counts;
}

describe('a node that was down', () => {
  test('for a short time catches up from the log', () => {
    const cluster = PaxosCluster.elected({ nodes });
    without(cluster, 50);
    const sent = countSent(cluster);
    cluster.start('n1');
    cluster.run(1000);
    expectSame(cluster);
    expect(sent.get('learn')).toBeGreaterThan(0);
    expect(sent.get('chunk')).toBeUndefined();
  });

  test('gets the log for as long as that is less than the state', () => {
    const cluster = PaxosCluster.elected({ nodes });
    for (let at = 0; at < 40; at++) {
      cluster.request('n3', put(`large ${at}`, 'x'.repeat(4000)));
      cluster.deliverAll();
    }
    cluster.run(600);
    without(cluster, 2 * bounds.keptSlots);
    const sent = countSent(cluster);
    cluster.start('n1');
    cluster.run(1000);
    expectSame(cluster);
    expect(sent.get('learn')).toBeGreaterThan(0);
    expect(sent.get('chunk')).toBeUndefined();
  });

  test('for long gets a snapshot, chunk by chunk, then the log', () => {
    const cluster = PaxosCluster.elected({ nodes });
    without(cluster, 700, 4000);
    expect(cluster.fact('n3', 'log bytes')).toBeLessThan(bounds.keptBytesForAbsent);
    const sent = countSent(cluster);
    cluster.start('n1');
    const view = cluster.view('n1');
    cluster.run(1000);
    expectSame(cluster);
    expect(sent.get('chunk')).toBeGreaterThan(3);
    // A node keeps its view: it may not be of the state that was replaced, nor keep that in memory.
    expect([...view.entries()].length).toBe(cluster.view('n3').keyCount);
    // It can go on without the others' help after a crash.
    cluster.crash('n1');
    cluster.start('n1');
    expect(cluster.fact('n1', 'applied')).toBe(cluster.fact('n3', 'applied'));
  });

  test('goes on with the next chunk when chunks are lost, and after a crash of its own', () => {
    const cluster = PaxosCluster.elected({ nodes });
    without(cluster, 700, 4000);
    const indexes: number[] = [];
    cluster.onSend = ({ message }) => {
      if (message.type === 'chunk') indexes.push(message.index);
    };
    cluster.start('n1');
    let seen = 0;
    const lossy = ({ message }: Flight) => message.type !== 'chunk' || ++seen % 2 === 0;
    cluster.runUntil(() => indexes.includes(2), 5000, lossy);
    cluster.restart('n1');
    cluster.run(2000);
    expectSame(cluster);
    expect(indexes.filter((index) => index === 0).length).toBeLessThanOrEqual(2);
  });

  test('takes a snapshot while the others go on writing', () => {
    const cluster = PaxosCluster.elected({ nodes });
    without(cluster, 400, 4000);
    cluster.start('n1');
    for (let at = 0; at < 300; at++) {
      cluster.request('n3', put(`k${at % 300}`, `again ${at}`));
      cluster.run(5);
    }
    cluster.run(1000);
    expectSame(cluster);
  });

  test('answers a client whose command came back to it in a snapshot', () => {
    const cluster = PaxosCluster.elected({ nodes });
    without(cluster, 300);
    cluster.start('n1');
    cluster.run(1000);
    const isToN1 = ({ to, message }: Flight) => to === 'n1' && message.type !== 'heartbeat';
    const ticket = cluster.request('n1', put('mine', 'x'));
    cluster.deliverAll((flight) => !isToN1(flight));
    cluster.take(() => true);
    expect(ticket.result).toBeNull();
    for (let at = 0; at < 200; at++) {
      cluster.request('n2', put('other', 'x'.repeat(50)));
      cluster.run(1, (flight) => !isToN1(flight));
    }
    // Hearing heartbeats, but nothing else, for longer than the log is kept.
    cluster.run(3000);
    expect(ticket.result?.type).toBe('done');
    expectSame(cluster);
  });
});

describe('recovery from a snapshot that was drawn while the node worked', () => {
  test('leads to the same state wherever the snapshot began and however slowly it was drawn', () => {
    for (let seed = 1; seed <= 12; seed++) {
      // A snapshot is drawn one record a turn, between the turns that others cause.
      const cluster = PaxosCluster.elected({ nodes, seed, turnMs: 0.4 });
      const { random } = cluster.world;
      for (let at = 0; at < 120; at++) {
        if (random.chance(0.1)) cluster.apply({ do: 'snapshot', node: 'n2' });
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
        cluster.request('n1', operation);
        cluster.run(3);
        if (!random.chance(0.05)) continue;
        // The cluster compares the state after each slot that it executes again.
        cluster.restart('n2', random.pick(['lost', 'torn', 'kept']));
        cluster.run(200);
      }
      cluster.run(500);
      expectSame(cluster);
    }
  });

  test('remembers its promise and what it accepted, although the log before the snapshot is gone', () => {
    const cluster = PaxosCluster.elected({ nodes });
    const ticket = cluster.request('n3', put('a', 'x'));
    cluster.deliverAll(({ message, to }) => message.type === 'accept' && to === 'n2');
    cluster.take(() => true);
    cluster.apply({ do: 'snapshot', node: 'n2' });
    cluster.fire('n2', 'tick');
    cluster.take(() => true);
    cluster.crash('n2');
    const journal = cluster.storage('n2').open(new Process(cluster.world));
    const records: string[] = [];
    journal.recover(({ type }) => records.push(type));
    journal.close();
    expect(records).toEqual(['state', 'items', 'started', 'promised', 'accepted']);
    cluster.crash('n3');
    cluster.start('n2');
    cluster.run(3000);
    const read = cluster.request('n1', get('a'));
    cluster.run(100);
    expect(valueRead(read.result)).toBe('x');
    expect(ticket.result).toBeNull();
  });
});

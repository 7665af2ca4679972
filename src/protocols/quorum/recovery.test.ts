import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ReplicaView } from '../../core/replica.js';
import type { DurableRecord } from './records.js';
import { TestCluster } from './testing/cluster.js';
import { isType, put, remove } from './testing/operations.js';

/** All that a restart must bring back. */
function state(view: ReplicaView): string[] {
  const entries = [...view.entries()].map(
    ({ key, version, value }) => `${key} ${version.stamp}@${version.node} ${value}`,
  );
  const kept = view.facts.filter(([name]) => name === 'hints' || name === 'tombstones');
  return [...entries.sort(), ...kept.map((fact) => fact.join(' '))];
}

describe('recovery', () => {
  test('a snapshot drawn slowly while the node works, with the records since it began, is the state', () => {
    const step = fc.record({
      key: fc.nat(5),
      remove: fc.boolean(),
      wait: fc.constantFrom(0, 0, 40, 700),
      away: fc.constantFrom(true, false, false),
      draw: fc.nat(4),
    });
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 25 }),
        fc.array(step, { maxLength: 25 }),
        (before, during) => {
          const cluster = new TestCluster({
            nodes: 3,
            options: { graceMs: 500, antiEntropyMs: 500 },
          });
          const node = cluster.node('n1');
          const run = ({ key, remove: dead, wait, away }: (typeof before)[number]) => {
            cluster.isCut = (a, b) => away && [a, b].includes('n3');
            cluster.request(
              'n1',
              dead ? remove(`k${key}`) : put(`k${key}`, `${cluster.now}`),
              'one',
              300,
            );
            cluster.deliverAll();
            cluster.advance(wait);
          };
          before.forEach(run);
          const began = node.records.length;
          const drawing = node.replica.snapshot()[Symbol.iterator]();
          const snapshot: DurableRecord[] = [];
          const draw = () => {
            const next = drawing.next();
            if (next.done !== true) snapshot.push(next.value);
            return next.done !== true;
          };
          for (const next of during) {
            for (let drawn = 0; drawn < next.draw; drawn++) draw();
            run(next);
          }
          while (draw());
          const expected = state(node.replica.inspect());
          node.crash();
          node.restart(snapshot, began);
          expect(state(node.replica.inspect())).toEqual(expected);
          node.crash();
          node.restart();
          expect(state(node.replica.inspect())).toEqual(expected);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('a snapshot keeps the ceiling of stamps, though its node keeps nothing else', () => {
    const cluster = new TestCluster({ nodes: 4 });
    const key = cluster.keyOwnedBy('n2', 'n3', 'n4');
    const n1 = cluster.node('n1');
    const stampOf = (value: string) => {
      const result = cluster.ask('n1', put(key, value), 'one');
      return result.type === 'done' ? result.version.stamp : 0;
    };
    const before = stampOf('a');
    const snapshot = [...n1.replica.snapshot()];
    const began = n1.records.length;
    n1.crash();
    n1.skewMs = -3_600_000;
    n1.restart(snapshot, began);
    // The next stamp, before anybody's answer could teach the clock.
    cluster.take(() => true);
    cluster.request('n1', put(key, 'b'), 'one');
    const [write] = cluster.wire.filter(isType('write'));
    const sent = write?.message.type === 'write' ? write.message.writes[0] : undefined;
    expect(sent?.version.stamp).toBeGreaterThan(before);
  });

  test('what was not durable is lost, and nobody was told of it', () => {
    const cluster = new TestCluster({ nodes: 3 });
    const node = cluster.node('n1');
    node.autoSync = false;
    const id = cluster.request('n1', put('k', 'v'), 'one');
    cluster.deliverAll();
    expect(cluster.results.has(id)).toBe(false);
    node.crash();
    node.restart();
    expect(cluster.held('n1', 'k')).toBeUndefined();
    expect(cluster.held('n2', 'k')).toBeUndefined();
  });
});

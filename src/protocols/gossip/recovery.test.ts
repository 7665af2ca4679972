import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { keyFromText } from '../../core/key.js';
import type { ReplicaView } from '../../core/replica.js';
import { type Message, messageShape } from './messages.js';
import { TestCluster } from './testing/cluster.js';
import { put, remove } from './testing/operations.js';

/** All that a restart must bring back. */
function state(view: ReplicaView): string[] {
  const entries = [...view.entries()].map(
    ({ key, version, value }) => `${key} ${version.stamp}@${version.node} ${value}`,
  );
  const kept = view.facts.filter(([name]) => name === 'tombstones' || name === 'horizon');
  const members = view.ownersOf(keyFromText('k')).join();
  return [...entries.sort(), ...kept.map((fact) => fact.join(' ')), members];
}

describe('recovery', () => {
  test('a snapshot drawn slowly while the node works, with the records since it began, is the state', () => {
    const step = fc.record({
      through: fc.constantFrom('n1', 'n2', 'n3'),
      key: fc.nat(5),
      remove: fc.boolean(),
      wait: fc.constantFrom(0, 0, 40, 700, 3000),
      joins: fc.constantFrom(null, null, null, null, 'n4', 'n5'),
      draw: fc.nat(4),
    });
    type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;
    const steps = fc.array(step, { maxLength: 25 });
    fc.assert(
      fc.property(steps, steps, (before, during) => {
        const cluster = new TestCluster({ nodes: 3, options: { intervalMs: 50 } });
        const node = cluster.node('n1');
        const run = ({ through, key, remove: dead, wait, joins }: Step) => {
          const operation = dead ? remove(`k${key}`) : put(`k${key}`, `${cluster.now}`);
          cluster.request(through, operation);
          if (joins !== null) {
            const change = dead ? 'remove' : 'add';
            cluster.request(through, { type: 'reconfigure', change, node: joins });
          }
          cluster.run(wait);
        };
        before.forEach(run);
        node.beginSnapshot();
        for (const next of during) {
          if (next.draw > 0) node.drawSnapshot(next.draw);
          run(next);
        }
        node.drawSnapshot();
        const expected = state(node.replica.inspect());
        for (let crash = 0; crash < 2; crash++) {
          node.crash();
          node.start();
          expect(state(node.replica.inspect())).toEqual(expected);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('what was not durable is lost, and nobody was told of it', () => {
    const cluster = new TestCluster({ nodes: 3 });
    const node = cluster.node('n1');
    cluster.run(1000);
    node.syncsAtOnce = false;
    const id = cluster.request('n1', put('k', 'v'));
    cluster.run(1000);
    expect(cluster.results.has(id)).toBe(false);
    node.crash();
    node.start();
    cluster.run(1000);
    for (const { self } of cluster.up) expect(cluster.held(self, 'k')).toBeUndefined();
  });
});

describe('what travels', () => {
  test('is checked: a message that is not of its shape is refused', () => {
    const digest: Message = {
      ...{ type: 'digest', round: 1, root: [1, 2], view: [3, 4], knowledge: null },
    };
    const wire = messageShape.toWire(digest) as unknown[];
    expect(messageShape.fromWire(wire)).toEqual(digest);
    for (let at = 0; at < wire.length; at++) {
      const broken = wire.with(at, { no: 'such thing' });
      expect(() => messageShape.fromWire(broken)).toThrow();
    }
  });
});

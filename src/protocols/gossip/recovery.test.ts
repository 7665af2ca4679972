import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { keyFromText } from '../../core/key.js';
import type { ReplicaView } from '../../core/replica.js';
import { fromTuple, tupleOf } from '../../runtime/cbor-tuples.js';
import { put, remove } from '../testing/operations.js';
import { type Message, messageShape } from './messages.js';
import { GossipCluster } from './testing/cluster.js';

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
    });
    type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;
    const steps = fc.array(step, { maxLength: 25 });
    fc.assert(
      fc.property(steps, steps, (before, during) => {
        const cluster = new GossipCluster({ nodes: 3, options: { intervalMs: 50 }, turnMs: 0.3 });
        const node = cluster.node('n1');
        const run = ({ through, key, remove: dead, wait, joins }: Step) => {
          const operation = dead ? remove(`k${key}`) : put(`k${key}`, `${cluster.now}`);
          cluster.request(through, operation);
          if (joins !== null) {
            const change = dead ? 'remove' : 'add';
            cluster.request(through, { type: 'reconfigure', change, node: joins });
          }
          cluster.wait(wait + 1);
        };
        before.forEach(run);
        node.snapshot();
        during.forEach(run);
        cluster.wait(100);
        const expected = state(node.view);
        for (let crash = 0; crash < 2; crash++) {
          node.crash();
          node.start();
          expect(state(node.view)).toEqual(expected);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('what was not durable is lost, and nobody was told of it', () => {
    const cluster = new GossipCluster({ nodes: 3 });
    const node = cluster.node('n1');
    cluster.wait(1000);
    node.syncsAtOnce = false;
    const id = cluster.request('n1', put('k', 'v'));
    cluster.wait(1000);
    expect(id.result).toBeNull();
    node.crash();
    node.start();
    cluster.wait(1000);
    for (const self of cluster.up) expect(cluster.held(self, 'k')).toBeUndefined();
  });
});

describe('what travels', () => {
  test('is checked: a message that is not of its shape is refused', () => {
    const digest: Message = {
      ...{ type: 'digest', round: 1, root: [1, 2], view: [3, 4], knowledge: null },
    };
    const wire = tupleOf(messageShape, digest) as unknown[];
    expect(fromTuple(messageShape, wire)).toEqual(digest);
    for (let at = 0; at < wire.length; at++) {
      const broken = wire.with(at, { no: 'such thing' });
      expect(() => fromTuple(messageShape, broken)).toThrow();
    }
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ReplicaView } from '../../core/replica.js';
import { put, remove } from '../testing/operations.js';
import { QuorumCluster } from './testing/cluster.js';
import { isType } from './testing/operations.js';

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
    });
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 25 }),
        fc.array(step, { maxLength: 25 }),
        (before, during) => {
          const cluster = new QuorumCluster({
            nodes: 3,
            options: { graceMs: 500, antiEntropyMs: 500 },
            // Of the snapshot a record is drawn each turn, between those that others cause.
            turnMs: 0.3,
          });
          const node = cluster.node('n1');
          const run = ({ key, remove: dead, wait, away }: (typeof before)[number]) => {
            cluster.isCut = (a, b) => away && [a, b].includes('n3');
            cluster.request('n1', dead ? remove(`k${key}`) : put(`k${key}`, `${cluster.now}`), {
              level: 'one',
              timeoutMs: 300,
            });
            cluster.deliverAll();
            cluster.advance(wait + 1);
          };
          before.forEach(run);
          node.snapshot();
          during.forEach(run);
          cluster.advance(100);
          const expected = state(node.view);
          node.crash();
          node.start();
          expect(state(node.view)).toEqual(expected);
          node.crash();
          node.start();
          expect(state(node.view)).toEqual(expected);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('a snapshot keeps the ceiling of stamps, though its node keeps nothing else', () => {
    const cluster = new QuorumCluster({ nodes: 4 });
    const key = cluster.keyOwnedBy('n2', 'n3', 'n4');
    const n1 = cluster.node('n1');
    const stampOf = (value: string) => {
      const result = cluster.ask('n1', put(key, value), { level: 'one' });
      return result.type === 'done' ? result.version.stamp : 0;
    };
    const before = stampOf('a');
    n1.snapshot();
    n1.crash();
    n1.skewMs = -3_600_000;
    n1.start();
    // The next stamp, before anybody's answer could teach the clock.
    cluster.take(() => true);
    cluster.request('n1', put(key, 'b'), { level: 'one' });
    const [write] = cluster.flights.filter(isType('write'));
    const sent = write?.message.type === 'write' ? write.message.writes[0] : undefined;
    expect(sent?.version.stamp).toBeGreaterThan(before);
  });

  test('what was not durable is lost, and nobody was told of it', () => {
    const cluster = new QuorumCluster({ nodes: 3 });
    const node = cluster.node('n1');
    node.syncsAtOnce = false;
    const id = cluster.request('n1', put('k', 'v'), { level: 'one' });
    cluster.deliverAll();
    expect(id.result).toBeNull();
    node.crash();
    node.start();
    expect(cluster.held('n1', 'k')).toBeUndefined();
    expect(cluster.held('n2', 'k')).toBeUndefined();
  });
});

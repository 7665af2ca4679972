/** A change of members outlives a power cut of all nodes, right after it was answered. */
import { expect, test } from 'vitest';
import { put } from '../testing/operations.js';
import { PaxosCluster } from './testing/cluster.js';

test('those who stay know that the one who left is not needed', () => {
  const cluster = PaxosCluster.elected({ nodes: ['n1', 'n2', 'n3', 'n4'] });
  const removal = cluster.request('n1', { type: 'reconfigure', change: 'remove', node: 'n3' });
  cluster.runUntil(() => removal.result !== null, 1000);
  expect(removal.result).toMatchObject({ type: 'done', existed: true });
  for (const node of ['n1', 'n2', 'n3', 'n4']) cluster.crash(node);
  // Two of the three members; of the four before, they are no majority.
  cluster.start('n2');
  cluster.start('n4');
  const write = cluster.request('n2', put('k', 'v'));
  cluster.runUntil(() => write.result !== null, 5000);
  expect(write.result).toMatchObject({ type: 'done' });
});

/** A node that has lost its disk and is on its way back: what `deaf.ts` promises, seen from outside. */
import { describe, expect, test } from 'vitest';
import { put } from '../testing/operations.js';
import { PaxosCluster } from './testing/cluster.js';

const node = 'n1';

/** n1 has lost its disk. It was taken out, and starts anew, alone. */
function withLoss(): PaxosCluster {
  const cluster = PaxosCluster.elected({ nodes: ['n1', 'n2', 'n3'] });
  cluster.request('n2', put('k', '1'));
  cluster.run(500);
  cluster.crash(node);
  const removal = cluster.request('n2', { type: 'reconfigure', change: 'remove', node });
  cluster.run(500);
  const { result } = removal;
  if (result?.type !== 'done') throw new Error('it was not removed');
  cluster.apply({ do: 'wipe', node });
  const { version, existed } = result;
  const removed = { stamp: version?.stamp ?? 0, existed: existed === true };
  cluster.start(node, { incarnation: 9, removal: removed });
  return cluster;
}

/** What it sends in five seconds in which nobody hears it, and it hears nobody. */
function sentAlone(cluster: PaxosCluster): Set<string> {
  const sent = new Set<string>();
  cluster.onSend = ({ from, message }) => {
    if (from === node) sent.add(message.type);
  };
  cluster.run(5000, ({ from, to }) => from !== node && to !== node);
  return sent;
}

describe('a node that has lost its disk stands for no election before it has executed its removal', () => {
  test('at once', () => {
    expect([...sentAlone(withLoss())]).not.toContain('canvass');
  });

  test('after another crash', () => {
    const cluster = withLoss();
    cluster.restart(node);
    expect([...sentAlone(cluster)]).not.toContain('canvass');
  });

  test('when a snapshot stands for its records', () => {
    const cluster = withLoss();
    cluster.apply({ do: 'snapshot', node });
    cluster.fire(node, 'tick');
    cluster.restart(node);
    expect([...sentAlone(cluster)]).not.toContain('canvass');
  });

  test('which one that does not know of its loss does', () => {
    const cluster = withLoss();
    cluster.crash(node);
    cluster.apply({ do: 'wipe', node });
    cluster.start(node);
    expect([...sentAlone(cluster)]).toContain('canvass');
  });
});

/** Snapshots that are drawn while transactions are under way: what they must hold, and what may change meanwhile. */
import { describe, expect, it } from 'vitest';
import { put, said, txn } from '../testing/operations.js';
import { drop, pass, type Sent } from '../testing/test-cluster.js';
import type { Message } from './messages.js';
import { type TwoPhaseCluster, twoPhaseCluster } from './testing/cluster.js';

const nodes = ['n1', 'n2', 'n3'];
const workers = ['n2', 'n3'];
const both = txn(put('x', '2'), put('y', '2'));

function settled(): TwoPhaseCluster {
  const cluster = twoPhaseCluster({ nodes, voteTimeoutMs: 100 });
  cluster.wait(50);
  cluster.request('n1', txn(put('x', '1'), put('y', '1')));
  cluster.wait(50);
  return cluster;
}

/** Begins a snapshot on each of these nodes and lets it come to its end. */
function snapshotOf(cluster: TwoPhaseCluster, ids: readonly string[], restart: boolean): void {
  for (const id of ids) cluster.apply({ do: 'snapshot', node: id });
  cluster.wait(300);
  if (!restart) return;
  for (const id of ids) cluster.crash(id);
  for (const id of ids) cluster.start(id);
  cluster.wait(20);
}

describe('a snapshot', () => {
  it('of a worker keeps what is in doubt', () => {
    const cluster = settled();
    cluster.fate = ({ message }) => (message.type === 'decision' ? drop : pass);
    const asked = cluster.request('n1', both);
    cluster.waitUntil(() => asked.result !== null);
    cluster.crash('n1');
    snapshotOf(cluster, workers, true);
    for (const worker of workers) expect(cluster.fact(worker, 'in doubt')).toBe(1);
    cluster.fate = () => pass;
    cluster.start('n1');
    cluster.wait(100);
    for (const worker of workers) expect(cluster.contents(worker)).toBe('x=2 y=2');
  });

  it('of a worker fits the decision that comes while it is drawn', () => {
    for (let ms = 0; ms < 8; ms += 0.25) {
      const cluster = settled();
      const asked = cluster.request('n1', both);
      cluster.wait(ms);
      snapshotOf(cluster, workers, true);
      expect(said(asked.result)).toBe('committed');
      for (const worker of workers) expect(cluster.contents(worker)).toBe('x=2 y=2');
    }
  });

  it('of a worker keeps what it may tell others', () => {
    const cluster = settled();
    const onlyTo2 = ({ to, message: { type } }: Sent<Message>) => {
      return to === 'n3' && (type === 'decision' || type === 'tell') ? drop : pass;
    };
    cluster.fate = onlyTo2;
    cluster.request('n1', both);
    cluster.wait(10);
    cluster.crash('n1');
    snapshotOf(cluster, ['n2'], true);
    expect(cluster.fact('n3', 'in doubt')).toBe(1);
    cluster.fate = () => pass;
    cluster.wait(200);
    expect(cluster.contents('n3')).toBe('x=2 y=2');
  });

  it('of the coordinator keeps commits that are not acknowledged, its pool and its ids', () => {
    const cluster = settled();
    cluster.fate = ({ message: { type } }) =>
      type === 'decision' || type === 'tell' ? drop : pass;
    const asked = cluster.request('n1', both);
    cluster.waitUntil(() => asked.result !== null);
    const { version } = asked.result as { readonly version: { readonly stamp: number } };
    snapshotOf(cluster, ['n1'], true);
    cluster.fate = () => pass;
    cluster.wait(100);
    for (const worker of workers) expect(cluster.contents(worker)).toBe('x=2 y=2');
    const next = cluster.request('n1', put('x', '3'));
    cluster.wait(20);
    expect(
      (next.result as typeof asked.result & { version: typeof version }).version.stamp,
    ).toBeGreaterThan(version.stamp);
    expect(cluster.fact('n1', 'pool')).toBe('n2 n3');
  });
});

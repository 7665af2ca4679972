/** Nodes that come back with less on their disks than they had acknowledged. */
import { describe, expect, it } from 'vitest';
import type { Rejoin } from '../../core/replica.js';
import { get, put, said } from '../testing/operations.js';
import { drop, pass } from '../testing/test-cluster.js';
import { type TwoPhaseCluster, twoPhaseCluster } from './testing/cluster.js';

const nodes = ['n1', 'n2', 'n3'];
const poolOf = (cluster: TwoPhaseCluster) => cluster.fact('n1', 'pool');
const removal = { stamp: 1, existed: true };
const rejoin: Rejoin = { incarnation: 9, removal };

function withData(decisionsMayDiffer = false): TwoPhaseCluster {
  const cluster = twoPhaseCluster({ nodes, voteTimeoutMs: 100, decisionsMayDiffer });
  cluster.wait(50);
  cluster.request('n1', put('a', '1'));
  cluster.wait(50);
  expect(cluster.contents('n3')).toBe('a=1');
  return cluster;
}

/** Its disk is a new one, and nothing that it sent before is still under way. */
function lose(cluster: TwoPhaseCluster, node: string): void {
  cluster.crash(node);
  cluster.wait(5);
  cluster.apply({ do: 'wipe', node: node });
}

function readsOf(cluster: TwoPhaseCluster, count: number): string[] {
  const reads = Array.from({ length: count }, () => cluster.request('n1', get('a')));
  cluster.wait(200);
  return [...new Set(reads.map(({ result }) => said(result)))];
}

describe('a worker without its journal', () => {
  it('is not asked before it has copied, when the coordinator has restarted as well', () => {
    const cluster = withData();
    cluster.crash('n1');
    lose(cluster, 'n3');
    cluster.start('n1');
    cluster.start('n3');
    cluster.wait(5);
    expect(readsOf(cluster, 8)).toEqual(['value 1']);
    cluster.waitUntil(() => poolOf(cluster) === 'n2 n3');
    expect(cluster.contents('n3')).toBe('a=1');
  });

  it('answers nothing when it was the last of the pool, and nothing is decided', () => {
    const cluster = withData();
    cluster.crash('n3');
    cluster.request('n1', put('a', '2'));
    cluster.wait(150);
    expect(poolOf(cluster)).toBe('n2');
    cluster.request('n1', put('a', '3'));
    cluster.wait(50);
    cluster.crash('n1');
    lose(cluster, 'n2');
    for (const node of ['n1', 'n2', 'n3']) cluster.start(node);
    cluster.wait(1000);
    expect(readsOf(cluster, 4)).toEqual(['definite unavailable']);
    expect(said(cluster.request('n1', put('b', '1')).result)).not.toBe('done');
    expect(poolOf(cluster)).toBe('n2');
  });

  it('that lost only the end of it copies everything as well', () => {
    const cluster = withData();
    const earlier = cluster.storage('n3').disk.image();
    cluster.request('n1', put('a', '2'));
    cluster.wait(50);
    cluster.crash('n1');
    cluster.crash('n3');
    cluster.storage('n3').replaceDisk(earlier);
    cluster.start('n1');
    cluster.start('n3');
    cluster.wait(5);
    expect(readsOf(cluster, 8)).toEqual(['value 2']);
    cluster.waitUntil(() => poolOf(cluster) === 'n2 n3');
    expect(cluster.contents('n3')).toBe('a=2');
  });
});

describe('a worker that rejoins', () => {
  it('tells nobody in doubt that a transaction was aborted which it may have voted for', () => {
    const cluster = withData();
    // The coordinator dies when n2 and n3 have voted YES, with the commit on its disk.
    cluster.fate = ({ message }) => (message.type === 'decision' ? drop : pass);
    const doubtful = cluster.request('n1', put('a', '2'));
    cluster.waitUntil(() => said(doubtful.result) === 'done');
    cluster.crash('n1');
    lose(cluster, 'n3');
    cluster.start('n3', rejoin);
    cluster.fate = () => pass;
    cluster.wait(1000);
    // With the coordinator silent n2 asks n3.
    const asked = cluster.sent.some(({ to, message }) => to === 'n3' && message.type === 'ask');
    expect([asked, cluster.fact('n2', 'in doubt')]).toEqual([true, 1]);
    cluster.start('n1');
    cluster.wait(300);
    expect(cluster.contents('n2')).toBe('a=2');
    expect(readsOf(cluster, 4)).toEqual(['value 2']);
  });

  it('is removed and added, and then helps those in doubt again', () => {
    const cluster = withData();
    lose(cluster, 'n3');
    const change = (kind: 'add' | 'remove') =>
      cluster.request('n1', { type: 'reconfigure', change: kind, node: 'n3' });
    const removed = change('remove');
    cluster.wait(10);
    expect(said(removed.result)).toBe('done');
    cluster.start('n3', rejoin);
    const added = change('add');
    cluster.waitUntil(() => said(added.result) === 'done');
    expect([poolOf(cluster), cluster.contents('n3')]).toEqual(['n2 n3', 'a=1']);
    cluster.crash('n3');
    cluster.start('n3');
    cluster.wait(50);
    cluster.request('n1', put('a', '2'));
    cluster.wait(50);
    expect(cluster.contents('n3')).toBe('a=2');
  });
});

it('a coordinator is not taken for lost because of what it said before the worker restarted', () => {
  const cluster = withData();
  const early = cluster.sent.find(({ to, message }) => to === 'n3' && message.type === 'heartbeat');
  if (early === undefined) throw new Error('no heartbeat was sent');
  cluster.crash('n3');
  cluster.start('n3');
  cluster.forge('n1', 'n3', early.message);
  expect(cluster.fact('n3', 'coordinator')).toBe('has lost its journal');
  cluster.wait(1000);
  expect(cluster.fact('n3', 'coordinator')).toBeUndefined();
  expect(said(cluster.request('n3', put('a', '2')).result)).not.toBe('done');
  cluster.wait(50);
  expect([poolOf(cluster), cluster.contents('n3')]).toEqual(['n2 n3', 'a=2']);
});

describe('a coordinator without its journal', () => {
  function restarted(): TwoPhaseCluster {
    const cluster = withData(true);
    for (const node of nodes) cluster.crash(node);
    lose(cluster, 'n1');
    for (const node of nodes) cluster.start(node);
    return cluster;
  }

  it('stops when it hears of transactions that it does not know', () => {
    const cluster = restarted();
    expect(() => cluster.wait(500)).toThrow('n1 has lost its journal: n2 knows of transactions');
  });

  it('is not obeyed, however many ids it gives out: what it commits would look older than what is there', () => {
    const cluster = restarted();
    cluster.fate = ({ to, message }) => (to === 'n1' && message.type === 'alive' ? drop : pass);
    const asked = Array.from({ length: 9 }, (_, at) => cluster.request('n1', put(`k${at}`, '2')));
    asked.push(cluster.request('n2', get('a')));
    cluster.wait(2000);
    expect(new Set(asked.map(({ result }) => said(result)))).toEqual(
      new Set(['definite unavailable']),
    );
    expect(cluster.fact('n2', 'coordinator')).toBe('has lost its journal');
  });
});

/** The last step of a join, where a worker that missed something would be let into the pool. */
import { expect, it } from 'vitest';
import { put, said } from '../testing/operations.js';
import { drop, pass } from '../testing/test-cluster.js';
import { type TwoPhaseCluster, twoPhaseCluster } from './testing/cluster.js';

const nodes = ['n1', 'n2', 'n3', 'n4'];
const poolOf = (cluster: TwoPhaseCluster) => cluster.fact('n1', 'pool');

/** n4 has left the pool and is back; its join is about to begin. */
function aboutToJoin(): TwoPhaseCluster {
  const cluster = twoPhaseCluster({ nodes, voteTimeoutMs: 100 });
  cluster.wait(50);
  cluster.crash('n4');
  cluster.request('n1', put('a', '1'));
  cluster.wait(150);
  expect(poolOf(cluster)).toBe('n2 n3');
  cluster.start('n4');
  return cluster;
}

function runUntilSent(cluster: TwoPhaseCluster, type: string): void {
  const before = cluster.sent.length;
  cluster.waitUntil(() => cluster.sent.slice(before).some(({ message }) => message.type === type));
}

it('waits for transactions that began before it: they do not ask the joiner', () => {
  const cluster = aboutToJoin();
  runUntilSent(cluster, 'copy-start');
  cluster.fate = ({ from, message }) => (from === 'n2' && message.type === 'vote' ? drop : pass);
  const late = cluster.request('n1', put('late', '1'));
  cluster.wait(40);
  expect([said(late.result), poolOf(cluster)]).toEqual(['nothing yet', 'n2 n3']);
  cluster.fate = () => pass;
  cluster.waitUntil(() => poolOf(cluster) === 'n2 n3 n4');
  expect(said(late.result)).toBe('done');
  expect(cluster.contents('n4')).toBe('late=1');
});

it('leaves open whether a worker is in the pool that has not heard of it', () => {
  const cluster = twoPhaseCluster({ nodes, voteTimeoutMs: 100 });
  cluster.wait(50);
  cluster.fate = ({ to }) => (to === 'n4' ? drop : pass);
  cluster.crash('n4');
  cluster.start('n4');
  cluster.wait(50);
  expect(['n3', 'n4'].map((node) => cluster.fact(node, 'pool'))).toEqual(['in', '-']);
});

it('waits for the source to know the decisions, too', () => {
  const cluster = aboutToJoin();
  runUntilSent(cluster, 'copy-start');
  cluster.fate = ({ message }) => (message.type === 'decision' ? drop : pass);
  const late = cluster.request('n1', put('late', '1'));
  cluster.wait(40);
  expect([said(late.result), poolOf(cluster)]).toEqual(['done', 'n2 n3']);
  cluster.fate = () => pass;
  cluster.waitUntil(() => poolOf(cluster) === 'n2 n3 n4');
  expect(cluster.contents('n4')).toBe('late=1');
});

it('is called off when it takes too long, and then its number is void', () => {
  const cluster = aboutToJoin();
  cluster.fate = ({ from, to, message }) => {
    const betweenThem = from === 'n4' && to === 'n1' && message.type !== 'alive';
    return betweenThem ? drop : pass;
  };
  runUntilSent(cluster, 'caught-up');
  const held = cluster.request('n1', put('held', '1'));
  cluster.wait(80);
  expect(said(held.result)).toBe('nothing yet');
  cluster.wait(50);
  expect([said(held.result), poolOf(cluster)]).toEqual(['done', 'n2 n3']);
  // Only now does the coordinator hear that n4 has caught up, which is not so any more.
  cluster.fate = () => pass;
  cluster.waitUntil(() => poolOf(cluster) === 'n2 n3 n4');
  expect(cluster.contents('n4')).toBe('held=1');
});

it('ends for the source, too, when it heard neither of the end nor that the joiner came into the pool', () => {
  const cluster = aboutToJoin();
  runUntilSent(cluster, 'copy-finish');
  cluster.fate = ({ message }) =>
    message.type === 'copied' || message.type === 'heartbeat' ? drop : pass;
  cluster.waitUntil(() => poolOf(cluster) === 'n2 n3 n4');
  cluster.crash('n4');
  cluster.request('n1', put('without n4', '1'));
  cluster.waitUntil(() => poolOf(cluster) === 'n2 n3');
  cluster.fate = () => pass;
  cluster.wait(2_000);
  const unsettled = ['n2', 'n3'].flatMap((node) => cluster.view(node).unsettled());
  expect(unsettled).toEqual([]);
});

it('waits until the joiner has nothing in doubt', () => {
  const cluster = twoPhaseCluster({ nodes, voteTimeoutMs: 100 });
  cluster.wait(50);
  // n4 votes YES on what the coordinator's crash aborts; and then it is dropped from the pool.
  cluster.request('n1', put('doubtful', '1'));
  cluster.crashAtRecord('n1', 'committed', 'persist');
  cluster.crash('n4');
  cluster.start('n1');
  cluster.wait(50);
  cluster.request('n1', put('a', '1'));
  cluster.wait(150);
  expect(poolOf(cluster)).toBe('n2 n3');
  cluster.fate = ({ to, message }) => (message.type === 'tell' && to === 'n4' ? drop : pass);
  cluster.start('n4');
  cluster.wait(80);
  expect([cluster.fact('n4', 'in doubt'), poolOf(cluster)]).toEqual([1, 'n2 n3']);
  expect(cluster.sent.some(({ message }) => message.type === 'copy' && message.last)).toBe(true);
  cluster.fate = () => pass;
  cluster.waitUntil(() => poolOf(cluster) === 'n2 n3 n4', 10_000);
  expect(cluster.fact('n4', 'in doubt')).toBe(0);
});

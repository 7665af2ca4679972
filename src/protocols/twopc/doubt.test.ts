/** What is seen, and what is done, while nobody knows how a transaction ended. */
import { describe, expect, it } from 'vitest';
import { get, put, said, txn } from '../testing/operations.js';
import { drop, pass, type Sent } from '../testing/test-cluster.js';
import type { Message } from './messages.js';
import { type TwoPhaseCluster, twoPhaseCluster } from './testing/cluster.js';
import { splitDecisions } from './testing/decisions.js';

const nodes = ['n1', 'n2', 'n3', 'n4'];
const voteTimeoutMs = 100;

function settled(): TwoPhaseCluster {
  const cluster = twoPhaseCluster({ nodes, voteTimeoutMs });
  cluster.wait(50);
  const asked = cluster.request('n1', txn(put('x', '1'), put('y', '1')));
  cluster.wait(50);
  expect(said(asked.result)).toBe('committed');
  return cluster;
}

const both = txn(put('x', '2'), put('y', '2'));

/** All have voted YES, the coordinator has the votes, and crashes before (or after) the commit is durable. */
function leaveInDoubt(cluster: TwoPhaseCluster, durable: boolean) {
  const asked = cluster.request('n3', both);
  cluster.crashAtRecord('n1', 'committed', durable ? 'durable' : 'persist');
  cluster.wait(400);
  return asked;
}

describe('a dead coordinator', () => {
  it('is unavailable to new requests, definitely, because nothing is sent', () => {
    const cluster = settled();
    cluster.crash('n1');
    cluster.wait(200);
    for (const operation of [put('a', '1'), get('x'), txn(get('x'), get('y'))]) {
      const asked = cluster.request('n2', operation);
      expect(said(asked.result)).toBe('definite unavailable');
    }
    expect(cluster.view('n2').suspects).toEqual(['n1']);
  });

  it('leaves writes that were sent in doubt, and reads without effect', () => {
    const cluster = settled();
    cluster.crash('n1');
    const write = cluster.request('n2', put('a', '1'), { timeoutMs: 500 });
    const read = cluster.request('n2', get('x'), { timeoutMs: 500 });
    cluster.wait(200);
    expect(said(read.result)).toBe('definite unavailable');
    expect(said(write.result)).toBe('nothing yet');
    cluster.wait(400);
    expect(said(write.result)).toBe('indefinite timeout');
  });

  it.each([true, false])('blocks workers in doubt until it is back (committed: %s)', (durable) => {
    const cluster = settled();
    const asked = leaveInDoubt(cluster, durable);
    for (const worker of ['n2', 'n3', 'n4']) {
      expect(cluster.fact(worker, 'in doubt')).toBe(1);
      const fact = cluster.view(worker).facts.find(([name]) => name.startsWith('in doubt '));
      expect(fact?.[1]).toMatch(/^for 0\.[34] s, waits for n1 or another of n2 n3 n4$/);
      const [sentence] = cluster.view(worker).unsettled();
      expect(sentence).toMatch(/^transaction \d+ in doubt, waits for n1$/);
      expect(cluster.contents(worker)).toBe('x=1 y=1');
    }
    expect(said(asked.result)).toBe('nothing yet');
    cluster.start('n1');
    cluster.wait(100);
    expect(said(asked.result)).toBe('indefinite timeout');
    for (const worker of ['n2', 'n3', 'n4']) {
      expect(cluster.contents(worker)).toBe(durable ? 'x=2 y=2' : 'x=1 y=1');
      expect(cluster.view(worker).unsettledCount).toBe(0);
    }
    expect(splitDecisions(cluster)).toEqual([]);
  });

  it('does not block when one worker knows the decision: it tells the others', () => {
    const cluster = settled();
    const isFor =
      (worker: string) =>
      ({ to, message }: Sent<Message>) => {
        return message.type === 'decision' && to !== worker ? drop : pass;
      };
    cluster.fate = isFor('n4');
    cluster.request('n2', both);
    cluster.waitUntil(() => cluster.contents('n4') === 'x=2 y=2');
    cluster.crash('n1');
    cluster.wait(400);
    for (const worker of ['n2', 'n3']) expect(cluster.contents(worker)).toBe('x=2 y=2');
    expect(splitDecisions(cluster)).toEqual([]);
  });

  it('does not block when one worker has not voted: it aborts, and keeps to that', () => {
    const cluster = settled();
    cluster.fate = ({ to, message }) => {
      return to === 'n4' && message.type === 'vote-request' ? drop : pass;
    };
    cluster.request('n2', both);
    cluster.wait(20);
    cluster.crash('n1');
    cluster.fate = () => pass;
    cluster.wait(400);
    for (const worker of ['n2', 'n3', 'n4']) expect(cluster.fact(worker, 'in doubt')).toBe(0);
    cluster.start('n1');
    cluster.wait(200);
    for (const worker of ['n2', 'n3', 'n4']) expect(cluster.contents(worker)).toBe('x=1 y=1');
    expect(splitDecisions(cluster)).toEqual([]);
  });

  it('finds a worker that restarted in doubt still in doubt, its keys locked', () => {
    const cluster = settled();
    leaveInDoubt(cluster, true);
    for (const worker of ['n2', 'n3', 'n4']) cluster.crash(worker);
    for (const worker of ['n2', 'n3', 'n4']) cluster.start(worker);
    cluster.wait(300);
    for (const worker of ['n2', 'n3', 'n4']) expect(cluster.fact(worker, 'in doubt')).toBe(1);
    cluster.start('n1');
    // A conflicting write comes before the workers have heard: it must not get the locks.
    const asked = cluster.request('n1', put('x', '3'));
    cluster.wait(300);
    const contents = cluster.contents('n2');
    expect(contents).toBe(said(asked.result) === 'done' ? 'x=3 y=2' : 'x=2 y=2');
  });
});

describe('a read of a key in doubt', () => {
  it('waits for the decision, and sees all of it', () => {
    const cluster = settled();
    // All vote YES; one of the votes is long on its way, so that two workers can be asked while they are in doubt.
    cluster.fate = ({ from, message }) => (from === 'n4' && message.type === 'vote' ? drop : pass);
    const write = cluster.request('n1', both);
    cluster.wait(5);
    expect(said(write.result)).toBe('nothing yet');
    const reads = [get('x'), txn(get('x'), get('y')), get('y')].map((operation) => {
      return cluster.request('n2', operation);
    });
    cluster.wait(30);
    expect(reads.map((read) => said(read.result))).toEqual(Array(3).fill('nothing yet'));
    cluster.fate = () => pass;
    cluster.wait(60);
    expect(reads.map((read) => said(read.result))).toEqual(['value 2', 'committed 2 2', 'value 2']);
  });

  it('does not wait longer than its client', () => {
    const cluster = settled();
    cluster.fate = ({ to, message }) => {
      return message.type === 'vote-request' && to === 'n4' ? drop : pass;
    };
    cluster.request('n1', both);
    cluster.wait(5);
    const reads = [1, 2, 3].map(() => cluster.request('n1', get('x'), { timeoutMs: 30 }));
    cluster.wait(60);
    // On the third worker the read stands behind the lost VOTE-REQUEST, and waits, too.
    const heard = reads.map((read) => said(read.result));
    expect(heard).toEqual(Array(3).fill('indefinite timeout'));
  });
});

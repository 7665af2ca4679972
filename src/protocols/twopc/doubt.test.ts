/** What is seen, and what is done, while nobody knows how a transaction ended. */
import { describe, expect, it } from 'vitest';
import type { Message } from './messages.js';
import { splitDecisions } from './testing/decisions.js';
import { Harness } from './testing/harness.js';
import { contentsOf, factOf, get, put, said, txn } from './testing/operations.js';

const nodes = ['n1', 'n2', 'n3', 'n4'];
const voteTimeoutMs = 100;

function settled(): Harness {
  const harness = new Harness({ nodes, voteTimeoutMs });
  harness.run(50);
  const asked = harness.request('n1', txn(put('x', '1'), put('y', '1')));
  harness.run(50);
  expect(said(asked.result)).toBe('committed');
  return harness;
}

const both = txn(put('x', '2'), put('y', '2'));

/** All have voted YES, the coordinator has the votes, and crashes before (or after) the commit is durable. */
function leaveInDoubt(harness: Harness, durable: boolean) {
  const asked = harness.request('n3', both);
  harness.onStep = (step) => {
    if (step.node !== 'n1') return;
    const isCommit = step.kind === 'persist' && step.what === 'committed' && step.when === 'after';
    if (isCommit) harness.crash('n1', durable ? step.unsynced : 0);
  };
  harness.runUntil(() => !harness.isUp('n1'));
  harness.onStep = null;
  harness.run(400);
  return asked;
}

describe('a dead coordinator', () => {
  it('is unavailable to new requests, definitely, because nothing is sent', () => {
    const harness = settled();
    harness.crash('n1');
    harness.run(200);
    for (const operation of [put('a', '1'), get('x'), txn(get('x'), get('y'))]) {
      const asked = harness.request('n2', operation);
      expect(said(asked.result)).toBe('definite unavailable');
    }
    expect(harness.view('n2').suspects).toEqual(['n1']);
  });

  it('leaves writes that were sent in doubt, and reads without effect', () => {
    const harness = settled();
    harness.crash('n1');
    const write = harness.request('n2', put('a', '1'), { timeoutMs: 500 });
    const read = harness.request('n2', get('x'), { timeoutMs: 500 });
    harness.run(200);
    expect(said(read.result)).toBe('definite unavailable');
    expect(said(write.result)).toBe('nothing yet');
    harness.run(400);
    expect(said(write.result)).toBe('indefinite timeout');
  });

  it.each([true, false])('blocks workers in doubt until it is back (committed: %s)', (durable) => {
    const harness = settled();
    const asked = leaveInDoubt(harness, durable);
    for (const worker of ['n2', 'n3', 'n4']) {
      expect(factOf(harness, worker, 'in doubt')).toBe(1);
      const fact = harness.view(worker).facts.find(([name]) => name.startsWith('in doubt '));
      expect(fact?.[1]).toMatch(/^for 0\.[34] s, waits for n1 or another of n2 n3 n4$/);
      const [sentence] = harness.view(worker).unsettled();
      expect(sentence).toMatch(/^transaction \d+ in doubt, waits for n1$/);
      expect(contentsOf(harness, worker)).toBe('x=1 y=1');
    }
    expect(said(asked.result)).toBe('nothing yet');
    harness.start('n1');
    harness.run(100);
    expect(said(asked.result)).toBe('indefinite timeout');
    for (const worker of ['n2', 'n3', 'n4']) {
      expect(contentsOf(harness, worker)).toBe(durable ? 'x=2 y=2' : 'x=1 y=1');
      expect(harness.view(worker).unsettledCount).toBe(0);
    }
    expect(splitDecisions(harness)).toEqual([]);
  });

  it('does not block when one worker knows the decision: it tells the others', () => {
    const harness = settled();
    const isFor = (worker: string) => (_: string, to: string, message: Message) => {
      return message.type === 'decision' && to !== worker ? 'drop' : 'pass';
    };
    harness.fate = isFor('n4');
    harness.request('n2', both);
    harness.runUntil(() => contentsOf(harness, 'n4') === 'x=2 y=2');
    harness.crash('n1');
    harness.run(400);
    for (const worker of ['n2', 'n3']) expect(contentsOf(harness, worker)).toBe('x=2 y=2');
    expect(splitDecisions(harness)).toEqual([]);
  });

  it('does not block when one worker has not voted: it aborts, and keeps to that', () => {
    const harness = settled();
    harness.fate = (_, to, message) => {
      return to === 'n4' && message.type === 'vote-request' ? 'drop' : 'pass';
    };
    harness.request('n2', both);
    harness.run(20);
    harness.crash('n1');
    harness.fate = () => 'pass';
    harness.run(400);
    for (const worker of ['n2', 'n3', 'n4']) expect(factOf(harness, worker, 'in doubt')).toBe(0);
    harness.start('n1');
    harness.run(200);
    for (const worker of ['n2', 'n3', 'n4']) expect(contentsOf(harness, worker)).toBe('x=1 y=1');
    expect(splitDecisions(harness)).toEqual([]);
  });

  it('finds a worker that restarted in doubt still in doubt, its keys locked', () => {
    const harness = settled();
    leaveInDoubt(harness, true);
    for (const worker of ['n2', 'n3', 'n4']) harness.crash(worker);
    for (const worker of ['n2', 'n3', 'n4']) harness.start(worker);
    harness.run(300);
    for (const worker of ['n2', 'n3', 'n4']) expect(factOf(harness, worker, 'in doubt')).toBe(1);
    harness.start('n1');
    // A conflicting write comes before the workers have heard: it must not get the locks.
    const asked = harness.request('n1', put('x', '3'));
    harness.run(300);
    const contents = contentsOf(harness, 'n2');
    expect(contents).toBe(said(asked.result) === 'done' ? 'x=3 y=2' : 'x=2 y=2');
  });
});

describe('a read of a key in doubt', () => {
  it('waits for the decision, and sees all of it', () => {
    const harness = settled();
    // All vote YES; one of the votes is long on its way, so that two workers can be asked while they are in doubt.
    harness.fate = (from, _, message) =>
      from === 'n4' && message.type === 'vote' ? 'drop' : 'pass';
    const write = harness.request('n1', both);
    harness.run(5);
    expect(said(write.result)).toBe('nothing yet');
    const reads = [get('x'), txn(get('x'), get('y')), get('y')].map((operation) => {
      return harness.request('n2', operation);
    });
    harness.run(30);
    expect(reads.map((read) => said(read.result))).toEqual(Array(3).fill('nothing yet'));
    harness.fate = () => 'pass';
    harness.run(60);
    expect(reads.map((read) => said(read.result))).toEqual(['value 2', 'committed 2 2', 'value 2']);
  });

  it('does not wait longer than its client', () => {
    const harness = settled();
    harness.fate = (_, to, message) => {
      return message.type === 'vote-request' && to === 'n4' ? 'drop' : 'pass';
    };
    harness.request('n1', both);
    harness.run(5);
    const reads = [1, 2, 3].map(() => harness.request('n1', get('x'), { timeoutMs: 30 }));
    harness.run(60);
    // On the third worker the read stands behind the lost VOTE-REQUEST, and waits, too.
    const heard = reads.map((read) => said(read.result));
    expect(heard).toEqual(Array(3).fill('indefinite timeout'));
  });
});

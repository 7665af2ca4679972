/** The last step of a join, where a worker that missed something would be let into the pool. */
import { expect, it } from 'vitest';
import { Harness } from './testing/harness.js';
import { contentsOf, factOf, put, said } from './testing/operations.js';

const nodes = ['n1', 'n2', 'n3', 'n4'];
const poolOf = (harness: Harness) => factOf(harness, 'n1', 'pool');

/** n4 has left the pool and is back; its join is about to begin. */
function aboutToJoin(): Harness {
  const harness = new Harness({ nodes, voteTimeoutMs: 100 });
  harness.run(50);
  harness.crash('n4');
  harness.request('n1', put('a', '1'));
  harness.run(150);
  expect(poolOf(harness)).toBe('n2 n3');
  harness.start('n4');
  return harness;
}

function runUntilSent(harness: Harness, type: string): void {
  const before = harness.sent.length;
  harness.runUntil(() => harness.sent.slice(before).some(({ message }) => message.type === type));
}

it('waits for transactions that began before it: they do not ask the joiner', () => {
  const harness = aboutToJoin();
  runUntilSent(harness, 'copy-start');
  harness.fate = (from, _, message) => (from === 'n2' && message.type === 'vote' ? 'drop' : 'pass');
  const late = harness.request('n1', put('late', '1'));
  harness.run(40);
  expect([said(late.result), poolOf(harness)]).toEqual(['nothing yet', 'n2 n3']);
  harness.fate = () => 'pass';
  harness.runUntil(() => poolOf(harness) === 'n2 n3 n4');
  expect(said(late.result)).toBe('done');
  expect(contentsOf(harness, 'n4')).toBe('late=1');
});

it('waits for the source to know the decisions, too', () => {
  const harness = aboutToJoin();
  runUntilSent(harness, 'copy-start');
  harness.fate = (_, __, message) => (message.type === 'decision' ? 'drop' : 'pass');
  const late = harness.request('n1', put('late', '1'));
  harness.run(40);
  expect([said(late.result), poolOf(harness)]).toEqual(['done', 'n2 n3']);
  harness.fate = () => 'pass';
  harness.runUntil(() => poolOf(harness) === 'n2 n3 n4');
  expect(contentsOf(harness, 'n4')).toBe('late=1');
});

it('is called off when it takes too long, and then its number is void', () => {
  const harness = aboutToJoin();
  harness.fate = (from, to, message) => {
    const betweenThem = from === 'n4' && to === 'n1' && message.type !== 'alive';
    return betweenThem ? 'drop' : 'pass';
  };
  runUntilSent(harness, 'caught-up');
  const held = harness.request('n1', put('held', '1'));
  harness.run(80);
  expect(said(held.result)).toBe('nothing yet');
  harness.run(50);
  expect([said(held.result), poolOf(harness)]).toEqual(['done', 'n2 n3']);
  // Only now does the coordinator hear that n4 has caught up, which is not so any more.
  harness.fate = () => 'pass';
  harness.runUntil(() => poolOf(harness) === 'n2 n3 n4');
  expect(contentsOf(harness, 'n4')).toBe('held=1');
});

it('waits until the joiner has nothing in doubt', () => {
  const harness = new Harness({ nodes, voteTimeoutMs: 100 });
  harness.run(50);
  // n4 votes YES on what the coordinator's crash aborts; and then it is dropped from the pool.
  harness.onStep = (step) => {
    if (step.node === 'n1' && step.what === 'committed') harness.crash('n1', 0);
  };
  harness.request('n1', put('doubtful', '1'));
  harness.runUntil(() => !harness.isUp('n1'));
  harness.onStep = null;
  harness.crash('n4');
  harness.start('n1');
  harness.run(50);
  harness.request('n1', put('a', '1'));
  harness.run(150);
  expect(poolOf(harness)).toBe('n2 n3');
  harness.fate = (_, to, message) => (message.type === 'tell' && to === 'n4' ? 'drop' : 'pass');
  harness.start('n4');
  harness.run(80);
  expect([factOf(harness, 'n4', 'in doubt'), poolOf(harness)]).toEqual([1, 'n2 n3']);
  expect(harness.sent.some(({ message }) => message.type === 'copy' && message.last)).toBe(true);
  harness.fate = () => 'pass';
  harness.runUntil(() => poolOf(harness) === 'n2 n3 n4', 10_000);
  expect(factOf(harness, 'n4', 'in doubt')).toBe(0);
});

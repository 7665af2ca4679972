/** Nodes that come back with less on their disks than they had acknowledged. */
import { describe, expect, it } from 'vitest';
import type { Rejoin } from '../../core/replica.js';
import { Harness } from './testing/harness.js';
import { contentsOf, factOf, get, put, said } from './testing/operations.js';

const nodes = ['n1', 'n2', 'n3'];
const poolOf = (harness: Harness) => factOf(harness, 'n1', 'pool');
const removal = { stamp: 1, existed: true };
const rejoin: Rejoin = { incarnation: 9, removal };

function withData(): Harness {
  const harness = new Harness({ nodes, voteTimeoutMs: 100 });
  harness.run(50);
  harness.request('n1', put('a', '1'));
  harness.run(50);
  expect(contentsOf(harness, 'n3')).toBe('a=1');
  return harness;
}

/** Its disk is a new one, and nothing that it sent before is still under way. */
function lose(harness: Harness, node: string): void {
  harness.crash(node);
  harness.run(5);
  harness.addMachine(node);
}

function readsOf(harness: Harness, count: number): string[] {
  const reads = Array.from({ length: count }, () => harness.request('n1', get('a')));
  harness.run(200);
  return [...new Set(reads.map(({ result }) => said(result)))];
}

describe('a worker without its journal', () => {
  it('is not asked before it has copied, when the coordinator has restarted as well', () => {
    const harness = withData();
    harness.crash('n1');
    lose(harness, 'n3');
    harness.start('n1');
    harness.start('n3');
    harness.run(5);
    expect(readsOf(harness, 8)).toEqual(['value 1']);
    harness.runUntil(() => poolOf(harness) === 'n2 n3');
    expect(contentsOf(harness, 'n3')).toBe('a=1');
  });

  it('answers nothing when it was the last of the pool, and nothing is decided', () => {
    const harness = withData();
    harness.crash('n3');
    harness.request('n1', put('a', '2'));
    harness.run(150);
    expect(poolOf(harness)).toBe('n2');
    harness.request('n1', put('a', '3'));
    harness.run(50);
    harness.crash('n1');
    lose(harness, 'n2');
    for (const node of ['n1', 'n2', 'n3']) harness.start(node);
    harness.run(1000);
    expect(readsOf(harness, 4)).toEqual(['definite unavailable']);
    expect(said(harness.request('n1', put('b', '1')).result)).not.toBe('done');
    expect(poolOf(harness)).toBe('n2');
  });

  it('that lost only the end of it copies everything as well', () => {
    const harness = withData();
    const kept = [...(harness.history.get('n3') ?? [])];
    harness.request('n1', put('a', '2'));
    harness.run(50);
    harness.crash('n1');
    harness.crash('n3');
    harness.addMachine('n3', kept);
    harness.start('n1');
    harness.start('n3');
    harness.run(5);
    expect(readsOf(harness, 8)).toEqual(['value 2']);
    harness.runUntil(() => poolOf(harness) === 'n2 n3');
    expect(contentsOf(harness, 'n3')).toBe('a=2');
  });
});

describe('a worker that rejoins', () => {
  it('tells nobody in doubt that a transaction was aborted which it may have voted for', () => {
    const harness = withData();
    // The coordinator dies when n2 and n3 have voted YES, with the commit on its disk.
    harness.fate = (_, __, message) => (message.type === 'decision' ? 'drop' : 'pass');
    const doubtful = harness.request('n1', put('a', '2'));
    harness.runUntil(() => said(doubtful.result) === 'done');
    harness.crash('n1');
    lose(harness, 'n3');
    harness.start('n3', nodes, rejoin);
    harness.fate = () => 'pass';
    harness.run(1000);
    // With the coordinator silent n2 asks n3.
    const asked = harness.sent.some(({ to, message }) => to === 'n3' && message.type === 'ask');
    expect([asked, factOf(harness, 'n2', 'in doubt')]).toEqual([true, 1]);
    harness.start('n1');
    harness.run(300);
    expect(contentsOf(harness, 'n2')).toBe('a=2');
    expect(readsOf(harness, 4)).toEqual(['value 2']);
  });

  it('is removed and added, and then helps those in doubt again', () => {
    const harness = withData();
    lose(harness, 'n3');
    const change = (kind: 'add' | 'remove') =>
      harness.request('n1', { type: 'reconfigure', change: kind, node: 'n3' });
    const removed = change('remove');
    harness.run(10);
    expect(said(removed.result)).toBe('done');
    harness.start('n3', nodes, rejoin);
    const added = change('add');
    harness.runUntil(() => said(added.result) === 'done');
    expect([poolOf(harness), contentsOf(harness, 'n3')]).toEqual(['n2 n3', 'a=1']);
    harness.crash('n3');
    harness.start('n3');
    harness.run(50);
    harness.request('n1', put('a', '2'));
    harness.run(50);
    expect(contentsOf(harness, 'n3')).toBe('a=2');
  });
});

describe('a coordinator without its journal', () => {
  function restarted(): Harness {
    const harness = withData();
    for (const node of nodes) harness.crash(node);
    lose(harness, 'n1');
    for (const node of nodes) harness.start(node);
    return harness;
  }

  it('stops when it hears of transactions that it does not know', () => {
    const harness = restarted();
    expect(() => harness.run(500)).toThrow('n1 has lost its journal: n2 knows of transactions');
  });

  it('is not obeyed, however many ids it gives out: what it commits would look older than what is there', () => {
    const harness = restarted();
    harness.fate = (_, to, message) => (to === 'n1' && message.type === 'alive' ? 'drop' : 'pass');
    const asked = Array.from({ length: 9 }, (_, at) => harness.request('n1', put(`k${at}`, '2')));
    asked.push(harness.request('n2', get('a')));
    harness.run(2000);
    expect(new Set(asked.map(({ result }) => said(result)))).toEqual(
      new Set(['definite unavailable']),
    );
    expect(factOf(harness, 'n2', 'coordinator')).toBe('has lost its journal');
  });
});

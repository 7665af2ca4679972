/** Snapshots that are drawn while transactions are under way: what they must hold, and what may change meanwhile. */
import { describe, expect, it } from 'vitest';
import { Harness } from './testing/harness.js';
import { contentsOf, factOf, put, said, txn } from './testing/operations.js';

const nodes = ['n1', 'n2', 'n3'];
const workers = ['n2', 'n3'];
const both = txn(put('x', '2'), put('y', '2'));

function settled(): Harness {
  const harness = new Harness({ nodes, voteTimeoutMs: 100 });
  harness.run(50);
  harness.request('n1', txn(put('x', '1'), put('y', '1')));
  harness.run(50);
  return harness;
}

/** Begins a snapshot on each of these nodes and lets it come to its end. */
function snapshotOf(harness: Harness, ids: readonly string[], restart: boolean): void {
  for (const id of ids) harness.beginSnapshot(id);
  harness.run(300);
  if (!restart) return;
  for (const id of ids) harness.crash(id);
  for (const id of ids) harness.start(id);
  harness.run(20);
}

describe('a snapshot', () => {
  it('of a worker keeps what is in doubt', () => {
    const harness = settled();
    harness.fate = (_, __, message) => (message.type === 'decision' ? 'drop' : 'pass');
    const asked = harness.request('n1', both);
    harness.runUntil(() => asked.result !== null);
    harness.crash('n1');
    snapshotOf(harness, workers, true);
    for (const worker of workers) expect(factOf(harness, worker, 'in doubt')).toBe(1);
    harness.fate = () => 'pass';
    harness.start('n1');
    harness.run(100);
    for (const worker of workers) expect(contentsOf(harness, worker)).toBe('x=2 y=2');
  });

  it('of a worker fits the decision that comes while it is drawn', () => {
    for (let ms = 0; ms < 8; ms += 0.25) {
      const harness = settled();
      const asked = harness.request('n1', both);
      harness.run(ms);
      snapshotOf(harness, workers, true);
      expect(said(asked.result)).toBe('committed');
      for (const worker of workers) expect(contentsOf(harness, worker)).toBe('x=2 y=2');
    }
  });

  it('of a worker keeps what it may tell others', () => {
    const harness = settled();
    const onlyTo2 = (_: string, to: string, { type }: { readonly type: string }) => {
      return to === 'n3' && (type === 'decision' || type === 'tell') ? 'drop' : 'pass';
    };
    harness.fate = onlyTo2;
    harness.request('n1', both);
    harness.run(10);
    harness.crash('n1');
    snapshotOf(harness, ['n2'], true);
    expect(factOf(harness, 'n3', 'in doubt')).toBe(1);
    harness.fate = () => 'pass';
    harness.run(200);
    expect(contentsOf(harness, 'n3')).toBe('x=2 y=2');
  });

  it('of the coordinator keeps commits that are not acknowledged, its pool and its ids', () => {
    const harness = settled();
    harness.fate = (_, __, { type }) => (type === 'decision' || type === 'tell' ? 'drop' : 'pass');
    const asked = harness.request('n1', both);
    harness.runUntil(() => asked.result !== null);
    const { version } = asked.result as { readonly version: { readonly stamp: number } };
    snapshotOf(harness, ['n1'], true);
    harness.fate = () => 'pass';
    harness.run(100);
    for (const worker of workers) expect(contentsOf(harness, worker)).toBe('x=2 y=2');
    const next = harness.request('n1', put('x', '3'));
    harness.run(20);
    expect(
      (next.result as typeof asked.result & { version: typeof version }).version.stamp,
    ).toBeGreaterThan(version.stamp);
    expect(factOf(harness, 'n1', 'pool')).toBe('n2 n3');
  });
});

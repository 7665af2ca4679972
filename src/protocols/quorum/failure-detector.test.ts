import { describe, expect, test } from 'vitest';
import { FailureDetector } from './failure-detector.js';

const times = { heartbeatMs: 100, suspicionMs: 500 };

function started(): FailureDetector {
  const detector = new FailureDetector('n1', ['n2', 'n3'], times);
  detector.start(0);
  return detector;
}

/** Time goes by as a heartbeat's timer divides it. */
function pass(detector: FailureDetector, from: number, to: number, heard: readonly string[]): void {
  for (let now = from; now <= to; now += times.heartbeatMs) {
    detector.wasPaused(now);
    for (const peer of heard) detector.heard(peer, now);
    detector.check(now);
  }
}

describe('the failure detector', () => {
  test('suspects a peer after a silence, not before, and never itself', () => {
    const detector = started();
    pass(detector, 0, 499, ['n2']);
    expect(detector.suspects).toEqual([]);
    pass(detector, 500, 500, ['n2']);
    expect(detector.suspects).toEqual(['n3']);
    expect([detector.isAlive('n1'), detector.isAlive('n2'), detector.isAlive('n3')]).toEqual([
      true,
      true,
      false,
    ]);
  });

  test('any message brings a peer back, and says so once', () => {
    const detector = started();
    pass(detector, 0, 600, []);
    expect(detector.suspects).toEqual(['n2', 'n3']);
    expect(detector.heard('n3', 610)).toBe(true);
    expect(detector.heard('n3', 620)).toBe(false);
    expect(detector.suspects).toEqual(['n2']);
  });

  test('some lost heartbeats do not matter', () => {
    const detector = started();
    for (let round = 0; round < 10; round++) pass(detector, round * 500, round * 500, ['n2', 'n3']);
    for (let now = 4500; now <= 4900; now += 100) pass(detector, now, now, []);
    expect(detector.suspects).toEqual([]);
  });

  test('a process that was stopped does not suspect everybody when it wakes', () => {
    const detector = started();
    pass(detector, 0, 400, ['n2', 'n3']);
    expect(detector.wasPaused(60_000)).toBe(true);
    detector.check(60_000);
    expect(detector.suspects).toEqual([]);
    pass(detector, 60_000, 60_500, ['n2']);
    expect(detector.suspects).toEqual(['n3']);
  });

  test('a suspect stays one over a pause', () => {
    const detector = started();
    pass(detector, 0, 600, ['n2']);
    detector.wasPaused(60_000);
    detector.check(60_000);
    expect(detector.suspects).toEqual(['n3']);
  });
});

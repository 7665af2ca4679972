import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TestContext } from '../testing/context.js';
import { HybridClock, stampAt } from './hybrid-clock.js';
import type { Quorum } from './messages.js';

/** A clock as it is after a crash: all that is left are the records. */
function recovered(ctx: TestContext<Quorum>): HybridClock {
  const clock = new HybridClock();
  for (const record of ctx.records) if (record.type === 'ceiling') clock.recover(record.stamp);
  return clock;
}

describe('the hybrid logical clock', () => {
  test('stamps fit 53 bits until 2089', () => {
    expect(Number.isSafeInteger(stampAt(Date.UTC(2089, 0, 1)))).toBe(true);
    expect(stampAt(Date.UTC(2020, 0, 1))).toBe(0);
    expect(stampAt(Date.UTC(1999, 0, 1))).toBe(0);
  });

  test('"l is close to pt": a stamp is the wall clock while the wall clock moves', () => {
    const ctx = new TestContext<Quorum>();
    const clock = new HybridClock();
    for (let at = 0; at < 100; at++) {
      ctx.wallClock += 1;
      expect(clock.tick(ctx)).toBe(stampAt(ctx.wallClock));
    }
  });

  test('"e hb f implies hlc(e) < hlc(f)": also when the wall clock goes back', () => {
    const ctx = new TestContext<Quorum>();
    const clock = new HybridClock();
    const before = clock.tick(ctx);
    ctx.wallClock -= 3_600_000;
    expect(clock.tick(ctx)).toBeGreaterThan(before);
    clock.observe(before + 1_000_000, ctx);
    expect(clock.tick(ctx)).toBe(before + 1_000_001);
  });

  test('more than 4096 stamps in a millisecond carry into the next', () => {
    const ctx = new TestContext<Quorum>();
    const clock = new HybridClock();
    let last = 0;
    for (let at = 0; at < 10_000; at++) last = clock.tick(ctx);
    expect(last).toBe(stampAt(ctx.wallClock) + 9_999);
    expect(last).toBeGreaterThan(stampAt(ctx.wallClock + 2));
  });

  test('costs two records a second', () => {
    const ctx = new TestContext<Quorum>();
    const clock = new HybridClock();
    for (let at = 0; at < 10_000; at++) {
      ctx.wallClock += 1;
      clock.tick(ctx);
    }
    expect(ctx.records.length).toBeLessThanOrEqual(21);
  });

  test('is reserved from when its ceiling is durable until the ceiling is reached', () => {
    const ctx = new TestContext<Quorum>();
    const clock = new HybridClock();
    clock.tick(ctx);
    expect(clock.isReserved).toBe(false);
    const [reserved] = ctx.sent;
    expect(reserved).toEqual({ to: 'n1', message: { type: 'reserved', ceiling: clock.ceiling } });
    clock.onReserved(clock.ceiling);
    expect(clock.isReserved).toBe(true);
    clock.observe(clock.ceiling, ctx);
    expect(clock.isReserved).toBe(true);
    clock.tick(ctx);
    expect(clock.isReserved).toBe(false);
  });

  test('sets the next ceiling before the present one is reached', () => {
    const ctx = new TestContext<Quorum>();
    const clock = new HybridClock();
    for (let at = 0; at < 10_000; at++) {
      ctx.wallClock += 1;
      clock.tick(ctx);
      for (const { message } of ctx.sent.splice(0)) {
        if (message.type === 'reserved') clock.onReserved(message.ceiling);
      }
      expect(clock.isReserved).toBe(true);
    }
  });

  test('a restart with the wall clock set back gives no stamp twice, and none below what was seen', () => {
    const ctx = new TestContext<Quorum>();
    const clock = new HybridClock();
    clock.tick(ctx);
    clock.observe(stampAt(ctx.wallClock + 60_000), ctx);
    const last = clock.tick(ctx);
    ctx.wallClock -= 86_400_000;
    expect(recovered(ctx).tick(ctx)).toBeGreaterThan(last);
  });

  test('a crash loop does not let it run away', () => {
    const ctx = new TestContext<Quorum>();
    for (let at = 0; at < 100; at++) recovered(ctx).tick(ctx);
    expect(recovered(ctx).tick(ctx)).toBeLessThan(stampAt(ctx.wallClock + 1000 + 100 * 20));
  });

  test('whatever happens, stamps rise', () => {
    const step = fc.oneof(
      fc.record({ type: fc.constant('tick' as const) }),
      fc.record({ type: fc.constant('crash' as const) }),
      fc.record({ type: fc.constant('wall' as const), by: fc.integer({ min: -5000, max: 5000 }) }),
      fc.record({ type: fc.constant('observe' as const), ahead: fc.nat(50_000_000) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const ctx = new TestContext<Quorum>();
        let clock = new HybridClock();
        let last = 0;
        for (const next of steps) {
          if (next.type === 'crash') clock = recovered(ctx);
          else if (next.type === 'wall') ctx.wallClock += next.by;
          else if (next.type === 'observe') {
            last = Math.max(last, stampAt(ctx.wallClock) + next.ahead);
            clock.observe(stampAt(ctx.wallClock) + next.ahead, ctx);
          } else {
            const stamp = clock.tick(ctx);
            expect(stamp).toBeGreaterThan(last);
            last = stamp;
          }
        }
      }),
    );
  });
});

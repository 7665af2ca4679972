/** What every Clock promises, as tests that each implementation runs. */
import { describe, expect, it } from 'vitest';
import type { Millis } from '../../src/core/ids.js';
import type { Clock } from '../../src/runtime/ports.js';

export interface ClockUnderTest {
  readonly clock: Clock;
  /** Lets at least `ms` of the clock's own time go by. */
  pass(ms: Millis): Promise<void>;
}

/** Lets time go by until `condition` holds; a machine may be slow, so there is no bound but the test's own. */
async function until({ pass }: ClockUnderTest, condition: () => boolean): Promise<void> {
  while (!condition()) await pass(1);
}

/** Lets time go by until an alarm that was set last, for a later time than all others, has rung. */
async function untilLater(under: ClockUnderTest): Promise<void> {
  let rang = false;
  under.clock.at(under.clock.now() + 10, () => {
    rang = true;
  });
  await until(under, () => rang);
}

export function clockConformance(name: string, make: () => ClockUnderTest): void {
  describe(`the clock port: ${name}`, () => {
    it('never goes back', async () => {
      const { clock, pass } = make();
      let last = clock.now();
      for (let look = 0; look < 5; look++) {
        await pass(1);
        const now = clock.now();
        expect(now).toBeGreaterThanOrEqual(last + 1);
        last = now;
      }
    });

    it('shows the milliseconds since 1970 on its wall clock', () => {
      const year = new Date(make().clock.wallClock()).getUTCFullYear();
      expect(year).toBeGreaterThanOrEqual(2025);
      expect(year).toBeLessThan(2100);
    });

    it('rings once, not before the deadline', async () => {
      const under = make();
      const { clock } = under;
      const rings: number[] = [];
      const deadlines = [0, 0.25, 1, 5.5, 7].map((after) => clock.now() + after);
      for (const deadline of deadlines)
        clock.at(deadline, () => rings.push(clock.now() - deadline));
      await until(under, () => rings.length >= deadlines.length);
      await untilLater(under);
      expect(rings).toHaveLength(deadlines.length);
      for (const late of rings) expect(late).toBeGreaterThanOrEqual(0);
    });

    it('rings for a deadline that is past, but not from within the call', async () => {
      const under = make();
      const { clock } = under;
      let rang = false;
      clock.at(clock.now() - 100, () => {
        rang = true;
      });
      expect(rang).toBe(false);
      await until(under, () => rang);
    });

    it('does not ring for a deadline farther away than a timer can count', async () => {
      const under = make();
      const { clock } = under;
      let rang = false;
      const cancel = clock.at(clock.now() + 2 ** 32, () => {
        rang = true;
      });
      await untilLater(under);
      cancel();
      expect(rang).toBe(false);
    });

    it('does not ring once cancelled, and does not mind being cancelled twice or too late', async () => {
      const under = make();
      const { clock } = under;
      const rings: string[] = [];
      const cancel = clock.at(clock.now() + 2, () => rings.push('cancelled'));
      const cancelLate = clock.at(clock.now() + 2, () => rings.push('in time'));
      cancel();
      cancel();
      await untilLater(under);
      cancelLate();
      expect(rings).toEqual(['in time']);
    });

    it('lets an alarm cancel another that is due at the same time', async () => {
      const under = make();
      const { clock } = under;
      const rings: string[] = [];
      const deadline = clock.now() + 2;
      const cancels = ['a', 'b'].map((alarm) =>
        clock.at(deadline, () => {
          rings.push(alarm);
          for (const cancel of cancels) cancel();
        }),
      );
      await untilLater(under);
      expect(rings).toHaveLength(1);
    });

    it('runs what is wanted soon once, after the call has returned', async () => {
      const under = make();
      const { clock } = under;
      const order: string[] = [];
      clock.soon(() => order.push('soon'));
      order.push('returned');
      await until(under, () => order.length > 1);
      await untilLater(under);
      expect(order).toEqual(['returned', 'soon']);
    });
  });
}

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  anyLossyStep,
  anyStep,
  lostWrites,
  notAtomic,
  Schedule,
  type ScheduleShape,
  staleReads,
  unanswered,
} from './testing/schedule.js';

/** Nothing but the healing at the end brings what was missed. */
const fast = { antiEntropyMs: 5000, hintsMax: 20 };

const skews = fc.array(fc.constantFrom(0, 0, 5, -800, 3000, -20_000), { maxLength: 4 });
const lags = fc.array(fc.constantFrom(true, false, false, false), { maxLength: 4 });

/** Runs many schedules of one shape; `wrong` says what must not have happened. */
function always(
  shape: ScheduleShape,
  numRuns: number,
  wrong: (schedule: Schedule) => unknown[],
  step = anyStep,
) {
  const steps = fc.array(step, { minLength: 60, maxLength: 160, size: 'max' });
  fc.assert(
    fc.property(steps, skews, lags, (drawn, skewsMs, lagging) => {
      const schedule = new Schedule(shape);
      schedule.prepare(skewsMs, lagging);
      schedule.run(drawn);
      schedule.heal();
      expect(unanswered(schedule)).toEqual([]);
      expect(schedule.cluster.disagreements()).toEqual([]);
      expect(lostWrites(schedule)).toEqual([]);
      expect(wrong(schedule)).toEqual([]);
    }),
    { numRuns, endOnFailure: true },
  );
}

describe('whatever is lost, repeated, reordered, stopped or crashed', () => {
  test('level linearizable is atomic, and after healing all replicas agree', () => {
    always({ level: () => 'linearizable', options: fast }, 150, notAtomic);
  }, 60_000);

  test('level quorum is regular, skewed clocks or not, and after healing all replicas agree', () => {
    always({ level: () => 'quorum', options: fast }, 150, staleReads);
  }, 60_000);

  test('with any mixture of levels replicas agree, and no acknowledged write is lost to an older one', () => {
    const levels = ['one', 'two', 'quorum', 'all', 'linearizable'] as const;
    const level = (draw: number) => levels[(draw * 7) % levels.length] ?? 'one';
    always({ level, options: fast }, 150, () => []);
  }, 60_000);

  test('the same, though a replica loses its disk', () => {
    const shape: ScheduleShape = { level: () => 'quorum', options: fast };
    always(shape, 60, staleReads, anyLossyStep);
    always({ ...shape, level: () => 'linearizable' }, 60, notAtomic, anyLossyStep);
  }, 60_000);

  test('tombstones are collected and nothing rises from the dead', () => {
    const options = { ...fast, graceMs: 500, heartbeatMs: 50, suspicionMs: 200, resendMs: 100 };
    always({ level: () => 'quorum', options, messageLifeMs: 300 }, 150, staleReads);
  }, 60_000);
});

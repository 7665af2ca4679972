/** Random schedules over links that come and go and nodes that crash, then healing; see `testing/schedule.ts`. */
import { describe, expect, test } from 'vitest';
import { Schedule, type ScheduleSetup } from './testing/schedule.js';

const count = Number(process.env['KVX_SEEDS'] ?? 40);
const first = Number(process.env['KVX_SEED'] ?? 1);

function runAll(shape: Omit<ScheduleSetup, 'seed'>): Schedule[] {
  return Array.from({ length: count }, (_, at) => {
    const seed = first + at;
    const schedule = new Schedule({ ...shape, seed });
    try {
      schedule.run();
    } catch (error) {
      const cause = error instanceof Error ? error.message : String(error);
      throw new Error(`seed ${seed}: ${cause}`, { cause: error });
    }
    return schedule;
  });
}

const total = (schedules: readonly Schedule[], what: (schedule: Schedule) => number): number =>
  schedules.reduce((sum, schedule) => sum + what(schedule), 0);

describe('whatever is lost, doubled, reordered, cut or crashed', () => {
  test('sessions hold, replicas agree after quiet, and nothing rises from the dead', () => {
    const schedules = runAll({ steps: 200, changes: false, stabilizes: false });
    expect(total(schedules, ({ behindCount }) => behindCount)).toBeGreaterThan(count);
  }, 120_000);

  test('stabilize brings all that was acknowledged to everybody in the part', () => {
    const schedules = runAll({ steps: 200, changes: false, stabilizes: true });
    expect(total(schedules, ({ stabilizedCount }) => stabilizedCount)).toBeGreaterThan(count / 2);
  }, 120_000);

  test('nodes come and go', () => {
    runAll({ steps: 200, changes: true, stabilizes: true });
  }, 120_000);
});

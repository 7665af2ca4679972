/**
 * Random schedules over the hand-moved world: everything that may go wrong, in any order, then healing.
 *
 * Asynchronous Paxos must be safe whatever is lost, doubled, delayed or forgotten by a crash; and it must make progress
 * once all is well again.
 */
import { describe, expect, test } from 'vitest';
import { Schedule } from './testing/schedule.js';

const seeds = Array.from({ length: Number(process.env['KVX_SEEDS'] ?? 25) }, (_, at) => at + 1);

describe('any schedule', () => {
  test.each([
    ['three nodes', { nodes: 3, failRate: 0, changes: false }],
    ['five nodes', { nodes: 5, failRate: 0, changes: false }],
    ['acceptors that fail to answer', { nodes: 3, failRate: 0.4, changes: false }],
    ['members that come and go', { nodes: 3, failRate: 0, changes: true }],
    ['disks that are lost', { nodes: 3, failRate: 0, changes: false, losses: true }],
    ['disks that are lost, five nodes', { nodes: 5, failRate: 0, changes: false, losses: true }],
  ] as const)(
    'keeps every promise and ends well: %s',
    (_, setup) => {
      for (const seed of seeds) {
        const schedule = new Schedule({ ...setup, seed });
        try {
          schedule.run();
        } catch (error) {
          throw new Error(`seed ${seed}`, { cause: error });
        }
        expect(schedule.doneCount).toBeGreaterThan(0);
      }
    },
    60_000,
  );
});

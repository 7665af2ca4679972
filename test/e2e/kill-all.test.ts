import { expect, it } from 'vitest';
import { killAllRound } from './kill-all-round.js';

/** `node test/e2e/kill-all.js 20` asks for more. */
const { KILL_ALL_ROUNDS = '1' } = process.env;
const rounds = Number(KILL_ALL_ROUNDS);

it.each(Array.from({ length: rounds }, (_, at) => at + 1))(
  'every acknowledged write outlives SIGKILL of all nodes (round %i)',
  async (round) => {
    const report = await killAllRound(400 + ((round * 137) % 600));
    expect(report.lost).toEqual([]);
    expect(report.acknowledged).toBeGreaterThanOrEqual(400);
  },
);

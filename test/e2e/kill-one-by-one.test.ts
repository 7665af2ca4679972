import { expect, it } from 'vitest';
import { SeededRandom } from '../../src/core/random.js';
import { killOneByOne } from './kill-one-by-one-round.js';

/** `node test/e2e/kill-one-by-one.js 60` asks for more. */
const { KILLS = '4' } = process.env;
const kills = Number(KILLS);

it(`no acknowledged write is lost, and service goes on, while ${kills} nodes are killed and restarted`, {
  timeout: 60_000 + kills * 5_000,
}, async () => {
  const report = await killOneByOne(kills, new SeededRandom(Date.now()));
  console.log(JSON.stringify({ ...report, errors: report.errors.length }));
  expect(report.lost).toEqual([]);
  expect(report.errors).toEqual([]);
  expect(report.acknowledged).toBeGreaterThan(kills * 50);
});

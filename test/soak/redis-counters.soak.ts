/** Counters and transfers of Redis clients, as in test/redis/counters.test.ts, in many more worlds. */
import { it } from 'vitest';
import { countUp } from '../redis/counters.js';

const seeds = 300;

it.each(['paxos', '2pc'])('mode %s', async (mode) => {
  let [acknowledged, unknown, unavailable] = [0, 0, 0];
  for (let seed = 1; seed <= seeds; seed++) {
    const end = await countUp(mode, seed);
    acknowledged += end.acknowledged;
    unknown += end.unknown;
    unavailable += end.unavailable;
  }
  console.log(
    `${mode}: ${seeds} seeds, ${acknowledged} increments, ${unknown} unknown, ${unavailable} not done`,
  );
});

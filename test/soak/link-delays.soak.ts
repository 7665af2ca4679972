/** Delays in real time, on an idle machine: what `test/faults/links.test.ts` demands of filters by a clock of their own. */
import { expect, test } from 'vitest';
import { RingWorld, SocketWorld } from '../conformance/link-worlds.js';
import { onRealLinks } from '../faults/carriers.js';
import { delaysOf, mean } from '../faults/delays.js';

test.each([
  ['threads', () => new RingWorld()],
  ['processes', () => new SocketWorld()],
])('a delay of 20 ms ± 10 ms on the links of %s is that within 5%', async (name, world) => {
  const carrier = await onRealLinks(world(), true);
  const took = await delaysOf(carrier, { from: 'a', to: 'b', meanMs: 20, spread: 10 }, 2_000);
  await carrier.close();
  console.log(`${name}: ${mean(took).toFixed(2)} ms`);
  expect(Math.abs(mean(took) - 20)).toBeLessThan(1);
});

import { expect, it } from 'vitest';
import { countUp } from './counters.js';
import { RespSimulation } from './sim-cluster.js';

it.each(['paxos', '2pc'])('nothing twice, nothing lost in mode %s', async (mode) => {
  let [acknowledged, transferred, failed] = [0, 0, 0];
  for (let seed = 1; seed <= 4; seed++) {
    const end = await countUp(mode, seed);
    acknowledged += end.acknowledged;
    transferred += end.transferred;
    failed += end.unknown + end.unavailable;
  }
  // All of it was worth asking for.
  expect(acknowledged).toBeGreaterThan(100);
  expect(transferred).toBeGreaterThan(20);
  expect(failed).toBeGreaterThan(0);
});

it.each(['paxos', '2pc'])('many at once take few operations in mode %s', async (mode) => {
  const simulation = new RespSimulation(mode, 1);
  const clients = await Promise.all(Array.from({ length: 40 }, () => simulation.connect('n2')));
  const beganAt = simulation.world.now;
  const [first = 0] = (await Promise.all([clients[0]?.ask(['INCR', 'warm'])])) as number[];
  const aloneMs = simulation.world.now - beganAt;
  const said = await Promise.all(clients.map((client) => client.ask(['INCR', 'counter'])));
  const words = await Promise.all(
    clients.map((client, at) => client.ask(['SET', 'word', `${at}`])),
  );
  const pairs = await Promise.all(
    clients.map((client, at) => client.ask(['MSET', 'word', 'x', 'word', `${at}`])),
  );
  expect(first).toBe(1);
  expect(pairs).toEqual(words);
  expect(said).toEqual(clients.map((_, at) => at + 1));
  expect(words).toEqual(clients.map(() => '+OK'));
  // The first alone, then all others as one; and again, and again.
  expect(simulation.world.now - beganAt).toBeLessThan(10 * aloneMs);
});

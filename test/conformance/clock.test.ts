import { systemClock } from '../../src/node/clock.js';
import { FaultyClock } from '../../src/runtime/faulty-clock.js';
import { SimClock, WallClock } from '../../src/sim/clock.js';
import { Process } from '../../src/sim/process.js';
import { World } from '../../src/sim/world.js';
import { type ClockUnderTest, clockConformance } from './clock.js';

function simulated(): ClockUnderTest {
  const world = new World({ seed: 1, eventsMax: 1000 });
  const random = world.chance('clock');
  const clock = new SimClock({
    world,
    process: new Process(world),
    random,
    turnMs: 0,
    wallClock: new WallClock(world, random),
    node: { id: 'n1', index: 0 },
  });
  return { clock, pass: async (ms) => world.runUntil(world.now + ms + 1e-6) };
}

function system(): ClockUnderTest {
  const pass = async (ms: number) => {
    const until = performance.now() + ms;
    while (performance.now() < until) await new Promise((resolve) => setTimeout(resolve, 1));
  };
  return { clock: systemClock, pass };
}

function wrong(under: ClockUnderTest): ClockUnderTest {
  const clock = new FaultyClock(under.clock);
  clock.setFaults({ turnDelayMs: 3, clock: { skewMs: -7, drift: 0.5, sinceMs: Date.now() } });
  return { ...under, clock };
}

clockConformance('the system', system);
clockConformance('the system, wrong and late', () => wrong(system()));
clockConformance('the simulator', simulated);

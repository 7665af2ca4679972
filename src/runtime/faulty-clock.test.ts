import { expect, test } from 'vitest';
import { SimClock, WallClock } from '../sim/clock.js';
import { Process } from '../sim/process.js';
import { World } from '../sim/world.js';
import { FaultyClock } from './faulty-clock.js';

function setUp() {
  const world = new World({ seed: 1, eventsMax: 1000 });
  const inner = new SimClock({
    ...{ world, process: new Process(world), random: null, turnMs: 0, afterTurn: null },
    ...{ wallClock: new WallClock(world, null), node: { id: 'n1', index: 0 } },
  });
  const clock = new FaultyClock(inner);
  const begunAt: number[] = [];
  return { world, inner, clock, begunAt, turn: () => clock.soon(() => begunAt.push(world.now)) };
}

test('a wall clock jumps, drifts from then on, and is right again when that is over', () => {
  const { world, inner, clock } = setUp();
  const beginMs = inner.wallClock();
  clock.setFaults({ clock: { skewMs: -500, drift: 0, sinceMs: 0 } });
  expect(clock.wallClock()).toBe(beginMs - 500);
  clock.setFaults({ clock: { skewMs: 500, drift: 0.01, sinceMs: beginMs } });
  expect(clock.wallClock()).toBe(beginMs + 500);
  world.runUntil(10_000);
  expect(clock.wallClock()).toBe(beginMs + 10_000 + 500 + 100);
  expect(clock.now()).toBe(inner.now());
  clock.setFaults({});
  expect(clock.wallClock()).toBe(beginMs + 10_000);
});

test('each turn begins late, and at once when that is over', () => {
  const { world, clock, begunAt, turn } = setUp();
  clock.setFaults({ turnDelayMs: 20 });
  turn();
  world.runUntil(19);
  expect(begunAt).toEqual([]);
  world.runUntil(50);
  turn();
  world.runUntil(60);
  clock.setFaults({ turnDelayMs: 30 });
  world.runUntil(100);
  turn();
  clock.setFaults({});
  turn();
  world.runUntil(100);
  expect(begunAt.map(Math.round)).toEqual([20, 80, 100, 100]);
});

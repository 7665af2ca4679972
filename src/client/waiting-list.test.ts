import { expect, it } from 'vitest';
import { virtualTiming } from '../sim/virtual-time.js';
import { World } from '../sim/world.js';
import { type Waiter, WaitingList } from './waiting-list.js';

interface Named extends Waiter {
  readonly name: string;
}

function setUp() {
  const world = new World({ seed: 1, eventsMax: 10_000 });
  const late: string[] = [];
  const list = new WaitingList<Named>(virtualTiming(world, world.random), ({ name }) =>
    late.push(`${name} at ${world.now}`),
  );
  const add = (name: string, timeoutMs: number) => list.add({ name, timeoutMs, deadline: 0 });
  return { world, list, late, add };
}

it('tells of each that waited too long, soon after its time, and of no other', () => {
  const { world, list, late, add } = setUp();
  add('slow', 300);
  add('quick', 100);
  const answered = add('answered', 200);
  world.runUntil(150);
  expect(list.get(answered)).toMatchObject({ name: 'answered' });
  list.remove(answered);
  expect(list.get(answered)).toBeUndefined();
  world.runUntil(1_000);
  expect(late).toEqual(['quick at 100', 'slow at 300']);
  expect(list.size).toBe(0);
});

it('begins anew with the time of one that shows life', () => {
  const { world, list, late, add } = setUp();
  const id = add('scan', 100);
  world.runUntil(90);
  list.refresh(list.get(id) as Named);
  world.runUntil(1_000);
  expect(late).toEqual(['scan at 190']);
});

it('needs few timers, however many wait', () => {
  const { world, late, add } = setUp();
  for (let at = 0; at < 1_000; at++) add('one', 100 + at / 100);
  world.runUntil(1_000);
  expect(late).toHaveLength(1_000);
  expect(world.eventCount).toBeLessThan(5);
});

it('forgets all when it is emptied', () => {
  const { world, list, late, add } = setUp();
  add('one', 100);
  expect(list.takeAll().map(({ name }) => name)).toEqual(['one']);
  world.runUntil(1_000);
  expect(late).toEqual([]);
  add('two', 100);
  world.runUntil(2_000);
  expect(late).toEqual(['two at 1100']);
});

import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../core/random.js';
import { drawOrder, type EventOrder, nodeLane, nodesSpan } from './event-order.js';
import { World } from './world.js';

const windowMs = 2;
const orders: EventOrder[] = [
  { by: 'pos', windowMs },
  { by: 'pct', windowMs, depth: 3 },
];

interface Happened {
  readonly lane: number;
  /** How many had happened when it was scheduled. */
  readonly after: number;
  readonly dueAt: number;
  readonly at: number;
}

/** Events in some lanes, each of which schedules another one, in the order in which they happen. */
function happenings(order: EventOrder, seed: number): Happened[] {
  const world = new World({ seed, eventsMax: 10_000, order });
  const random = new SeededRandom(seed);
  const happened: Happened[] = [];
  const add = (left: number): void => {
    const lane = random.below(4) * nodesSpan + random.below(3);
    const dueAt = world.now + 3 * random.next();
    const after = happened.length;
    world.at(
      dueAt,
      () => {
        happened.push({ lane, after, dueAt, at: world.now });
        if (left > 0) add(left - 1);
      },
      lane,
    );
  };
  for (let nth = 0; nth < 10; nth++) add(20);
  for (let ms = 5; ms < 100; ms += 5) world.runUntil(ms);
  return happened;
}

describe.each(orders)('by $by', (order) => {
  test('what is due within the window may come first, and nothing is later than that', () => {
    const happened = happenings(order, 1);
    expect(happened).toHaveLength(210);
    const overtaken = happened.filter(({ dueAt }, at) => dueAt < (happened[at - 1]?.dueAt ?? 0));
    expect(overtaken.length).toBeGreaterThan(20);
    for (const { dueAt, at } of happened) {
      expect(at).toBeGreaterThanOrEqual(dueAt);
      expect(at).toBeLessThanOrEqual(dueAt + windowMs);
    }
  });

  test('time does not go back, and a lane keeps its order', () => {
    const happened = happenings(order, 2);
    for (const [at, each] of happened.entries()) {
      expect(each.at).toBeGreaterThanOrEqual(happened[at - 1]?.at ?? 0);
      const waited = happened
        .slice(at + 1)
        .filter(({ lane, after }) => lane === each.lane && after <= at);
      for (const later of waited) expect(later.dueAt).toBeGreaterThanOrEqual(each.dueAt);
    }
  });

  test('the same seed is the same order, and another one is not', () => {
    expect(happenings(order, 3)).toEqual(happenings(order, 3));
    expect(happenings(order, 3)).not.toEqual(happenings({ by: 'delay' }, 3));
  });

  test('what nobody in the world does comes when it is due, in order, whatever is late', () => {
    const world = new World({ seed: 1, eventsMax: 100, order });
    const said: string[] = [];
    const say = (what: string) => () => said.push(`${what} at ${world.now}`);
    world.runUntil(10);
    for (const index of [0, 1, 2]) world.after(0.5, say('node'), nodeLane(index));
    world.after(1, say('fault'));
    for (const what of ['first', 'second', 'third']) world.after(0, say(what));
    expect(world.nextAt).toBe(10);
    world.runUntil(20);
    expect(said.slice(0, 3)).toEqual(['first at 10', 'second at 10', 'third at 10']);
    expect(said).toHaveLength(7);
    expect(said).toContain('fault at 11');
    expect(world.now).toBe(20);
  });

  test('a cancelled event does not happen, and nobody waits for it', () => {
    const world = new World({ seed: 1, eventsMax: 100, order });
    const cancel = world.after(1, () => expect.fail('it was cancelled'), nodeLane(1));
    let hasHappened = false;
    world.after(
      1.5,
      () => {
        hasHappened = true;
      },
      nodeLane(2),
    );
    cancel();
    expect(world.nextAt).toBe(1.5);
    expect(world.step()).toBe(true);
    expect([hasHappened, world.step()]).toEqual([true, false]);
  });
});

test('most runs go by delay, and the rest by either of the others', () => {
  const drawn = Array.from({ length: 600 }, (_, seed) => drawOrder(seed));
  const share = (by: string) => drawn.filter((order) => order.by === by).length / drawn.length;
  expect(share('delay')).toBeGreaterThan(0.6);
  expect(share('pos')).toBeGreaterThan(0.1);
  expect(share('pct')).toBeGreaterThan(0.1);
  expect(drawOrder(7, 'pct')).toMatchObject({ by: 'pct', depth: expect.any(Number) });
});

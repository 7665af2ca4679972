import { describe, expect, it } from 'vitest';
import { World } from './world.js';

const makeWorld = (): World => new World({ seed: 7, eventsMax: 100 });

/** What is drawn at ten times by one part, while another draws so often each time. */
function drawnBeside(others: number): number[] {
  const world = makeWorld();
  const [mine, theirs] = [world.chance('mine'), world.chance('theirs')];
  return Array.from({ length: 10 }, (_, nth) => {
    world.runUntil(nth * 3);
    for (let draw = 0; draw < others; draw++) theirs.next();
    return mine.next();
  });
}

describe('chance in a world', () => {
  it('is the same whatever others draw', () => {
    expect(drawnBeside(3)).toEqual(drawnBeside(0));
    expect(new Set(drawnBeside(0)).size).toBe(10);
  });

  it('is the same whatever was drawn before', () => {
    const drawnAt5 = (before: number): number => {
      const world = makeWorld();
      const random = world.chance('mine');
      for (let draw = 0; draw < before; draw++) random.next();
      world.runUntil(5);
      return random.next();
    };
    expect(drawnAt5(4)).toBe(drawnAt5(0));
  });

  it('differs from seed to seed, from part to part, and from draw to draw', () => {
    const world = makeWorld();
    const random = world.chance('mine');
    const drawn = [random.next(), random.next(), random.next(), world.chance('theirs').next()];
    drawn.push(new World({ seed: 8, eventsMax: 100 }).chance('mine').next());
    expect(new Set(drawn).size).toBe(5);
  });

  it('is uniform over time', () => {
    const world = makeWorld();
    const random = world.chance('mine');
    const counts = { low: 0, steadyLow: 0 };
    for (let nth = 0; nth < 4000; nth++) {
      world.runUntil(nth);
      counts.low += Number(random.chance(0.25));
      counts.steadyLow += Number(random.steady < 0.25);
    }
    expect(counts.low).toBeGreaterThan(900);
    expect(counts.low).toBeLessThan(1100);
    expect(counts.steadyLow).toBeGreaterThan(900);
    expect(counts.steadyLow).toBeLessThan(1100);
  });
});

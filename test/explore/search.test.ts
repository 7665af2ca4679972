/** A world so small that its states can be counted by hand, and the modes up to a small depth. */
import { describe, expect, test } from 'vitest';
import { presetNamed, presets, smallWorldOf } from '../../src/explore/exhaustive/presets.js';
import { Search } from '../../src/explore/exhaustive/search.js';
import type { FaultCounts, SmallWorld } from '../../src/explore/exhaustive/small-world.js';
import { Actor, type Ctx, protocolOf, textbook } from './textbook/actors.js';

type Message = { readonly type: 'x' | 'y' };

/** `a` sends `x` and then `y` to `b`, which keeps a list of what it hears. */
class Lister extends Actor<Message> {
  readonly state: string[] = [];

  override onStart(ctx: Ctx<Message>): void {
    if (ctx.self !== 'a') return;
    ctx.send('b', { type: 'x' });
    ctx.send('b', { type: 'y' });
  }

  onMessage(_from: string, { type }: Message): void {
    this.state.push(type);
  }
}

const listing = (
  delivery: SmallWorld['delivery'],
  bounds: Partial<FaultCounts> = {},
): SmallWorld => ({
  ...textbook,
  protocol: protocolOf<Message>(() => new Lister()),
  ...{ nodes: ['a', 'b'], clients: [], delivery, bounds: { ...textbook.bounds, ...bounds } },
});

const wide = { states: 1000, depth: 100 };

function searched(world: SmallWorld, bounds = wide): [string | null, number] {
  const search = new Search(world, bounds);
  const end = search.run(Number.POSITIVE_INFINITY);
  return [end, search.progress.distinct];
}

describe('states counted by hand', () => {
  test('in order: nothing heard, x, x y', () => {
    expect(searched(listing('in order'))).toEqual(['exhausted', 3]);
  });

  test('in any order: also y, and y x', () => {
    expect(searched(listing('in any order'))).toEqual(['exhausted', 5]);
  });

  test('one loss: nothing heard, x, x y; and x lost, y after that, y lost after x', () => {
    expect(searched(listing('in order', { losses: 1 }))).toEqual(['exhausted', 6]);
  });

  test('one duplicate: x, x y; x with x to come, x x, x x y; x y with y to come, x y y', () => {
    expect(searched(listing('in order', { duplicates: 1 }))).toEqual(['exhausted', 8]);
  });

  test('nodes are the same by what they have met as by what they are', () => {
    const { factsAreAll: _, ...world } = listing('in any order');
    expect(searched(world)).toEqual(['exhausted', 5]);
  });
});

describe('bounds', () => {
  test('of depth: what is one move away is looked at, and nothing else', () => {
    expect(searched(listing('in any order'), { ...wide, depth: 1 })).toEqual(['depth', 3]);
  });

  test('of states: no more are kept', () => {
    expect(searched(listing('in any order'), { ...wide, states: 4 })).toEqual(['states', 4]);
  });
});

test('the modes: so many states up to a few moves, each time', () => {
  const counts = presets.map(({ name }) => {
    const world = smallWorldOf(presetNamed({ name }));
    return [name, ...searched(world, { states: 10_000, depth: 5 })];
  });
  expect(counts).toEqual([
    ['2pc-1', 'depth', 134],
    ['2pc-2', 'depth', 111],
    ['2pc-3', 'depth', 81],
    ['2pc-5', 'depth', 107],
    ['paxos', 'depth', 46],
    ['paxos-crash', 'depth', 117],
    ['paxos-election', 'depth', 161],
    ['paxos-5', 'depth', 57],
    ['register', 'depth', 82],
    ['gossip', 'depth', 76],
  ]);
});

test('which small world is meant: by name, by mode, else the first', () => {
  expect(presetNamed({ mode: 'quorum' }).name).toBe('register');
  expect(presetNamed({}).name).toBe('2pc-1');
  expect(() => presetNamed({ name: '2pc-4' })).toThrow(/no small world "2pc-4".*did you mean/i);
  expect(() => presetNamed({ name: 'register', mode: 'paxos' })).toThrow(/of mode quorum/);
  expect(() => presetNamed({ mode: 'none' })).toThrow(/there is no mode "none"/);
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TraceEvent } from '../core/trace-event.js';
import { isFate, isGap, Merge, type Merged, ownOf, type TraceSource } from './merge.js';
import { generatedTrace, sourceOf } from './testing/generated-trace.js';

function all(merge: Merge): Merged[] {
  const found: Merged[] = [];
  for (let next = merge.next(); next !== null; next = merge.next()) {
    if (next === 'later') throw new Error('nothing comes later here');
    found.push(next);
  }
  return found;
}

const eventsOf = (merged: readonly Merged[]): TraceEvent[] =>
  merged.filter((each) => !isGap(each)) as TraceEvent[];

const happenedBefore = (a: TraceEvent, b: TraceEvent): boolean =>
  (b.clock[a.node] ?? 0) >= ownOf(a) && !(a.node === b.node && ownOf(b) <= ownOf(a));

const event = (node: string, own: number, atMs: number, clock = {}): TraceEvent => ({
  ...{ node, atMs, clock: { ...clock, [node]: own }, data: { type: 'sync' } },
});

const anyTrace = fc.record({
  seed: fc.nat(),
  nodes: fc.integer({ min: 2, max: 6 }),
  events: fc.integer({ min: 1, max: 150 }),
  kills: fc.boolean(),
  skewMs: fc.constantFrom(0, 5, 10_000),
});

it('is a linear extension of happened-before that leaves nothing out', () => {
  fc.assert(
    fc.property(anyTrace, (options) => {
      const files = [...generatedTrace(options)];
      const merged = eventsOf(all(new Merge(files.map(([node, each]) => sourceOf(each, node)))));
      expect(new Set(merged)).toEqual(new Set(files.flatMap(([, each]) => each)));
      for (const [at, later] of merged.entries()) {
        if (!isFate(later)) {
          const tooEarly = merged.slice(0, at).find((earlier) => happenedBefore(later, earlier));
          expect(tooEarly).toBeUndefined();
          continue;
        }
        const sent = merged.findIndex((each) => !isFate(each) && each.clock === later.clock);
        // What a killed node has not written is not there to come before.
        if (sent > at) throw new Error(`what became of ${at} comes before it was sent`);
      }
    }),
    { numRuns: 60 },
  );
});

it('is in the order of time where clocks agree with it, then of nodes', () => {
  const merge = new Merge([
    sourceOf([event('n10', 1, 5), event('n10', 2, 9)]),
    sourceOf([event('n2', 1, 5), event('n2', 2, 6)]),
  ]);
  expect(eventsOf(all(merge)).map(({ node, atMs }) => [node, atMs])).toEqual([
    ...[
      ['n2', 5],
      ['n10', 5],
      ['n2', 6],
      ['n10', 9],
    ], //
  ]);
});

it('puts the cause first when its clock is ahead', () => {
  const merge = new Merge([
    sourceOf([event('n1', 1, 100), event('n1', 2, 101)]),
    sourceOf([event('n2', 1, 1), event('n2', 2, 2, { n1: 1 })]),
  ]);
  expect(eventsOf(all(merge)).map(({ node, atMs }) => [node, atMs])).toEqual([
    ...[
      ['n2', 1],
      ['n1', 100],
      ['n2', 2],
      ['n1', 101],
    ], //
  ]);
});

describe('tells of what is not there', () => {
  const gapsOf = (...files: TraceEvent[][]): unknown[] =>
    all(new Merge(files.map((events) => sourceOf(events)))).map((each) =>
      isGap(each) ? `${each.gap} ${each.node}` : `${each.node}:${ownOf(each)}`,
    );
  const start: TraceEvent = { ...event('n1', 9, 9), data: { type: 'start', incarnation: 2 } };

  it.each([
    ['earlier files are gone', [event('n1', 5, 1)], ['begin n1', 'n1:5']],
    ['a node was killed', [event('n1', 1, 1), start], ['n1:1', 'killed n1', 'n1:9']],
    ['a line is missing', [event('n1', 1, 1), event('n1', 3, 2)], ['n1:1', 'between n1', 'n1:3']],
  ])('%s', (_, events, expected) => {
    expect(gapsOf(events)).toEqual(expected);
  });

  it('others know of more than a node has written', () => {
    const told = [event('n2', 1, 1, { n1: 7 })];
    expect(gapsOf([event('n1', 1, 0)], told)).toEqual(['n1:1', 'n2:1', 'end n1']);
  });

  it('a file ends in the middle of an event', () => {
    const source = { ...sourceOf([event('n1', 1, 1)]), isCut: true };
    expect(all(new Merge([source])).at(-1)).toEqual({ node: 'n1', gap: 'end' });
  });

  it('one file alone has an effect before its cause', () => {
    const file = [event('n2', 1, 1, { n1: 1 }), event('n1', 1, 2)];
    expect(gapsOf(file)).toEqual(['n2:1', 'late n1', 'n1:1']);
  });

  it('does not wait for what was never written', () => {
    const n3 = [event('n3', 1, 5), event('n3', 2, 6)];
    const files = [[event('n1', 1, 1), start], [event('n2', 1, 2, { n1: 3 })], n3];
    expect(gapsOf(...files)).toEqual(['n1:1', 'n2:1', 'n3:1', 'n3:2', 'killed n1', 'n1:9']);
  });
});

it('waits for what a source may still have, and no longer than it is told to', () => {
  const waiting: TraceEvent[] = [];
  const n1: TraceSource = {
    ...{ node: 'n1', isCut: false },
    next: () => waiting.shift() ?? 'later',
  };
  const effects = [event('n2', 1, 1, { n1: 1 }), event('n2', 2, 2, { n1: 2 })];
  const merge = new Merge([n1, sourceOf(effects, 'n2')]);
  expect(merge.next()).toBe('later');
  waiting.push(event('n1', 1, 50));
  expect(merge.next()).toMatchObject({ node: 'n1' });
  expect(merge.next()).toBe(effects[0]);
  expect(merge.next()).toBe('later');
  expect(merge.next(false)).toBe(effects[1]);
  waiting.push(event('n1', 2, 51));
  expect(merge.next()).toEqual({ node: 'n1', gap: 'late' });
  expect(merge.next()).toMatchObject({ node: 'n1', clock: { n1: 2 } });
  expect(merge.next(false)).toBe('later');
});

it('refuses what is no trace of one cluster', () => {
  const twice = new Merge([sourceOf([event('n1', 2, 1), event('n1', 2, 2)])]);
  expect(() => all(twice)).toThrow('event 2 of n1 comes after its event 2');
  const mixed = [event('n1', 1, 1), event('n2', 1, 1)];
  const both = new Merge([sourceOf(mixed), sourceOf([event('n3', 1, 1)])]);
  expect(() => all(both)).toThrow('one of several files has events of n1 and of n2');
});

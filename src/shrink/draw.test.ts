import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../core/random.js';
import { Drawing } from './draw.js';
import type { Ingredients } from './ingredients.js';
import { linesOfSmall } from './small.js';

const sketch = {
  up: [
    ['--mode', 'quorum'],
    ['-n', '3'],
    ['-o', 'replicas=2'],
  ],
  sessions: new Map(),
  steps: [
    {
      ...{ client: 'c0', atMs: 5, untilMs: 6, lines: [] },
      ...{ words: ['delete', 'k7'], flags: [['--node', 'n2']] },
    },
  ],
  ...{ end: [], isAnonymous: true, isInTurn: false, waits: true },
};
const run: Ingredients = {
  ...{ mode: 'quorum', nodes: 3, up: sketch.up.slice(2), sketch, run: sketch.steps },
  reads: [{ type: 'get', level: null, steps: [] }],
  writes: [{ type: 'put', level: null, steps: [] }],
  ...{ timeout: null, guarantees: null, faults: [], levels: ['one', 'quorum'] },
  ...{
    differs: false,
    isHidden: false,
    lacksCopies: false,
    hasRivals: false,
    losesWrites: false,
    key: 'k7',
    messages: ['write'],
    busiest: ['write'],
  },
};

/** Of some that are drawn, how the cluster starts, what is done, and how it is judged. */
function drawnFrom(change: Partial<Ingredients>): string[] {
  const drawing = new Drawing({ ...run, ...change }, new SeededRandom(1));
  return Array.from({ length: 20 }, () => {
    const { lines, ends } = linesOfSmall(drawing.whole(), null);
    return [...lines, ...ends.flat()].join('\n');
  });
}

describe('the whole run', () => {
  it('that lacks copies is told with the writer alone, and with one option less', () => {
    const drawn = drawnFrom({ lacksCopies: true }).filter((text) => text.includes('put k7 1'));
    expect(drawn[0]).toMatch(
      /fault (isolate|cut) n2\ntry put k7 1 --node n2.*\n(.*\n)*.*isolate n2\n/,
    );
    expect(drawn.some((text) => text.startsWith('cluster up --mode quorum -n 3\n'))).toBe(true);
  });

  it('that loses writes is judged when all has settled', () => {
    const isSettled = (text: string): boolean =>
      text.endsWith('stabilize\ntry get k7\nexpect history regular');
    expect(drawnFrom({ losesWrites: true }).some(isSettled)).toBe(true);
    expect(drawnFrom({}).some(isSettled)).toBe(false);
  });

  it('asks for the key that went wrong', () => {
    const keys = drawnFrom({}).flatMap((text) => text.match(/\bk\d*\b/g) ?? []);
    expect(new Set(keys)).toEqual(new Set(['k7', 'k2']));
  });
});

it('some are about one node that takes over from another', () => {
  const drawing = new Drawing(run, new SeededRandom(1));
  const drawn = Array.from({ length: 40 }, () => linesOfSmall(drawing.fresh(), null).lines);
  const story =
    /fault cut (n\d)\b.*\n(?:try put k7 \d --node \1\n)+(?:.*\n){0,2}try put k7 \d --node (?!\1)(n\d)\ntry node kill \2\ntry fault heal\n(?:.*\n)?try get k7 --node \1$/;
  expect(drawn.filter((lines) => story.test(lines.join('\n'))).length).toBeGreaterThan(4);
});

it('some are about one that comes back, where nodes hold different things for good', () => {
  const story =
    /fault partition (n\d)\/(n\d),(n\d)\ntry fault cut \2-\3 --type write\n.* --node \1\ntry fault partition \2\/\1,\3\ntry fault delay \1>\3 /;
  const isTold = (hasRivals: boolean): boolean => {
    const drawing = new Drawing({ ...run, hasRivals }, new SeededRandom(1));
    return Array.from({ length: 40 }, () => linesOfSmall(drawing.fresh(), null).lines).some(
      (lines) => story.test(lines.join('\n')),
    );
  };
  expect([isTold(true), isTold(false)]).toEqual([true, false]);
});

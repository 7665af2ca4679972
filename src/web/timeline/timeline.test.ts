import { describe, expect, it } from 'vitest';
import { historyOf, type Row } from '../../check/testing/rows.js';
import { kindCode, outcomeCode } from '../../history/event.js';
import { filtered, isFiltering, noFilter, toggled } from './filters.js';
import { barEnds, barsInView, operationAt, rowsOf } from './rows.js';
import { clamped, panned, showing, ticksIn, viewAround, zoomed } from './viewport.js';

const second = 1e9;
const bounds = { from: 100, to: 100 + 8 * second };

describe('a view of time', () => {
  it('keeps what is under the pointer where it is while it zooms', () => {
    const time = bounds.from + 2 * second;
    const view = zoomed(bounds, bounds, 4, time);
    expect(view.to - view.from).toBeCloseTo(2 * second);
    expect((time - view.from) / (view.to - view.from)).toBeCloseTo(2 / 8);
  });

  it('goes from the whole run to a microsecond, and no further', () => {
    let view = bounds;
    for (let nth = 0; nth < 60; nth++) view = zoomed(view, bounds, 2, bounds.from + 5 * second);
    expect(view.to - view.from).toBeCloseTo(1000, 3);
    for (let nth = 0; nth < 60; nth++) view = zoomed(view, bounds, 0.5, bounds.from + 5 * second);
    expect(view).toEqual(bounds);
  });

  it('stays within the run', () => {
    const view = zoomed(bounds, bounds, 8, bounds.from);
    expect(panned(view, bounds, -3).from).toBe(bounds.from);
    expect(panned(view, bounds, 30).to).toBeCloseTo(bounds.to);
    expect(clamped({ from: 0, to: 1e12 }, bounds)).toEqual(bounds);
  });

  it('moves to what is to be seen, only where it is not yet', () => {
    const view = { from: bounds.from, to: bounds.from + second };
    const seen = { from: view.from + 0.4 * second, to: view.from + 0.5 * second };
    expect(showing(view, bounds, seen)).toBe(view);
    const later = { from: view.from + 4 * second, to: view.from + 4.1 * second };
    const moved = showing(view, bounds, later);
    expect(moved.to - moved.from).toBeCloseTo(second);
    expect(moved.from).toBeLessThan(later.from);
    expect(moved.to).toBeGreaterThan(later.to);
    const near = viewAround(later, bounds);
    expect(near.to - near.from).toBeCloseTo(0.4 * second);
  });

  it('marks round times, counted from the beginning', () => {
    expect(ticksIn(bounds, bounds.from, 400).map(({ label }) => label)).toEqual([
      ...['0 s', '2 s', '4 s', '6 s', '8 s'],
    ]);
    const close = { from: bounds.from + 1_000_000, to: bounds.from + 1_001_000 };
    expect(ticksIn(close, bounds.from, 300)[1]?.label).toBe('1000.5 µs');
  });
});

const rows: Row[] = [
  { process: 1, f: 'put', value: 'a', from: 0, to: 10, key: 'x', node: 'n1' },
  { process: 1, f: 'get', value: 'a', from: 20, to: 30, key: 'x', node: 'n2' },
  { process: 1, f: 'get', value: 'b', from: 40, to: 50, key: 'y', node: 'n2' },
  { process: 2, f: 'put', value: 'b', from: 5, key: 'y', node: 'n1' },
  { process: 2, f: 'put', value: 'c', from: 35, to: 60, key: 'y', node: 'n3', outcome: 'fail' },
  { process: 3, f: 'get', value: null, from: 7, to: 9, key: 'z', node: 'n3' },
];
const history = historyOf(rows);
const all = new Uint8Array(history.count).fill(1);
const atBegin = (from: number): number => history.invokedAt.indexOf(from);

describe('bars', () => {
  it('stand in a row a client, in the order of time', () => {
    expect(rowsOf(history, all).map(({ name, operations }) => [name, operations.length])).toEqual([
      ['1', 3],
      ['2', 2],
      ['3', 1],
    ]);
    expect(rowsOf(history, all)[1]?.odd).toHaveLength(2);
  });

  it('without an end reach to what their client did next, or to the end', () => {
    expect(barEnds(history, 100)[atBegin(5)]).toBe(35);
    const open = historyOf([{ process: 1, f: 'put', value: 'a', from: 5 }]);
    expect([...barEnds(open, 100)]).toEqual([100]);
  });

  it('are found where they are pointed at, and a little beside', () => {
    const [row] = rowsOf(history, all);
    const at = (time: number) =>
      operationAt(row as NonNullable<typeof row>, history.invokedAt, barEnds(history, 60), time, 2);
    expect([at(5), at(11.5), at(15), at(19)]).toEqual([atBegin(0), atBegin(0), -1, atBegin(20)]);
  });

  it('that lie in two pixels are one: never more of them than pixels', () => {
    const dense = historyOf(
      Array.from({ length: 5000 }, (_, at) => ({
        ...{ process: 1, f: 'get' as const, value: null, from: at * 10, to: at * 10 + 5 },
      })),
    );
    const [row] = rowsOf(dense, new Uint8Array(5000).fill(1));
    const drawn = (from: number, to: number) => {
      const counts: number[] = [];
      const operations = row?.operations ?? new Int32Array();
      const ends = barEnds(dense, 50_000);
      barsInView(operations, dense.invokedAt, ends, { from, to }, 100, (_, __, ___, count) =>
        counts.push(count),
      );
      return counts;
    };
    const whole = drawn(0, 50_000);
    expect(whole.length).toBeLessThanOrEqual(100);
    expect(whole.reduce((sum, count) => sum + count, 0)).toBe(5000);
    expect(drawn(1000, 1040)).toEqual([1, 1, 1, 1, 1]);
    // What began before and reaches into the view, and nothing that ended before it.
    expect(drawn(1003, 1009)).toEqual([1]);
    expect(drawn(1006, 1009)).toEqual([]);
  });
});

describe('filters', () => {
  const none = new Set<number>();
  const shownBy = (filter: typeof noFilter, illegal: ReadonlySet<number> = none) => {
    const { keep, count } = filtered(history, filter, illegal);
    const shown = [...history.invokedAt].filter((_, at) => keep[at] === 1);
    expect(shown).toHaveLength(count);
    return shown;
  };
  const keyId = (name: string) => history.keys.indexOf(name);
  const nodeId = (name: string) => history.nodes.indexOf(name);

  it('show all at first', () => {
    expect(isFiltering(noFilter)).toBe(false);
    expect(shownBy(noFilter)).toHaveLength(6);
  });

  it('by key, client, node, outcome and kind; choices of one add up, those of several narrow', () => {
    const y = toggled(noFilter, 'key', keyId('y'));
    expect(shownBy(y)).toEqual([5, 35, 40]);
    expect(shownBy(toggled(y, 'key', keyId('z')))).toEqual([5, 7, 35, 40]);
    expect(shownBy(toggled(y, 'node', nodeId('n3')))).toEqual([35]);
    expect(shownBy(toggled(noFilter, 'client', 3))).toEqual([7]);
    expect(shownBy(toggled(noFilter, 'outcome', outcomeCode.info))).toEqual([5]);
    expect(shownBy(toggled(noFilter, 'kind', kindCode.get))).toEqual([7, 20, 40]);
    expect(toggled(y, 'key', keyId('y'))).toEqual(noFilter);
  });

  it('say how many each choice would show', () => {
    const { counts } = filtered(history, toggled(noFilter, 'node', nodeId('n2')), none);
    // Of the other facets: among those of n2.
    expect(counts.kind.get(kindCode.get)).toBe(2);
    expect(counts.kind.get(kindCode.put)).toBeUndefined();
    // Of its own: as if nothing of it were chosen.
    expect(counts.node.get(nodeId('n1'))).toBe(2);
    expect(counts.node.get(nodeId('n3'))).toBe(2);
  });

  it('search keys, values, nodes, clients and what is asked; every word must be there', () => {
    const search = (text: string) => shownBy({ ...noFilter, text });
    expect(search('C')).toEqual([35]);
    expect(search('n3')).toEqual([7, 35]);
    expect(search('put y')).toEqual([5, 35]);
    expect(search('nowhere')).toEqual([]);
  });

  it('show only what is illegal, if asked', () => {
    expect(shownBy({ ...noFilter, onlyIllegal: true }, new Set([atBegin(40)]))).toEqual([40]);
  });
});

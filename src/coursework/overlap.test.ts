import { describe, expect, it } from 'vitest';
import { LinesUnderWay } from './dialect.js';

/** Lines that end when told to, and a record of what happened. */
function context() {
  const events: string[] = [];
  const ends = new Map<number, (problem: string | null) => void>();
  const lines = new LinesUnderWay((number, problem) => events.push(`${number}: ${problem}`));
  const begin = (number: number, claims: readonly string[] | null) =>
    lines.run(number, claims, () => {
      events.push(`begin ${number}`);
      return new Promise((resolve) => ends.set(number, resolve));
    });
  const end = (number: number, problem: string | null = null) => ends.get(number)?.(problem);
  return { lines, events, begin, end };
}

describe('lines of a script', () => {
  it('that claim different things are under way together', async () => {
    const { events, begin } = context();
    await begin(1, ['a']);
    await begin(2, ['b']);
    expect(events).toEqual(['begin 1', 'begin 2']);
  });

  it('wait for those that claim the same, and for no others', async () => {
    const { events, begin, end } = context();
    await begin(1, ['a', 'x']);
    await begin(2, ['b']);
    const third = begin(3, ['c', 'x']);
    expect(events).toEqual(['begin 1', 'begin 2']);
    end(1);
    await third;
    expect(events).toEqual(['begin 1', 'begin 2', 'begin 3']);
  });

  it('that claim everything wait for all, and are over when they return', async () => {
    const { events, begin, end } = context();
    await begin(1, ['a']);
    await begin(2, ['b']);
    const third = begin(3, null).then(() => events.push('over'));
    end(1);
    await Promise.resolve();
    expect(events).not.toContain('begin 3');
    end(2);
    await expect.poll(() => events).toContain('begin 3');
    expect(events).not.toContain('over');
    end(3);
    await third;
  });

  it('report problems in their order', async () => {
    const { lines, events, begin, end } = context();
    await begin(1, ['a']);
    await begin(2, ['b']);
    end(2, 'second');
    await begin(3, ['c']);
    expect(events).not.toContain('2: second');
    end(1, 'first');
    end(3);
    await lines.all();
    expect(events.filter((event) => event.includes(':'))).toEqual(['1: first', '2: second']);
  });

  it('that meet a bug end the script', async () => {
    const { lines } = context();
    await lines.run(1, ['a'], () => Promise.reject(new Error('a bug')));
    await expect(lines.run(2, ['a'], async () => null)).rejects.toThrow('a bug');
  });

  it('are a bounded number', async () => {
    const { events, begin, end } = context();
    for (let number = 1; number <= 64; number++) await begin(number, [`${number}`]);
    const more = begin(65, ['65']);
    await Promise.resolve();
    expect(events).toHaveLength(64);
    for (let number = 1; number <= 64; number++) end(number);
    await more;
    expect(events).toHaveLength(65);
  });
});

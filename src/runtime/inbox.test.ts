import { describe, expect, it } from 'vitest';
import { turnLimits } from '../core/limits.js';
import { Inbox } from './inbox.js';

const chunk = 256 * 1024;

function setUp() {
  const held = new Set<string>();
  const inbox = new Inbox<number>({
    hold: (from, on) => (on ? held.add(from) : held.delete(from)),
  });
  /** One turn in which nothing becomes durable, and what it took. */
  const turn = (appended = 0, durable = appended): number[] => {
    const taken: number[] = [];
    for (let batch = inbox.take(); batch !== null; batch = inbox.take())
      taken.push(...batch.messages);
    inbox.endTurn(appended, durable);
    return taken;
  };
  return { held, inbox, turn };
}

describe('an inbox', () => {
  it('gives a turn a bounded number of bytes, in order, and at least one batch', () => {
    const { inbox, turn } = setUp();
    for (let n = 0; n < 10; n++) inbox.push('n2', [n], chunk);
    inbox.push('n2', [10], 10 * turnLimits.bytesMax);
    expect(turn()).toEqual([0, 1, 2, 3]);
    expect(turn()).toEqual([4, 5, 6, 7]);
    expect(turn()).toEqual([8, 9, 10]);
    expect(inbox.hasMore).toBe(false);
  });

  it('holds who sends more than it takes, and nobody else, until little waits', () => {
    const { held, inbox, turn } = setUp();
    const count = turnLimits.bytesWaitingHold / chunk;
    inbox.push('n3', [0], 10);
    for (let n = 0; n < count; n++) inbox.push('n2', [n], chunk);
    expect([...held]).toEqual(['n2']);
    turn();
    expect([...held]).toEqual(['n2']);
    while (inbox.hasMore) turn();
    expect([...held]).toEqual([]);
  });

  it('takes nothing more while too much of what it took is not on disk', () => {
    const { inbox, turn } = setUp();
    const count = (2 * turnLimits.bytesUndurableMax) / chunk;
    for (let n = 0; n < count; n++) inbox.push('n2', [n], chunk);
    let taken = 0;
    for (let appended = 1; inbox.hasMore; appended++) taken += turn(appended, 0).length;
    expect(taken).toBe(turnLimits.bytesUndurableMax / chunk);
    expect(turn(100, 0)).toEqual([]);
    expect(inbox.onDurable(1)).toBe(true);
    expect(turn(101, 1)).toHaveLength(turnLimits.bytesMax / chunk);
  });

  it('notes nothing for what was small, or is durable at once', () => {
    const { inbox, turn } = setUp();
    for (let n = 0; n < 100_000; n++) inbox.push('n2', [n], 1000);
    for (let appended = 1; inbox.hasMore; appended++) turn(appended);
    expect(inbox.onDurable(1000)).toBe(false);
  });
});

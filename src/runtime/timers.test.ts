import { describe, expect, it } from 'vitest';
import { ManualClock } from './test-doubles.js';
import { Timers } from './timers.js';

type Name = 'a' | 'b' | 'c';

function timersOn(clock: ManualClock): { timers: Timers<Name>; fired: Name[] } {
  const fired: Name[] = [];
  const timers: Timers<Name> = new Timers(clock, () => {
    for (let due = timers.takeDue(clock.now()); due !== null; due = timers.takeDue(clock.now())) {
      fired.push(due);
    }
    timers.rearm();
  });
  return { timers, fired };
}

describe('timers', () => {
  it('fire once, earliest first, each not before its deadline', () => {
    const clock = new ManualClock();
    const { timers, fired } = timersOn(clock);
    timers.set('b', clock.time + 20);
    timers.set('a', clock.time + 10);
    timers.set('c', clock.time + 30);
    clock.advance(9);
    expect(fired).toEqual([]);
    clock.advance(16);
    expect(fired).toEqual(['a', 'b']);
    clock.advance(100);
    expect(fired).toEqual(['a', 'b', 'c']);
  });

  it('are replaced by a second set of the same name, earlier or later', () => {
    const clock = new ManualClock();
    const { timers, fired } = timersOn(clock);
    timers.set('a', clock.time + 10);
    timers.set('a', clock.time + 30);
    timers.set('b', clock.time + 30);
    timers.set('b', clock.time + 10);
    clock.advance(10);
    expect(fired).toEqual(['b']);
    clock.advance(20);
    expect(fired).toEqual(['b', 'a']);
  });

  it('do not fire once cancelled', () => {
    const clock = new ManualClock();
    const { timers, fired } = timersOn(clock);
    timers.set('a', clock.time + 10);
    timers.set('b', clock.time + 20);
    timers.cancel('a');
    clock.advance(100);
    expect(fired).toEqual(['b']);
  });

  it('need one alarm of the clock, and none when all is over', () => {
    const clock = new ManualClock();
    const { timers } = timersOn(clock);
    timers.set('a', clock.time + 10);
    timers.set('b', clock.time + 5);
    timers.set('c', clock.time + 20);
    expect(clock.alarmCount).toBe(1);
    timers.clear();
    expect(clock.alarmCount).toBe(0);
  });
});

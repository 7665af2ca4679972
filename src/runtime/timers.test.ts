import { describe, expect, it } from 'vitest';
import { TestBench } from './testing/bench.js';
import { Timers } from './timers.js';

type Name = 'a' | 'b' | 'c';

/** With `machine` to let time pass on. */
function timersOn() {
  const { machine } = new TestBench();
  const { clock } = machine;
  const fired: Name[] = [];
  const timers: Timers<Name> = new Timers(clock, () => {
    for (let due = timers.takeDue(clock.now()); due !== null; due = timers.takeDue(clock.now())) {
      fired.push(due);
    }
    timers.rearm();
  });
  return { timers, fired, clock, machine };
}

describe('timers', () => {
  it('fire once, earliest first, each not before its deadline', () => {
    const { timers, fired, clock, machine } = timersOn();
    timers.set('b', clock.now() + 20);
    timers.set('a', clock.now() + 10);
    timers.set('c', clock.now() + 30);
    machine.advance(9);
    expect(fired).toEqual([]);
    machine.advance(16);
    expect(fired).toEqual(['a', 'b']);
    machine.advance(100);
    expect(fired).toEqual(['a', 'b', 'c']);
  });

  it('are replaced by a second set of the same name, earlier or later', () => {
    const { timers, fired, clock, machine } = timersOn();
    timers.set('a', clock.now() + 10);
    timers.set('a', clock.now() + 30);
    timers.set('b', clock.now() + 30);
    timers.set('b', clock.now() + 10);
    machine.advance(10);
    expect(fired).toEqual(['b']);
    machine.advance(20);
    expect(fired).toEqual(['b', 'a']);
  });

  it('do not fire once cancelled', () => {
    const { timers, fired, clock, machine } = timersOn();
    timers.set('a', clock.now() + 10);
    timers.set('b', clock.now() + 20);
    timers.cancel('a');
    machine.advance(100);
    expect(fired).toEqual(['b']);
  });

  it('need one alarm of the clock, and none when all is over', () => {
    const { timers, clock } = timersOn();
    timers.set('a', clock.now() + 10);
    timers.set('b', clock.now() + 5);
    timers.set('c', clock.now() + 20);
    expect(clock.alarmCount).toBe(1);
    timers.clear();
    expect(clock.alarmCount).toBe(0);
  });
});

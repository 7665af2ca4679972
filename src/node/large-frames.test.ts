import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LargeFrame, LargeFrames, largeFrameLimits } from './large-frames.js';

const { bytesMax, waitingMax, ticksMax } = largeFrameLimits;
const quarter = bytesMax / 4;

class FakeFrame implements LargeFrame {
  bytesGathered = 0;
  isAdmitted = false;
  givenUp: string | null = null;

  admit(): void {
    this.isAdmitted = true;
  }

  giveUp(reason: string): void {
    this.givenUp = reason;
  }
}

describe('room for large frames', () => {
  let rooms: LargeFrames;
  beforeEach(() => {
    rooms = new LargeFrames();
  });
  afterEach(() => rooms.close());

  const enter = (bytes = quarter): FakeFrame => {
    const frame = new FakeFrame();
    frame.isAdmitted = rooms.enter(frame, bytes);
    return frame;
  };
  const ticks = (count: number): void => {
    for (let tick = 0; tick < count; tick++) rooms.tick();
  };

  it('is given until there is none; who comes then waits for whoever leaves, the smallest first', () => {
    const first = [enter(), enter(), enter(), enter()];
    const later = [enter(), enter(quarter / 2), enter(quarter / 2)];
    expect(first.every((frame) => frame.isAdmitted)).toBe(true);
    expect(later.some((frame) => frame.isAdmitted)).toBe(false);
    rooms.leave(first[0] as FakeFrame);
    expect(later.map((frame) => frame.isAdmitted)).toEqual([false, true, true]);
    rooms.leave(first[1] as FakeFrame);
    expect(later.map((frame) => frame.isAdmitted)).toEqual([true, true, true]);
  });

  it('is not kept from a large frame by smaller ones for ever', () => {
    let inside = [enter(), enter(), enter(), enter()];
    let outside: FakeFrame[] = [];
    const large = enter();
    let passed = 0;
    for (; !large.isAdmitted && passed < 1000; passed++) {
      outside.push(enter(quarter / 2), enter(quarter / 2));
      rooms.leave(inside.shift() as FakeFrame);
      inside = [...inside, ...outside.filter((frame) => frame.isAdmitted)];
      outside = outside.filter((frame) => !frame.isAdmitted);
    }
    expect(passed).toBeLessThan(100);
  });

  it('is taken from frames that stopped coming, once others wait, and only from as many as it takes', () => {
    const stopped = [enter(), enter(), enter()];
    const slow = enter();
    const pass = (count: number): void => {
      for (let tick = 0; tick < count; tick++) {
        slow.bytesGathered += 64 * 1024;
        ticks(1);
      }
    };
    pass(10);
    expect([...stopped, slow].every((frame) => frame.givenUp === null)).toBe(true);
    const waiting = enter();
    pass(10);
    expect(waiting.isAdmitted).toBe(true);
    expect(stopped.filter((frame) => frame.givenUp !== null)).toHaveLength(1);
    expect(slow.givenUp).toBeNull();
  });

  it("is nobody's for ever", () => {
    const half = enter();
    half.bytesGathered = quarter / 2;
    ticks(ticksMax + 1);
    expect(half.givenUp).toBe('a frame came too slowly');
  });

  it('is waited for by so many, and then the one that has waited for longest goes', () => {
    for (let count = 0; count < 4; count++) enter();
    const waiting = Array.from({ length: waitingMax + 2 }, () => enter());
    expect(waiting.filter((frame) => frame.givenUp !== null)).toEqual(waiting.slice(0, 2));
  });

  it('of a common size is there soon, however many larger half frames came before', () => {
    for (let count = 0; count < 4 + waitingMax - 1; count++) enter();
    ticks(100);
    const honest = enter(quarter / 4);
    let passed = 0;
    for (; !honest.isAdmitted && passed < 1000; passed++) ticks(1);
    expect(passed).toBeLessThanOrEqual(10);
  });
});

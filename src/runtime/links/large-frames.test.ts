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

  it('is given until there is none; who comes then waits for whoever leaves, in order', () => {
    const first = [enter(), enter(), enter(), enter()];
    const later = [enter(), enter(quarter / 2), enter(quarter / 2)];
    expect(first.every((frame) => frame.isAdmitted)).toBe(true);
    expect(later.some((frame) => frame.isAdmitted)).toBe(false);
    rooms.leave(first[0] as FakeFrame);
    expect(later.map((frame) => frame.isAdmitted)).toEqual([true, false, false]);
    rooms.leave(later[0] as FakeFrame);
    expect(later.map((frame) => frame.isAdmitted)).toEqual([true, true, true]);
  });

  it('is taken from frames that come slowly, once others wait', () => {
    const slow = [enter(), enter(), enter()];
    const quick = enter();
    ticks(10);
    expect(slow.every((frame) => frame.givenUp === null)).toBe(true);
    quick.bytesGathered = quarter;
    const waiting = enter();
    ticks(1);
    expect(waiting.isAdmitted).toBe(true);
    // Only as many as it takes.
    expect(slow.filter((frame) => frame.givenUp !== null)).toHaveLength(1);
    expect(quick.givenUp).toBeNull();
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

  it('an honest frame gets room within seconds, however many half frames came before it', () => {
    for (let count = 0; count < 4 + waitingMax - 1; count++) enter();
    const honest = enter();
    let passed = 0;
    for (; !honest.isAdmitted && passed < 1000; passed++) ticks(1);
    expect(passed).toBeLessThan(200);
  });
});

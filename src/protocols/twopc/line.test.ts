import { describe, expect, it } from 'vitest';
import { Line } from './line.js';
import type { Ctx, LineMessage, Message } from './messages.js';

/** Two ends, and a wire in between that the test holds in its hand. */
function wire() {
  const wired: Message[] = [];
  const context = {
    now: 0,
    send: (_: string, message: Message) => wired.push(message),
    sendUnsynced: (_: string, message: Message) => wired.push(message),
  };
  return { wired, context, ctx: context as unknown as Ctx };
}

const stampsOf = (messages: readonly Message[]) =>
  messages.map((message) => (message as LineMessage).line.number);

describe('a line', () => {
  it('hands on each message once, in order, whatever is lost or doubled', () => {
    const { wired, context, ctx } = wire();
    const [left, right] = [new Line('right', 7, 3), new Line('left', 7, 3)];
    for (let at = 1; at <= 4; at++) left.send({ type: 'ack', ids: [at] }, ctx);
    const [one, two, three] = wired.splice(0) as LineMessage[];
    expect(right.accept((three as LineMessage).line, 0)).toBe(false);
    expect(right.accept((one as LineMessage).line, 0)).toBe(true);
    expect(right.accept((one as LineMessage).line, 0)).toBe(false);
    expect(right.accept((two as LineMessage).line, 0)).toBe(true);
    right.confirm(true, ctx);
    const [seen] = wired.splice(0) as [Extract<Message, { type: 'seen' }>];
    expect(seen).toMatchObject({ gap: true, line: { seen: 2 } });
    left.onSeen(seen, 5, ctx);
    context.now = 10;
    left.onSeen(seen, 5, ctx);
    expect(stampsOf(wired)).toEqual([3, 4]);
    expect(wired.map((message) => right.accept((message as LineMessage).line, 0))).toEqual([
      true,
      true,
    ]);
  });

  it('takes nothing of another life of either side', () => {
    const { wired, ctx } = wire();
    new Line('right', 7, 3).send({ type: 'ack', ids: [] }, ctx);
    const [message] = wired as [LineMessage];
    expect(new Line('left', 8, 3).accept(message.line, 0)).toBe(false);
    expect(new Line('left', 7, 4).accept(message.line, 0)).toBe(false);
    expect(new Line('left', 7, 3).accept(message.line, 0)).toBe(true);
  });

  it('is patient with a side that is silent, more so each time, and prompt when something is missing', () => {
    const { wired, context, ctx } = wire();
    const line = new Line('right', 7, 3);
    for (let at = 1; at <= 10; at++) line.send({ type: 'ack', ids: [at] }, ctx);
    wired.splice(0);
    const resentAt: number[] = [];
    for (context.now = 1; context.now < 100; context.now++) {
      line.resendSilent(10, ctx);
      if (wired.length > 0) resentAt.push(context.now);
      expect(stampsOf(wired.splice(0)).every((number) => number <= 4)).toBe(true);
    }
    expect(resentAt).toEqual([10, 30, 70]);
    const stamp = { epoch: 7, start: 3, number: 0, seen: 0 };
    line.onSeen({ type: 'seen', line: stamp, gap: true }, 5, ctx);
    expect(stampsOf(wired)).toHaveLength(10);
  });

  it('knows for how long it has not been heard', () => {
    const { context, ctx } = wire();
    const line = new Line('right', 7, 3);
    expect(line.silentFor(100)).toBe(0);
    context.now = 100;
    line.send({ type: 'ack', ids: [] }, ctx);
    context.now = 150;
    line.resendSilent(10, ctx);
    expect(line.silentFor(160)).toBe(60);
    line.acknowledged(1, 160);
    expect(line.silentFor(200)).toBe(0);
    expect(line.isBusy).toBe(false);
  });
});

import { expect, test } from 'vitest';
import { keyFromText } from '../../core/key.js';
import { batchBytesTarget, valueBytesMax } from '../../core/limits.js';
import { TestContext } from '../testing/context.js';
import { Batches } from './batches.js';
import type { Quorum } from './messages.js';

const version = { stamp: 1, node: 'n1' };
const write = (phase: number, bytes: number) => ({
  phase,
  key: keyFromText(`k${phase}`),
  version,
  value: new Uint8Array(bytes),
});

test('what a turn says to a peer travels in one message of a kind, in order', () => {
  const [batches, ctx] = [new Batches(), new TestContext<Quorum>()];
  for (let phase = 1; phase <= 50; phase++) {
    batches.to('n2').writes.push(write(phase, 10));
    batches.to('n2').acks.push({ phase, newerStamp: 0 });
    batches.to('n3').acks.push({ phase, newerStamp: 0 });
  }
  batches.flush(false, ctx);
  expect(ctx.sent.map(({ to, message }) => `${to} ${message.type}`)).toEqual([
    'n2 write',
    'n2 ack',
    'n3 ack',
  ]);
  const [first] = ctx.sent;
  const phases = first?.message.type === 'write' ? first.message.writes.map((w) => w.phase) : [];
  expect(phases).toEqual(Array.from({ length: 50 }, (_, at) => at + 1));
  batches.flush(false, ctx);
  expect(ctx.sent).toHaveLength(3);
});

test('no message grows past the target by more than one item, and none is lost', () => {
  const [batches, ctx] = [new Batches(), new TestContext<Quorum>()];
  const sizes = [10, 200_000, valueBytesMax, 5, 100_000, 100_000, 100_000, 1];
  sizes.forEach((size, at) => {
    batches.to('n2').writes.push(write(at + 1, size));
  });
  batches.flush(false, ctx);
  let count = 0;
  for (const { message } of ctx.sent) {
    if (message.type !== 'write') continue;
    count += message.writes.length;
    const beforeLast = message.writes
      .slice(0, -1)
      .reduce((sum, w) => sum + (w.value?.length ?? 0), 0);
    expect(beforeLast).toBeLessThan(batchBytesTarget);
  }
  expect(count).toBe(sizes.length);
  expect(ctx.sent.length).toBeGreaterThan(2);
});

/** Nothing that is kept is written over, however large, in whatever order things are dropped. */
import { expect, test } from 'vitest';
import { SeededRandom } from '../../../core/random.js';
import { value } from '../../../core/wire.js';
import { encodeAs } from '../../../runtime/cbor.js';
import { PackedCbor } from '../../../runtime/cbor-reader.js';
import { type Kept, KeptBytes } from './kept.js';

/** So many bytes of the same number. */
function packed(length: number, number: number): PackedCbor {
  const bytes = encodeAs(value, new Uint8Array(length).fill(number));
  return PackedCbor.of(bytes, 0, bytes.length);
}

const isWhole = (kept: Kept, number: number): boolean =>
  kept.packed.read(value).every((byte) => byte === number);

test.each([1, 2, 3])('what is kept stays as it was, until it is dropped (seed %d)', (seed) => {
  const random = new SeededRandom(seed);
  const all = new KeptBytes();
  const held: { readonly kept: Kept; readonly number: number }[] = [];
  for (let step = 0; step < 3000; step++) {
    const most = step % 1000 < 500 ? 40 : 5;
    if (held.length < most) {
      const length = random.chance(0.02) ? 5000 : random.below(200);
      held.push({ kept: all.keep(packed(length, step & 0xff)), number: step & 0xff });
    }
    // Mostly the oldest goes, sometimes another one, or all.
    const goes = random.chance(0.9) ? 0 : random.below(held.length);
    const count = random.chance(0.01) ? held.length : 1;
    if (held.length >= most || random.chance(0.3)) {
      for (const { kept } of held.splice(goes, count)) all.drop(kept);
    }
    expect(held.every(({ kept, number }) => isWhole(kept, number))).toBe(true);
  }
});

test('a buffer serves again and again', () => {
  const all = new KeptBytes();
  const queue: Kept[] = [];
  const buffers = new Set<Uint8Array | null>();
  for (let at = 0; at < 1000; at++) {
    queue.push(all.keep(packed(100, at & 0xff)));
    if (queue.length > 20) all.drop(queue.shift() as Kept);
    if (at >= 100) buffers.add(queue.at(-1)?.buffer ?? null);
  }
  expect(buffers.size).toBe(1);
});

test('after many, a few have a small one', () => {
  const all = new KeptBytes();
  const many = Array.from({ length: 1000 }, (_, at) => all.keep(packed(100, at & 0xff)));
  for (const kept of many) all.drop(kept);
  let last = all.keep(packed(100, 1));
  for (let at = 0; at < 3000; at++) {
    const next = all.keep(packed(100, 1));
    all.drop(last);
    last = next;
  }
  expect(last.buffer?.length).toBeLessThan(8 * 1024);
});

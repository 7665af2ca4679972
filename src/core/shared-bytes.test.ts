import { expect, it } from 'vitest';
import { SharedBytes } from './shared-bytes.js';

it('copies any length from anywhere, and no two copies overlap', () => {
  const shared = new SharedBytes();
  const source = Buffer.from(Array.from({ length: 3_000 }, (_, at) => at % 251));
  const copies = Array.from({ length: 400 }, (_, length) => shared.copy(source, length, length));
  source.fill(255);
  for (const [length, copied] of copies.entries()) {
    expect([...copied]).toEqual(Array.from({ length }, (_, at) => (length + at) % 251));
    copied.fill(254);
  }
});

it('shares a buffer of 2 KB among strings of 65 to 256 bytes', () => {
  const source = new Uint8Array(1_000);
  const buffersOf = (length: number) => {
    const shared = new SharedBytes();
    return new Set(Array.from({ length: 10 }, () => shared.copy(source, 0, length).buffer));
  };
  expect([64, 65, 200, 256, 257].map((length) => buffersOf(length).size)).toEqual([
    10, 1, 1, 2, 10,
  ]);
  for (const { byteLength } of buffersOf(100)) expect(byteLength).toBe(2048);
});

import { describe, expect, test } from 'vitest';
import { hash32, hashBytes } from './hash.js';

describe('hash32 is MurmurHash3 x86 32', () => {
  // Test vectors of the reference implementation, as collected at en.wikipedia.org/wiki/MurmurHash.
  test.each([
    ['', 0x00000000, 0x00000000],
    ['', 0x00000001, 0x514e28b7],
    ['', 0xffffffff, 0x81f16f39],
    ['test', 0x00000000, 0xba6bd213],
    ['test', 0x9747b28c, 0x704b81dc],
    ['Hello, world!', 0x00000000, 0xc0363e43],
    ['Hello, world!', 0x9747b28c, 0x24884cba],
    ['The quick brown fox jumps over the lazy dog', 0x9747b28c, 0x2fa826cd],
  ])('%j with seed %i', (text, seed, expected) => {
    expect(hash32(text, seed)).toBe(expected);
    if (seed === 0) expect(hashBytes(new TextEncoder().encode(text))).toBe(expected);
  });
});

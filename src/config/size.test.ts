import { expect, it } from 'vitest';
import { formatSize } from '../core/show.js';
import { toBytes } from './size.js';

it.each([
  ['512', 512, '512 B'],
  ['64kB', 64_000, '64 kB'],
  ['1.5 GB', 1_500_000_000, '1.5 GB'],
])('%s is %i bytes, shown as %s', (text, bytes, shown) => {
  expect(toBytes(text, '--queue')).toBe(bytes);
  expect(formatSize(bytes)).toBe(shown);
});

it.each(['', '0', '-1', '1kiB', 'much'])('%j is no size', (text) => {
  expect(() => toBytes(text, '--queue')).toThrow('--queue must be a size such as 64kB');
});

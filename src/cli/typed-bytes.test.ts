import { describe, expect, it } from 'vitest';
import { keyToBytes } from '../core/key.js';
import { toKey, toOldValue, toValue, typedBytes } from './typed-bytes.js';

const { signal } = new AbortController();
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');
const refused = (message: string | RegExp) =>
  expect.objectContaining({
    ...{ code: 'bad-request', definite: true },
    message: expect.stringMatching(message),
  });

describe('what is typed', () => {
  it('is words in order', () => {
    const [key, old, value] = typedBytes(['key', 'old', 'value'], ['k', 'a', ''], {});
    expect([key, old, value].map((each) => text(each?.bytes as Uint8Array))).toEqual([
      'k',
      'a',
      '',
    ]);
  });

  it.each([
    [{ 'key-hex': 'ff00' }, ['v'], '\xff\0', 'v'],
    [{ 'key-hex': 'FF', 'value-hex': '' }, [], '\xff', ''],
    [{ 'key-base64': '/w==' }, ['v'], '\xff', 'v'],
    [{ 'key-base64': '/w' }, ['v'], '\xff', 'v'],
    [{ value: '' }, ['k'], 'k', ''],
    [{ 'value-base64': 'AP8=' }, ['k'], 'k', '\0\xff'],
  ])('by a flag takes no word: %j', (flags, words, key, value) => {
    const [typedKey, typedValue] = typedBytes(['key', 'value'], words, flags);
    expect(text(keyToBytes(toKey(typedKey)))).toBe(key);
    expect(text(typedValue?.bytes as Uint8Array)).toBe(value);
  });

  it.each([
    [{}, ['a\ufffd'], /^KEY is not UTF-8 text/],
    [{}, ['k', '\ufffd'], /^VALUE is not UTF-8 text/],
    [{ value: '\ufffd' }, ['k'], /^--value is not UTF-8 text/],
    [{ 'key-hex': 'f' }, [], /^--key-hex takes two hexadecimal digits a byte/],
    [{ 'key-hex': 'zz' }, [], /^--key-hex takes/],
    [{ 'key-base64': 'a' }, [], /^--key-base64 takes base64/],
    [{ 'key-hex': '00', 'key-base64': 'AA' }, [], /say the same thing twice/],
    [{ 'key-hex': '00' }, ['v', 'w'], /^too many arguments: w$/],
  ])('is refused: %j %j', (flags, words, message) => {
    expect(() => typedBytes(['key', 'value'], words, flags)).toThrow(refused(message));
  });
});

it('a key is there, not empty, and not too long', () => {
  const typed = (bytes: Uint8Array) => ({ bytes, isDash: false });
  expect(() => toKey(null)).toThrow(refused('missing: KEY'));
  expect(() => toKey(typed(Buffer.alloc(0)))).toThrow(refused('may not be empty'));
  expect(() => toKey(typed(Buffer.alloc(1025)))).toThrow(refused('1025 bytes, at most 1024'));
  expect(() => toOldValue(null)).toThrow(refused('missing: OLD'));
});

it('a value is at most 1 MiB', async () => {
  const typed = { bytes: Buffer.alloc(1024 * 1024 + 1), isDash: false };
  await expect(toValue(typed, signal)).rejects.toThrow(refused('larger than'));
});

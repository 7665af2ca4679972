import { describe, expect, it } from 'vitest';
import { checkGiven, nothingKnown } from '../operations/given.js';
import { cas, put } from '../operations/keys.js';
import type { OperationEntry } from '../operations/operation.js';
import { argumentsOf } from './perform-typed.js';

const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('latin1');
const refused = (message: string | RegExp) =>
  expect.objectContaining({
    ...{ code: 'bad-request', definite: true },
    message: expect.stringMatching(message),
  });

function typed(spec: OperationEntry, words: readonly string[], flags: object = {}) {
  const args = argumentsOf(spec, { words, flags: { ...flags } });
  checkGiven(spec, { args, flags: new Map() }, nothingKnown);
  return [...spec.arguments].map(({ name }) => text(args.get(name)?.[0]));
}

describe('what is typed', () => {
  it('is words in order', () => {
    expect(typed(cas, ['k', 'a', ''])).toEqual(['k', 'a', '']);
  });

  it.each([
    [{ 'key-hex': 'ff00' }, ['v'], '\xff\0', 'v'],
    [{ 'key-hex': 'FF', 'value-hex': '' }, [], '\xff', ''],
    [{ 'key-base64': '/w==' }, ['v'], '\xff', 'v'],
    [{ 'key-base64': '/w' }, ['v'], '\xff', 'v'],
    [{ value: '' }, ['k'], 'k', ''],
    [{ 'value-base64': 'AP8=' }, ['k'], 'k', '\0\xff'],
  ])('by a flag takes no word: %j', (flags, words, key, value) => {
    expect(typed(put, words, flags)).toEqual([key, value]);
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
    [{}, [], /^missing: KEY$/],
    [{}, [''], /may not be empty/],
    [{}, ['k'.repeat(1025)], /1025 bytes, at most 1024/],
    [{}, ['k', 'v'.repeat(1024 * 1024 + 1)], /the value is 1048577 bytes, at most 1048576/],
  ])('is refused: %j %j', (flags, words, message) => {
    expect(() => typed(put, words, flags)).toThrow(refused(message));
  });

  it('must say what a value is compared with', () => {
    expect(() => typed(cas, ['k'])).toThrow(refused('missing: OLD'));
  });
});

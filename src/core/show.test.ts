import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { oneLine, printable, show } from './show.js';

describe('what came from outside is shown', () => {
  it.each([
    [10n ** 100n, 'a bigint'],
    [Symbol('s'), 'a symbol'],
    [() => 1, 'a function'],
    [undefined, 'undefined'],
    [null, 'null'],
    [Number.NaN, 'NaN'],
    [[1, 2n, [3]], 'a list of 3'],
    [new Map([[1, 2]]), 'an object'],
    [new Uint8Array(5), '5 bytes'],
    ['n1', '"n1"'],
    ['\u001b[31mred\u0007\r\n', '"\\u001b[31mred\\u0007\\u000d\\u000a"'],
    ['\u202egnp.exe', '"\\u202egnp.exe"'],
    ['half \ud800', '"half \\ud800"'],
    ['ключ 🔑', '"ключ 🔑"'],
  ])('%o as %s', (value, shown) => expect(show(value)).toBe(shown));

  it('by no code of its own', () => {
    const trap = () => {
      throw new Error('it was called');
    };
    const value = { toJSON: trap, toString: trap, [Symbol.toPrimitive]: trap };
    expect(show(value)).toBe('an object');
    expect(show(Object.create(null))).toBe('an object');
  });

  it('shortly, on one line and printably, whatever it is', () => {
    const char = fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code));
    const texts = fc.array(char, { maxLength: 100 }).map((chars) => chars.join(''));
    fc.assert(
      fc.property(texts, (text) => {
        const shown = show(text);
        expect(shown.length).toBeLessThan(400);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what must not get through
        expect(shown).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
        expect(shown).not.toMatch(/\p{Surrogate}/u);
      }),
    );
    expect(show('x'.repeat(1_000_000)).length).toBeLessThan(80);
    expect(oneLine('\n'.repeat(1_000_000), 10)).toBe(`${'\\u000a'.repeat(10)}…`);
    expect(printable('a plain line')).toBe('a plain line');
  });
});

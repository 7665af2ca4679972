import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { globMatcher } from './glob.js';

/** As one would write it down first: any number of characters for a star, tried one after the other. */
function matchesNaively(pattern: string, text: string): boolean {
  if (pattern === '') return text === '';
  const [first, rest] = [pattern.charAt(0), pattern.slice(1)];
  if (first === '*') {
    return matchesNaively(rest, text) || (text !== '' && matchesNaively(pattern, text.slice(1)));
  }
  if (text === '') return false;
  const [char, others] = [text.charAt(0), text.slice(1)];
  if (first === '?') return matchesNaively(rest, others);
  if (first === '[') {
    const { isIn, after } = classOf(rest, char);
    return isIn && matchesNaively(after, others);
  }
  if (first === '\\' && rest !== '') {
    return rest.charAt(0) === char && matchesNaively(rest.slice(1), others);
  }
  return first === char && matchesNaively(rest, others);
}

/** What follows a bracket, read as Redis reads it, character by character. */
function classOf(pattern: string, char: string): { isIn: boolean; after: string } {
  const isNot = pattern.startsWith('^');
  let rest = isNot ? pattern.slice(1) : pattern;
  let isNamed = false;
  for (;;) {
    if (rest === '') break;
    if (rest.charAt(0) === '\\' && rest.length >= 2) {
      if (rest.charAt(1) === char) isNamed = true;
      rest = rest.slice(2);
    } else if (rest.charAt(0) === ']') {
      rest = rest.slice(1);
      break;
    } else if (rest.length >= 3 && rest.charAt(1) === '-') {
      const [from, to] = [rest.charAt(0), rest.charAt(2)].sort() as [string, string];
      if (from <= char && char <= to) isNamed = true;
      rest = rest.slice(3);
    } else {
      if (rest.charAt(0) === char) isNamed = true;
      rest = rest.slice(1);
    }
  }
  return { isIn: isNamed !== isNot, after: rest };
}

const letters = (alphabet: string, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...alphabet), maxLength });

describe('patterns of keys', () => {
  it('match what they would if each was tried in every way', () => {
    const patterns = letters('aabc**?[]^-\\', 9);
    let matched = 0;
    fc.assert(
      fc.property(patterns, letters('abc-]\\', 7), (pattern, text) => {
        const wanted = matchesNaively(pattern, text);
        if (wanted) matched += 1;
        expect(globMatcher(pattern)(text)).toBe(wanted);
      }),
      { numRuns: 5_000, seed: 1 },
    );
    expect(matched).toBeGreaterThan(100);
  });

  it.each([
    ['h[^e]llo', 'hallo', true],
    ['h[a-b]llo', 'hcllo', false],
    ['h[b-a]llo', 'hallo', true],
    ['h\\*llo', 'h*llo', true],
    ['h\\*llo', 'hello', false],
    ['h[llo', 'hl', true],
    ['*', '', true],
    ['\\', '\\', true],
    ['caf\u00c3\u00a9', 'caf\u00c3\u00a9', true],
  ])('%s on %s: %s', (pattern, text, wanted) => {
    expect(globMatcher(pattern)(text)).toBe(wanted);
  });

  it('ignore case when they are to, in classes, too', () => {
    const matches = globMatcher('MAX[m-o]*', true);
    expect(['maxmemory', 'MaxMemory', 'maxclients'].map(matches)).toEqual([true, true, false]);
  });

  it('take no longer than their length times that of the text', () => {
    const matches = globMatcher(`${'a*'.repeat(500)}b`);
    expect(matches('a'.repeat(1000))).toBe(false);
  });
});

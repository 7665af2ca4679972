import { describe, expect, it } from 'vitest';
import { ConfigError, formatPlace } from '../config/problem.js';
import { keyFromBytes, keyFromText } from '../core/key.js';
import { parseTransaction } from './transaction-text.js';

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));
const parse = (text: string) => parseTransaction(bytes(text), 't.txt');
/** The one key that a line gets. */
const keyIn = (word: string) => parse(`get ${word}`)[0]?.key;

function problemsOf(text: string | Uint8Array): string[] {
  try {
    parseTransaction(typeof text === 'string' ? bytes(text) : text, 't.txt');
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map((problem) => `${formatPlace(problem)}: ${problem.message}`);
  }
  return [];
}

describe('a transaction', () => {
  it('is a step a line', () => {
    const [a, b] = [keyFromText('a'), keyFromText('b')];
    expect(parse('put a 1\nget a\ndelete b\ncheck a 1\ncheck b absent')).toEqual([
      { type: 'put', key: a, value: bytes('1') },
      { type: 'get', key: a },
      { type: 'delete', key: b },
      { type: 'check', key: a, expected: bytes('1') },
      { type: 'check', key: b, expected: null },
    ]);
  });

  it('may have blank lines, comments, and lines that end as on Windows', () => {
    expect(parse('# move it\r\n\r\n  get a # now\r\n\tget\tb\r\n')).toHaveLength(2);
    expect(parse('get a#b')).toMatchObject([{ key: 'a#b' }]);
  });

  it('holds words with blanks, and empty ones, in quotes', () => {
    expect(parse('put k "two words"\nput k ""\nput k "#"')).toMatchObject([
      { value: bytes('two words') },
      { value: bytes('') },
      { value: bytes('#') },
    ]);
    expect(parse('put k {"a":1}')).toMatchObject([{ value: bytes('{"a":1}') }]);
  });

  it('can check for the word absent', () => {
    expect(parse('check k "absent"\nput k absent')).toMatchObject([
      { expected: bytes('absent') },
      { value: bytes('absent') },
    ]);
  });

  it('knows the escapes that dump prints', () => {
    expect(keyIn('a\\tb\\n')).toBe('a\tb\n');
    expect(keyIn('"\\"\\\\"')).toBe('"\\');
    expect(keyIn('\\x00\\xff')).toBe(keyFromBytes(Buffer.of(0, 255)));
    expect(keyIn('\\u202e')).toBe(keyFromText('\u202e'));
    expect(keyIn('größe')).toBe(keyFromText('größe'));
  });
});

describe('what is wrong', () => {
  it.each([
    ['', 't.txt: the transaction has no steps'],
    ['get', 't.txt:1:4: expected get KEY'],
    ['put k', 't.txt:1:6: expected put KEY VALUE'],
    [
      'put k two words',
      't.txt:1:11: too many words for put KEY VALUE; what holds blanks needs double quotes',
    ],
    [
      'putt k v',
      't.txt:1:1: there is no step "putt", did you mean "put"?; the steps are put, get, delete, check',
    ],
    ['get "a', 't.txt:1:5: this quote is never closed'],
    ['get "a"b', 't.txt:1:8: a blank is missing after the quote'],
    ['get a\\qb', 't.txt:1:6: "\\\\q" begins no escape; a backslash is \\\\'],
    ['get a\\x1', 't.txt:1:6: "\\\\x" begins no escape; a backslash is \\\\'],
    ['get ""', 't.txt:1:5: a key may not be empty'],
    [`get ${'k'.repeat(1025)}`, 't.txt:1:5: the key is 1025 bytes, at most 1024'],
  ])('%j', (text, problem) => expect(problemsOf(text)).toEqual([problem]));

  it('is listed whole, line by line', () => {
    expect(problemsOf('get\n\nget a\ngot b')).toEqual([
      't.txt:1:4: expected get KEY',
      expect.stringMatching(/^t\.txt:4:1: there is no step "got", did you mean "get"/),
    ]);
  });

  it('can be that it is no text', () => {
    expect(problemsOf(Buffer.of(0xff))[0]).toMatch(/^t\.txt: it is not UTF-8 text/);
  });
});

import { describe, expect, it } from 'vitest';
import { corpusOf } from '../../test/coursework/corpus.js';
import { dialectNames, dialectOfText } from './words.js';

describe('a text', () => {
  it.each(dialectNames)('in the words of %s is recognised', (name) => {
    for (const { name: script, text } of corpusOf(name)) {
      const found = dialectOfText(text, () => false);
      // Words that dialects share say nothing.
      expect([script, found]).toEqual([script, expect.stringMatching(/^cs/)]);
      if (/joinServer|show-all|delay|search/i.test(text))
        expect([script, found]).toEqual([script, name]);
    }
  });

  it('in no words that are known is nobody’s', () => {
    expect(dialectOfText('hello\nworld\n', () => false)).toBe(null);
    expect(dialectOfText('', () => false)).toBe(null);
    expect(dialectOfText('put a 1\nget a\nspeling\n', (number) => number < 3)).toBe(null);
  });
});

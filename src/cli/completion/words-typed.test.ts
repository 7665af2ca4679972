import { describe, expect, it } from 'vitest';
import { inBash, readTyped } from './words-typed.js';

const breaks = ' \t\n"\'><=;|&(:';

describe('a line that is typed', () => {
  it.each([
    ['kvx get ', ['kvx', 'get'], ''],
    ['kvx get k', ['kvx', 'get'], 'k'],
    [`kvx put 'a b' "c \\" d" e\\ f g`, ['kvx', 'put', 'a b', 'c " d', 'e f'], 'g'],
    [`kvx put '' x`, ['kvx', 'put', ''], 'x'],
    [`kvx put "\\n" it''s `, ['kvx', 'put', '\\n', 'its'], ''],
    ['', [], ''],
  ])('%j has these words', (line, words, word) => {
    expect(readTyped(line, breaks)).toMatchObject({ words, word });
  });

  it.each([
    ['kvx get --level=', '--level=all', 'all'],
    ['kvx get --lev', '--level', '--level'],
    ["kvx fault cut 'n1>", 'n1>n2', 'n1>n2'],
    ['kvx fault cut "n1>', 'n1>$x', 'n1>\\$x'],
    ['kvx fault cut n1\\>', 'n1>n2', 'n1\\>n2'],
    ['kvx run it', 'it is mine.kvx', 'it\\ is\\ mine.kvx'],
    ["kvx run 'it", "it is o'clock", "it is o'\\''clock"],
    ['kvx run ~/a', '~/a b', '~/a\\ b'],
    ['kvx fault partition n1,n2/', 'n1,n2/n3', 'n1,n2/n3'],
  ])('%j goes on with %j as bash wants it', (line, label, expected) => {
    expect(inBash(label, readTyped(line, breaks))).toBe(expected);
  });
});

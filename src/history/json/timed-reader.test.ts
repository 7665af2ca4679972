import { describe, expect, it } from 'vitest';
import { parseHistory } from '../read.js';
import { rowsOf } from '../testing/rows.js';

const rows = (text: string) => rowsOf(parseHistory(text, { name: 'h' }));

describe('timed operations', () => {
  it('are one a line, in any order', () => {
    const text = `
      # call return process function key value
      130 190  0  get     x      null
      0   120  0  put     x      1
      100 -    1  cas     x      [1, 2]
      200 250! 0  insert  "a b"  some words
      260 270  2  txn     [["r","x",1],["append","l",3]]
      0   1    3  delete  x`;
    expect(rows(text)).toMatchObject([
      { process: 3, kind: 'delete', written: null, outcome: 'ok', invokedAt: 0, returnedAt: 1 },
      { process: 0, kind: 'put', key: 'x', written: '1', invokedAt: 0, returnedAt: 120 },
      { process: 1, kind: 'cas', expected: '1', written: '2', outcome: 'info' },
      { process: 0, kind: 'get', seen: null, invokedAt: 130, returnedAt: 190 },
      { process: 0, kind: 'insert', key: 'a b', written: 'some words', outcome: 'fail' },
      {
        kind: 'txn',
        steps: [
          ['r', 'x', '1'],
          ['append', 'l', '3'],
        ],
      },
    ]);
  });

  it('may be called as Jepsen calls them', () => {
    const [write, read] = rows('0 5 0 write x 1\n6 7 1 read x 1');
    expect([write, read]).toMatchObject([{ kind: 'put' }, { kind: 'get' }]);
  });

  it('of one process may touch', () => {
    expect(rows('0 5 0 put x 1\n5 9 0 put x 2')).toHaveLength(2);
  });

  it.each([
    ['0 5 0 put x 1\n4 9 0 put x 2', 'h:2: process 0 has an operation open, since line 1'],
    ['4 9 0 put x 2\n0 5 0 put x 1', 'h:1: process 0 has an operation open, since line 2'],
    ['0 5 0 put x 1\n5 4 0 put x 2', 'h:2: it returns before it is called'],
    ['0 5 0 put x 1\n6 7 0 peek x', 'h:2: the function must be one of read, get'],
    ['0 5 0 put x 1\n6 7 0 put', 'h:2: its key is missing'],
    ['0 5 0 put x 1\n6 7 0 put x', 'h:2: a put needs a value other than null'],
    ['0 5 0 put x 1\n6 7 0 get x', 'h:2: an ok get must say what it read'],
    ['0 5 0 put x 1\nsix', 'h:2: expected: call return process function key value, not "six"'],
    ['0 99999999999999999 0 put x 1', 'h:1: a time is too large to be exact'],
    ['0 1 4294967296 put x 1', 'h:1: a process is 2147483647 at most'],
  ])('refused: %j', (text, message) => {
    expect(() => rows(text)).toThrow(message);
  });
});

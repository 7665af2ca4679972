import { describe, expect, it } from 'vitest';
import { parseHistory } from '../read.js';
import { rowsOf } from '../testing/rows.js';
import { type Edn, EdnReader, EdnSymbol, Keyword } from './edn.js';

function formsOf(text: string): Edn[] {
  const reader = new EdnReader(text);
  const forms: Edn[] = [];
  for (let form = reader.next(); form !== undefined; form = reader.next()) forms.push(form);
  return forms;
}

describe('EDN', () => {
  it.each<[string, Edn]>([
    ['nil', null],
    ['true', true],
    ['-12', -12],
    ['+3', 3],
    ['-0', 0],
    ['12N', 12],
    ['1.5e3', 1500],
    ['9007199254740993', new EdnSymbol('9007199254740993')],
    ['1/3', new EdnSymbol('1/3')],
    ['-4/6', new EdnSymbol('-2/3')],
    ['4/2', 2],
    ['0x1F', 31],
    ['-0xff', -255],
    ['017', 15],
    ['2r101', 5],
    ['36rZZ', 1295],
    ['1e3M', 1000],
    ['0.12345678901234567890M', new EdnSymbol('0.12345678901234567890')],
    ['1e999', new EdnSymbol('1e999')],
    ['42N', 42],
    ['##NaN', new EdnSymbol('NaN')],
    ['##-Inf', new EdnSymbol('-Inf')],
    ['#object[demo.x$pick 0x1f2e "a"]', [new EdnSymbol('demo.x$pick'), 0x1f2e, 'a']],
    ['#<core$fn__1 x@1f>', new EdnSymbol('#<core$fn__1 x@1f>')],
    ['#uuid "a-b"', 'a-b'],
    ['#"a.b\\d"', 'a.b\\d'],
    ["#'user/x", new EdnSymbol('user/x')],
    ['^:dynamic ^{:line 3} [1]', [1]],
    ['#_ 1 #_ [2 #_ 3] 4', 4],
    ['[1 #_ 2]', [1]],
    ['[#_ #_ 1 2 3]', [3]],
    [
      '#:a{:b 1 :c/d 2}',
      new Map<Edn, Edn>([
        [':a/b', 1],
        [':c/d', 2],
      ]),
    ],
    ['\\u00e9', 'é'],
    ['\\a', 'a'],
    ['"\\101\\0"', 'A\0'],
    ['foo/bar', new EdnSymbol('foo/bar')],
    [':a-b/c?', new Keyword('a-b/c?')],
    ['"a\\n\\"\\\\\\u00e9"', 'a\n"\\é'],
    ['"two\nlines"', 'two\nlines'],
    ['\\newline', '\n'],
    ['\\{', '{'],
    ['[1, (2 #{3})]', [1, [2, new Set([3])]]],
    ['#inst "2020-01-01"', '2020-01-01'],
    ['; a comment\n 1', 1],
  ])('%s', (text, value) => {
    expect(formsOf(text)).toEqual([value]);
  });

  it('keys of a map by name', () => {
    const [form] = formsOf('{:a 1, "b" {:c nil}}');
    expect(form).toEqual(
      new Map<Edn, Edn>([
        [':a', 1],
        ['b', new Map([[':c', null]])],
      ]),
    );
  });

  it.each([
    ['[1 2', 'this is never closed', 1],
    ['"abc', 'this is never closed', 1],
    ['[1 }', 'this closes nothing', 4],
    ['{:a}', 'a key of this map has no value', 1],
    ['"\\q"', 'this escapes nothing', 2],
    ['1x', 'this is no number', 1],
    ['08', 'this is no number', 1],
    ['1/0', 'this is no number', 1],
    ['2r12', 'this is no number', 1],
    ['40r1', 'this is no number', 1],
    ['##Nan', 'this is not EDN', 1],
    ['#_', 'this discards nothing', 1],
    ['^:a', 'this tag is followed by nothing', 1],
    ['[#tag]', 'this tag is followed by nothing', 2],
    ['#', 'this is not EDN', 1],
    ['#tag', 'this tag is followed by nothing', 1],
    ['['.repeat(100), 'this is nested more than 64 deep', 66],
    ['#a '.repeat(100), 'this is nested more than 64 deep', 196],
  ])('refuses %j', (text, message, column) => {
    expect(() => formsOf(text)).toThrow(expect.objectContaining({ message, column }));
  });
});

describe('Jepsen histories', () => {
  const rows = (text: string) => rowsOf(parseHistory(text, { format: 'edn' }));

  it('all in one vector, each over several lines', () => {
    const text = `
      [{:process 0
        :type :invoke, :f :write ; what it does
        :value 3}
       {:process 0, :type :ok, :f :write, :value 3}]`;
    expect(rows(text)).toMatchObject([
      { kind: 'put', outcome: 'ok', written: '3', key: 'register' },
    ]);
  });

  it('as records of Clojure, with the doings of the nemesis between', () => {
    const text = `
      #jepsen.history.Op{:index 0, :time 10, :type :invoke, :process 4, :f :read, :value nil}
      #jepsen.history.Op{:index 1, :time 11, :type :info, :process :nemesis, :f :kill, :value ["n1"]}
      #jepsen.history.Op{:index 2, :time 12, :type :ok, :process 4, :f :read, :value 7}`;
    expect(rows(text)).toMatchObject([{ process: 4, seen: '7', invokedAt: 10, returnedAt: 12 }]);
  });

  it('of many registers, their keys in the values', () => {
    const text = `
      {:process 0, :type :invoke, :f :cas, :value [1 [0 3]]}
      {:process 1, :type :invoke, :f :read, :value [2 nil]}
      {:process 0, :type :fail, :f :cas, :value [1 [0 3]]}
      {:process 1, :type :ok, :f :read, :value [2 [5 6]]}
      {:process 0, :type :invoke, :f :write, :value [1 4]}
      {:process 0, :type :info, :f :write, :value nil, :error :timeout}`;
    expect(rows(text)).toMatchObject([
      { kind: 'cas', key: '1', expected: '0', written: '3', outcome: 'fail' },
      { kind: 'get', key: '2', seen: '[5,6]' },
      { kind: 'put', key: '1', written: '4', outcome: 'info' },
    ]);
  });

  it('of one register whose values are lists of two', () => {
    const text = `
      {:process 0, :type :invoke, :f :read, :value nil}
      {:process 0, :type :ok, :f :read, :value [1 2]}`;
    expect(rows(text)).toMatchObject([{ key: 'register', seen: '[1,2]' }]);
  });

  it('whose values are sets and maps: what is equal is one value', () => {
    const text = `
      {:process 0, :type :invoke, :f :write, :value #{2 1 3}}
      {:process 0, :type :ok, :f :write, :value #{1 3 2}}
      {:process 0, :type :invoke, :f :write, :value {:b 1 :a 2}}
      {:process 0, :type :ok, :f :write, :value {:a 2 :b 1}}
      {:process 0, :type :invoke, :f :read, :value #{1 2}}
      {:process 0, :type :ok, :f :read, :value #{2 1}}`;
    expect(rows(text)).toMatchObject([
      { written: '[1,2,3]' },
      { written: '{":a":2,":b":1}' },
      { key: 'register', seen: '[1,2]' },
    ]);
  });

  it('of transactions, as Elle has them', () => {
    const text = `
      {:process 0, :type :invoke, :f :txn, :value [[:append 1 9] [:r 2 nil] [:w 3 :x]]}
      {:process 0, :type :ok, :f :txn, :value [[:append 1 9] [:r 2 [7 8]] [:w 3 :x]]}`;
    const steps = [
      ['append', '1', '9'],
      ['r', '2', ['7', '8']],
      ['w', '3', ':x'],
    ];
    expect(rows(text)).toMatchObject([{ kind: 'txn', outcome: 'ok', steps }]);
  });

  it('whose clocks are not quite in order: the order of the lines is what counts', () => {
    const text = `
      {:process 0, :type :invoke, :f :write, :value 1, :time 5}
      {:process 1, :type :invoke, :f :write, :value 2, :time 3}
      {:process 0, :type :ok, :f :write, :value 1, :time 6}`;
    expect(rows(text).map(({ invokedAt }) => invokedAt)).toEqual([5, 5]);
  });

  it.each([
    ['{:process 0, :type :ok, :f :read, :value 1}', 'h:2: ok of process 0'],
    ['{:process 0, :type :invoke, :f :peek, :value 1}', 'h:2:32: :f must be one of :read, :get'],
    ['{:process 0, :type :begin, :f :read, :value 1}', 'h:2:20: :type must be one of :invoke, :ok'],
    ['{:process -1, :type :invoke, :f :read}', 'h:2:11: :process must be'],
    [
      '{:type :invoke, :process 0, :f :read}\n{:type :ok, :f :read, :value 1}',
      'h:3: :process is missing',
    ],
    [
      '{:type :invoke, :f :read}\n{:type :ok, :process 1, :f :read, :value 1}',
      'h:3:22: :process is given',
    ],
    [
      '{:type :invoke, :f :read}\n{:type :invoke, :f :read}',
      "h:3: process 0 has an operation open, since line 2: one at a time (no processes are named: all is one client's)",
    ],
    ['{:type :invoke, :process 0}', 'h:2: :f is missing'],
    [
      '{:type :invoke, :process 0, :f :read, :value [0 nil]}\n{:type :ok, :process 0, :f :read, :value [0 1 2]}',
      'h:3:42: this began as [key, value], and ends as something else',
    ],
    ['{:process 0, :f :read}', 'h:2: :type is missing'],
    ['{:type :invoke, :process :a, :f :read}', 'h:2:26: :process must be'],
    [
      '[{:process 0, :type :invoke, :f :read} {:process 0, :type :ok, :f :read, :value 1x}]',
      'h:2:81: this is no number',
    ],
    [
      '[{:process 0, :type :invoke, :f :read} {:process 1, :type :ok, :f :read}]',
      'h:2:40: ok of process 1',
    ],
    ['{:process 0, :type :invoke, :f}', 'h:2:31: a key of this map has no value'],
    ['{:process 0, :type :invoke,\n :f ]}', 'h:3:5: this closes nothing'],
    ['{:process 0', 'h:2:1: this is never closed'],
    ['17', 'h:2: each operation is a map'],
    ['{:process 0, :type :invoke, :f :read, :time :now}\n', null],
    [
      '{:process 0, :type :invoke, :f :read, :time 1}\n{:process 0, :type :ok, :f :read}',
      'h:3: :time must be',
    ],
  ])('refused: %s', (text, message) => {
    const read = () => parseHistory(`\n${text}`, { name: 'h', format: 'edn' });
    if (message === null) expect(read().count).toBe(1);
    else expect(read).toThrow(message);
  });

  it('refused: a vector that is never closed', () => {
    const text = '\n[\n{:process 0, :type :invoke, :f :read}';
    expect(() => parseHistory(text, { name: 'h' })).toThrow(
      'h:2:1: the vector of operations is never closed',
    );
  });
});

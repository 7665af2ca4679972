/** What Jepsen, Knossos, Elle and those who copy from them write: whatever its form, it is the same history. */
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readHistory } from './files/read-file.js';
import { parseHistory } from './read.js';
import { rowsOf } from './testing/rows.js';

const rows = (...lines: string[]) => rowsOf(parseHistory(lines.join('\n'), { name: 'h' }));
const refusal = (...lines: string[]) => {
  try {
    parseHistory(lines.join('\n'), { name: 'h' });
  } catch (error) {
    return (error as Error).message;
  }
  return 'not refused';
};

const write = '{:process 0, :type :invoke, :f :write, :value 7}';
const wrote = '{:process 0, :type :ok, :f :write, :value 7}';
const read = '{:process 1, :type :invoke, :f :read, :value nil}';
const saw7 = '{:process 1, :type :ok, :f :read, :value 7}';
const expected = [
  { kind: 'put', key: 'register', written: '7', outcome: 'ok' },
  { kind: 'get', key: 'register', seen: '7', outcome: 'ok' },
];

describe('what is left out need not be understood:', () => {
  it.each([
    '#object[demo.nemesis$pick 0x1f2e3d4c "demo.nemesis$pick@1f2e3d4c"]',
    '#<nemesis$pick@1f2e3d4c: #<Atom @3: {:a 1>>',
    '#error {:cause "x" :via [{:type java.lang.Exception :at [a b "c.clj" 08]}]}',
    '{:odd}',
    '[1x 08 ##What "\\q" \\( (unclosed.but.balanced)]',
    '^{:doc "m"} #:a{:b #_ c 1}',
    '#=(java.lang.System/exit 0)',
    '2020-01-01T00:00:00',
    '"a } b ; c"',
    '\\}',
  ])('%s', (odd) => {
    const nemesis = `{:process :nemesis, :type :info, :f :isolate, :value ${odd}, :who ${odd}}`;
    const client = wrote.replace('}', `, :error ${odd}, 3 ${odd}, ${odd} nil}`);
    expect(rows(write, nemesis, client, read, saw7)).toMatchObject(expected);
    expect(rows(`[${write} ${nemesis} ${client}`, read, `${saw7}]`)).toMatchObject(expected);
  });

  it('the doings of others than the nemesis, if they only inform', () => {
    const other = '{:process :chaos, :type :info, :f :break, :value 1}';
    expect(rows(write, other, wrote, read, saw7)).toMatchObject(expected);
    expect(refusal(write, other.replace(':info', ':ok'))).toBe(
      'h:2:11: :process must be a whole number, or a keyword such as :nemesis',
    );
  });
});

describe('operations', () => {
  it('discarded, tagged, with metadata, over several lines, in a list, with a carriage return', () => {
    const text = `({:process 0 #_ :x :type :invoke\r\n:f :write :value 7}\r\n#_ {:process 9}\n#_\n{:process 8}\n^:m #jepsen.history.Op ${wrote}\n`;
    expect(rows(`\ufeff${text}`, read, `${saw7})`)).toMatchObject(expected);
  });

  it('of which a read begins with what it will return', () => {
    const completed = read.replace('nil', '3');
    expect(rows(write, wrote, completed, saw7)).toMatchObject(expected);
    const keyed = (line: string) => line.replace(/:value (\w+)/, ':value [:k $1]');
    expect(rows(...[write, wrote, completed, saw7].map(keyed))).toMatchObject([
      { key: ':k', written: '7' },
      { key: ':k', seen: '7' },
    ]);
  });

  it('where :nil is absence', () => {
    expect(rows(read, saw7.replace('7', ':nil'))).toMatchObject([{ seen: null }]);
  });

  it('without processes and without :f, as Elle has them: transactions of one client', () => {
    const text = [
      '{:index 0 :type :invoke  :value [[:append 253 1] [:r 255 nil]]}',
      '{:index 1 :type :ok      :value [[:append 253 1] [:r 255 [2 3]]]}',
    ];
    const steps = [
      ['append', '253', '1'],
      ['r', '255', ['2', '3']],
    ];
    expect(rows(...text)).toMatchObject([{ process: 0, kind: 'txn', outcome: 'ok', steps }]);
  });

  it("of a long fork's, which are called reads and writes and are transactions", () => {
    const text = [
      '{:process 0, :type :invoke, :f :write, :value [[:w 5 1]]}',
      '{:process 1, :type :invoke, :f :read, :value [[:r 5 nil] [:r 6 nil]]}',
      '{:process 0, :type :ok, :f :write, :value [[:w 5 1]]}',
      '{:process 1, :type :ok, :f :read, :value [[:r 5 1] [:r 6 nil]]}',
      '{:process 2, :type :invoke, :f :read, :value [[:r 5 nil]]}',
      '{:process 2, :type :info, :f :read, :value nil, :error :timeout}',
    ];
    expect(rows(...text)).toMatchObject([
      { kind: 'txn', steps: [['w', '5', '1']] },
      {
        kind: 'txn',
        steps: [
          ['r', '5', '1'],
          ['r', '6', null],
        ],
      },
      { kind: 'txn', outcome: 'info' },
    ]);
  });

  it('whose steps are called :read and :write, as in Knossos', () => {
    const text = [
      '{:type :invoke, :f :txn, :value [[:write :a 1] [:read :b nil]], :process 3, :time 10}',
      '{:type :ok, :f :txn, :value [[:write :a 1] [:read :b :nil]], :process 3, :time 20}',
    ];
    expect(rows(...text)).toMatchObject([
      {
        steps: [
          ['w', ':a', '1'],
          ['r', ':b', null],
        ],
      },
    ]);
  });
});

describe('JSON with the names of Jepsen', () => {
  const json = [
    '{"process":0,"type":"invoke","f":"write","value":7}',
    '{"process":":nemesis","type":"info","f":"kill","value":{"a":[1]}}',
    '{"process":0,"type":"ok","f":"write","value":7,"index":3}',
    '{"process":1,"type":":invoke","f":":read","value":null}',
    '{"process":1,"type":"ok","f":"read","value":7}',
  ];

  it('one object a line', () => {
    expect(rows(...json)).toMatchObject(expected);
  });

  it('all in one array, in one line, in many, or printed prettily', () => {
    const array = `[${json.join(',')}]`;
    for (const text of [
      array,
      `[${json.join(',\n')}\n]`,
      JSON.stringify(JSON.parse(array), null, 2),
    ])
      expect(rows(text)).toMatchObject(expected);
  });

  it('of many registers, of transactions', () => {
    const text = [
      '{"process":0,"type":"invoke","f":"cas","value":["k",[1,2]],"time":5}',
      '{"process":0,"type":"fail","f":"cas","value":["k",[1,2]],"time":6}',
      '{"process":1,"type":"invoke","f":"txn","value":[["r","x",null],["append","y",3]],"time":7}',
    ];
    expect(rows(...text)).toMatchObject([
      { kind: 'cas', key: 'k', expected: '1', written: '2', outcome: 'fail', invokedAt: 5 },
      {
        kind: 'txn',
        steps: [
          ['r', 'x', '?'],
          ['append', 'y', '3'],
        ],
      },
    ]);
  });

  it('our own objects, in which reads are called as Jepsen does', () => {
    const [append, read] = rows(
      [
        '{"process":0,"type":"invoke","f":"append","key":"l","value":1,"time":1}',
        '{"process":0,"type":"ok","f":"append","key":"l","value":1,"time":2}',
        '{"process":1,"type":"invoke","f":"read","key":"l","value":null,"time":3}',
        '{"process":1,"type":"ok","f":"read","key":"l","value":[1],"time":4}',
      ].join('\n'),
    );
    expect([append, read]).toMatchObject([{ kind: 'append' }, { kind: 'get', key: 'l' }]);
  });

  it('our own objects in an array', () => {
    const text = '[{"process":0,"type":"invoke","f":"put","key":"a","value":"1","time":10}]';
    expect(rows(text)).toMatchObject([{ kind: 'put', key: 'a', invokedAt: 10 }]);
  });

  it.each([
    [
      [json[0] as string, '{"process":0,"type":"done","f":"write"}'],
      'h:2:14: "type" must be one of "invoke"',
    ],
    [
      [json[0] as string, '{"process":0,"type":"ok","f":"peek"}'],
      'h:2:26: "f" must be one of "read"',
    ],
    [['[', json[0] as string], 'h:1:1: the vector of operations is never closed'],
    [[`[${json[0]},`, '3]'], 'h:2: each line must be one JSON object, not "3"'],
    [[`[${json[0]},`, '{"process":1,"type":"ok","f":"read","value":7}]'], 'h:2: ok of process 1'],
  ])('refused %#', (lines, message) => {
    expect(refusal(...lines)).toContain(message);
  });
});

describe('logs', () => {
  const log = [
    'INFO  jepsen.util - 0   :invoke :write  7',
    'INFO  jepsen.util - :nemesis :info :start #<x y>',
    'INFO  jepsen.util - 0   :ok :write  7',
    'INFO  jepsen.util - 1   :invoke :read   nil',
    'INFO  jepsen.util - 1   :ok :read   7',
  ];

  it.each([
    ['with blanks for tabs', (line: string) => line],
    ['with tabs', (line: string) => line.replaceAll(/ +(?=:|\S+$)/g, '\t')],
    ['without a logger', (line: string) => line.replace(/^.* - /, '')],
    [
      'of Jepsen 0.2',
      (line: string) =>
        line.replace('jepsen.util -', '[2021-02-08 11:17:57,842] jepsen worker 0 - jepsen.util'),
    ],
    [
      'of Jepsen 0.3',
      (line: string) =>
        line.replace(
          /INFO .* - /,
          '2024-02-26 23:39:01,300{GMT}\tINFO\t[jepsen worker 1] jepsen.util: ',
        ),
    ],
    [
      'with colours of a terminal',
      (line: string) => `\u001b[32m${line.replace(/ - /, ' - \u001b[0m')}\u001b[0m`,
    ],
    ['with blanks of a web page', (line: string) => line.replaceAll(' ', '\u00a0')],
    ['that end with carriage returns', (line: string) => `${line}\r`],
    ['indented', (line: string) => `    ${line}  `],
  ])('%s', (_, as) => {
    expect(rows(...log.map(as))).toMatchObject(expected);
  });

  it('with errors after values, and other messages and traces between', () => {
    const text = [
      'INFO [2021-02-08 11:17:57,705] jepsen test runner - jepsen.core Relative time begins now',
      ...log.slice(0, 2),
      'WARN [2021-02-08 11:18:02,855] jepsen worker 0 - jepsen.generator.interpreter Process 0 crashed',
      'java.net.SocketTimeoutException: Read timed out',
      '\tat java.net.SocketInputStream.read(SocketInputStream.java:171) ~[na:1.8]',
      'INFO  jepsen.util - 0\t:info\t:write\t7\t:timed-out "a \\q"',
      ...log.slice(3),
    ];
    expect(rows(...text)).toMatchObject([{ outcome: 'info' }, { seen: '7' }]);
  });

  it.each([
    [
      [...log, 'INFO jepsen.util - 4   :invok'],
      'h:6: expected process, :type, :function and value',
    ],
    [[...log, '4 :invoke'], 'h:6: expected process'],
    [[...log, 'hello'], 'h:6: expected process'],
    [[...log, 'INFO  jepsen.util - 4 :invoke :peek nil'], 'h:6:31: :f must be one of'],
    [[...log, 'INFO  jepsen.util - 4 :invoke :write [1'], 'h:6:38: this is never closed'],
    [[...log, 'INFO  jepsen.util - 4 :ok :read 3'], 'h:6: ok of process 4'],
  ])('refused %#', (lines, message) => {
    expect(refusal(...lines)).toContain(message);
  });
});

describe('gzip', () => {
  const packed = gzipSync([write, wrote, read, saw7].join('\n'));

  it('is unpacked, piece by piece, though a piece is written over by the next', async () => {
    const piece = new Uint8Array(1);
    function* lent() {
      for (const byte of packed) {
        piece[0] = byte;
        yield piece;
      }
    }
    expect(rowsOf(await readHistory([packed]))).toMatchObject(expected);
    expect(rowsOf(await readHistory(lent()))).toMatchObject(expected);
  });

  it('that was cut off is refused', async () => {
    const reading = readHistory([packed.subarray(0, packed.length - 9)], { name: 'h' });
    await expect(reading).rejects.toThrow('h: this gzip file is damaged or cut off');
  });
});

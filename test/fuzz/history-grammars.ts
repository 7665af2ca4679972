/** Histories in all formats: as tools write them, and as they come out of editors, terminals and full disks. */
import { type Grammar, mostly } from './mutate.js';

const types = mostly(['invoke', 'invoke', 'ok', 'ok', 'fail', 'info'], ['nope']);
const registers = ['read', 'write', 'cas', 'get', 'put', 'insert', 'update', 'delete', 'append'];
const others = ['add', 'enqueue', 'dequeue', 'drain', 'acquire', 'release', 'generate', 'transfer'];
const names = mostly(
  ['read', 'write', 'cas', 'get', 'put'],
  [...registers, ...others, 'txn', 'start', 'toString'],
);
const process = mostly(
  ['0', '1', '2', '3', '4'],
  ['-1', '1.5', '9007199254740993', '99999999999999999999'],
);
const time = mostly(['0', '10', '20', '30'], ['1e3', '-5', '9007199254740993', '1.25']);

/** What a nemesis does. */
const deeds = mostly(
  ['start', 'stop', 'kill', 'start-partition', 'stop-partition', 'isolate', 'heal'],
  ['pause', 'resume', 'reset-clock', 'bitflip', 'toString'],
);

const json: Grammar = {
  deed: deeds.map((f) => `"${f}"`),
  process: [...process, '"nemesis"', '":nemesis"', 'null', '"0"', '[0]'],
  type: types.map((type) => `"${type}"`),
  f: [...names.map((f) => `"${f}"`), '":read"', '":txn"', 'null', '1'],
  time: [...time, 'null', '"1"'],
  text: ['"a"', '"x y"', '"\\u00e9"', '"\\ud800"', '"é"', '""', '"\\n"', '"__proto__"'],
  value: [
    ...[
      '1',
      '2',
      'null',
      'true',
      '-0',
      '1e400',
      '0.1',
      '<text>',
      '[]',
      '{}',
      '[1, 2]',
      '["1", null]',
    ],
    ...['[<value>, <value>]', '[<steps>]', '{"from": 1, "to": 2, "amount": 3}', '{"a": <value>}'],
    ...['["k", <value>]', '{"b64": "AAE="}', '{"hex": "00"}', '[[<value>]]'],
  ],
  steps: ['<step>', '<step>,<steps>', ''],
  step: [
    ...['["r", "x", null]', '["r", <text>, [1, 2]]', '["w", "y", <value>]', '["append", "y", 3]'],
    ...['[":r", 1, 2]', '["check", "x", 1]', '["r"]', '["rr", "x", 1]', '{"f": "r", "key": "x"}'],
  ],
  extra: [
    ...[
      '',
      '',
      ', "time": <time>',
      ', "index": <process>',
      ', "key": <text>',
      ', "error": <value>',
    ],
    ...[', "node": "n1"', ', "version": {"stamp": <time>, "node": "n1"}', ', "actual": <value>'],
    ...[', "type": <type>', ', <text>: <value>', ', "time": <time>, "link": true'],
  ],
  operation: [
    '{"process": <process>, "type": <type>, "f": <f>, "value": <value><extra><extra>}',
    '{"process":0,"type":"invoke","f":"put","key":"a","value":"1","time":10}',
    '{"process":0,"type":"ok","f":"put","key":"a","value":"1","time":20<extra>}',
    '{"process":0,"type":"invoke","f":"txn","value":[<steps>]}',
    '{"process":0,"type":"ok","f":"txn","value":[<steps>]<extra>}',
    '{"process": <process>, "type": <type>, "value": [<steps>]}',
    '{"type": <type>, "process": "nemesis", "f": <f>, "value": <value>}',
    '{"process": "nemesis", "type": "info", "f": <deed>, "value": <value>, "time": <time>}',
    '{"process": "nemesis", "f": <deed>, "value": <text><extra>, "fault": <value>, "by": <text>}',
  ],
};

export const jsonLinesGrammar: Grammar = {
  ...json,
  input: [
    '<operation>',
    '<operation>\n<input>',
    '<operation>\n<input>',
    '\n<input>',
    ' <operation>\r\n<input>',
  ],
};

export const jsonArrayGrammar: Grammar = {
  ...json,
  input: [
    '[<operations>]',
    '[\n<operations>\n]',
    '[<operations>',
    '[<operations>]\n<operation>',
    '[]',
  ],
  operations: [
    '<operation>',
    '<operation>,\n<operations>',
    '<operation>, <operations>',
    '<operation>\n<operations>',
  ],
};

const edn: Grammar = {
  deed: deeds.map((f) => `:${f}`),
  process: [...process, ':nemesis', 'nil', '"0"', '0N', '0x1F', '017', '2r101'],
  type: types.map((type) => `:${type}`),
  f: [...names.map((f) => `:${f}`), 'nil', 'read', '"read"', ':a/b'],
  time: [...time, 'nil', '10N', '1M'],
  text: ['"a"', '"a\\n\\u00e9"', '"\\q"', '"x', ':k', 'sym', '\\a', '\\newline', '\\u0041', '\\'],
  value: [
    ...[
      '1',
      'nil',
      ':nil',
      'true',
      '1/3',
      '2/6',
      '1/0',
      '0x1F',
      '36rZZ',
      '-0',
      '1e400',
      '1.5M',
      '12N',
    ],
    ...['##NaN', '##Inf', '##', '<text>', '[]', '()', '{}', '#{}', '[1 2]', '[<value> <value>]'],
    ...[
      '#{<value> <value>}',
      '{<text> <value>}',
      '(<value>)',
      '[<steps>]',
      '^:m <value>',
      '#_ 1 2',
    ],
    ...['^{:a 1} [<value>]', '#inst "2020-01-01"', '#a.b <value>', '#object[a.b$c 0x1f "t"]'],
    ...['#<x y>', '#:a{:b 1}', "#'x", '@x', '`x', '~x', '#jepsen.history.Op{:process 0}', ';c\n1'],
    ...['{:from 1, :to 2, :amount 3}', '[:k <value>]', '#{1 1}', '{:a 1 :a 2}', '{:a}'],
  ],
  steps: ['<step>', '<step> <steps>', ''],
  step: [
    '[:r :x nil]',
    '[:r 1 [1 2]]',
    '[:w :y <value>]',
    '[:append :y 3]',
    '["r" 1 2]',
    '[:read 1 2]',
    '[:r]',
  ],
  extra: [
    ...mostly(['', ''], []),
    ...['', '', ', :time <time>', ', :index <process>', ' :error <value>', ', :link true'],
    ...[' :node "n1"', ', :type <type>', ' <text> <value>', ' #_ <value>', ' ^:m :a 1'],
  ],
  operation: [
    '{:process <process>, :type <type>, :f <f>, :value <value><extra><extra>}',
    '{:process 0, :type :invoke, :f :write, :value 7, :time 10}',
    '{:process 0, :type :ok, :f :write, :value 7, :time 20<extra>}',
    '{:process 0 :type :invoke :f :txn :value [<steps>]}',
    '{:process 0 :type :ok :f :txn :value [<steps>]<extra>}',
    '#jepsen.history.Op{:index 0, :process <process>, :type <type>, :f <f>, :value <value>}',
    '{:process <process> :type <type> :value [<steps>]}',
    '{:type <type>, :f <f>, :process :nemesis, :value <value>}',
    '{:process :nemesis, :type :info, :f <deed>, :value <value>, :time <time>, :fault <value>}',
    '{:process :nemesis, :type :info, :f <deed>, :value <value>}',
  ],
};

export const ednGrammar: Grammar = {
  ...edn,
  input: [
    '<lines>',
    '[<lines>]',
    '(<lines>)',
    '[<lines>\n]',
    '; c\n<lines>',
    '#_ {} <lines>',
    '[<lines>',
  ],
  lines: [
    '<operation>',
    '<operation>\n<lines>',
    '<operation>\n<lines>',
    '<operation> <lines>',
    '<operation>,<lines>',
  ],
};

/** What loggers of all of Jepsen's ages put before an operation. */
const prefixes = [
  ...['', 'INFO  jepsen.util - ', 'INFO [2021-02-08 11:17:57,842] jepsen worker 0 - jepsen.util '],
  ...[
    '2021-02-26 23:39:01,300{GMT}\tINFO\t[jepsen worker 1] jepsen.util: ',
    '\x1b[32mINFO\x1b[0m jepsen.util - ',
  ],
  ...['2023-01-02 03:04:05 INFO jepsen.print ', 'INFO [jepsen worker 2] jepsen.core - '],
];

export const logGrammar: Grammar = {
  ...edn,
  input: ['<line>', '<line>\n<input>', '<line>\n<input>', '<line>\r\n<input>'],
  line: [
    ...prefixes.map((prefix) => `${prefix}<process><gap><type><gap><f><gap><value>`),
    ...prefixes
      .slice(0, 3)
      .map((prefix) => `${prefix}<process><gap><type><gap><f><gap><value><gap><value>`),
    ...['0\t:invoke\t:read\tnil', '0\t:ok\t:read\t3', '<process><gap><type><gap><f>', ''],
    ...[
      'WARN jepsen.x Something happened\n\tat java.lang.Thread.run(Thread.java:1)',
      'INFO x 0 :in',
    ],
    ...['Caused by: x', '... 3 more', '0 :invoke', 'DEBUG [a] b - 0 :invoke :read nil nil'],
  ],
  gap: mostly(['\t', ' ', '\t'], ['  ', '\t\t', ',']),
};

export const timedGrammar: Grammar = {
  ...json,
  input: [
    '<line>',
    '<line>\n<input>',
    '<line>\n<input>',
    '# call return process function key value\n<input>',
  ],
  line: [
    ...['<time> <end> <process> <f> <key> <value>', '0 120 0 put x 1', '100 - 1 cas x [1, 2]'],
    ...[
      '130 190! 0 get x null',
      '200 220 3 txn [<steps>]',
      '<time> <end> 1 get <key> <value>',
      '0 1',
    ],
  ],
  end: ['120', '120', '-', '190!', '5', '-!', '1e3', '99999999999999999999', '!'],
  f: [...names, '"put"'],
  key: ['x', 'y', 'x', '"x y"', '"\\u00e9"', '1', 'null', '[1]', '"'],
};

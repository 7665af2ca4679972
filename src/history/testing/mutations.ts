/** Histories in all formats, and what becomes of them when somebody's editor, disk or cat has been at them. */

import { type CheckReport, check } from '../../check/index.js';
import { KvxError } from '../../core/errors.js';
import type { Random } from '../../core/random.js';
import { readHistory } from '../read.js';

const originals: readonly string[] = [
  `{"process":0,"type":"invoke","f":"put","key":"a","value":"1","time":10}
{"process":0,"type":"ok","f":"put","key":"a","value":"1","time":20,"version":{"stamp":1,"node":"n1"}}
{"process":1,"type":"invoke","f":"cas","key":"a","value":["1",null],"time":30}
{"process":1,"type":"fail","f":"cas","key":"a","value":["1",null],"time":40,"actual":"2","node":"n2"}
{"process":2,"type":"invoke","f":"txn","value":[["r","x",null],["append","y",3]],"time":50}
{"process":2,"type":"ok","f":"txn","value":[["r","x",[1,2]],["append","y",3]],"time":60}`,
  `[{"process":0,"type":"invoke","f":"write","value":[1,2]},
 {"process":"nemesis","type":"info","f":"kill","value":{"a":[1,{"b":null}]}},
 {"process":0,"type":"ok","f":"write","value":[1,2],"index":3}]`,
  `{:process 0, :type :invoke, :f :write, :value 7, :time 10}
{:process :nemesis, :type :info, :f :x, :value #object[a.b$c 0x1f "t"], :e #<x y>} ; comment
#jepsen.history.Op{:process 0, :type :ok, :f :write, :value 7, :time 20, :error ^:m [1 #_ 2]}
{:process 1, :type :invoke, :f :read, :value nil, :time 30}
{:process 1, :type :ok, :f :read, :value "a\\n\\u00e9", :time 40}`,
  `[{:process 0 :type :invoke :f :txn :value [[:r :x nil] [:append :y 1/3]]}
{:process 0 :type :ok :f :txn :value [[:r :x [1 0x1F 2r101]] [:append :y 2/6]]}
{:process 1 :type :invoke :f :add :value #{1 ##NaN}} {:process 1 :type :info :f :add
:value [k \\newline]}]`,
  `INFO [2021-02-08 11:17:57,842] jepsen worker 0 - jepsen.util 0	:invoke	:write	[0 2]
WARN jepsen.x Something happened
	at java.lang.Thread.run(Thread.java:1)
INFO [2021-02-08 11:17:57,843] jepsen worker 0 - jepsen.util 0	:info	:write	[0 2]	:timed-out
INFO  jepsen.util - 1 :invoke :dequeue nil`,
  `# call return process function key value
0 120 0 put x 1
100 - 1 cas "x y" [1, 2]
130 190! 0 get x null
200 220 3 txn [["r","x",1],["w","y",null]]`,
];

const pieces: readonly string[] = [
  ...['{', '}', '[', ']', '(', ')', '"', '\\', ';', '\n', '\r\n', ' ', '\t', ',', ':', '#', '^'],
  ...[
    '#_',
    '#{',
    '##Inf',
    '#<',
    '>',
    '#:a{',
    "#'",
    '0x',
    '1/0',
    '9'.repeat(30),
    '-',
    '1e999',
    '2r',
  ],
  ...['nil', 'null', ':nil', ':process', '"process":', ':type', ':ok', ':invoke', ':f', ':value'],
  ...['"value":', '[[:r 1 nil]]', '{:a 1}', '\u0000', '\ufeff', '\ud800', 'é', '\x1f\x8b', '0'],
  ...[':enqueue', ':add', ':acquire', ':transfer', '{"from":1,"to":2,"amount":3}', '\u2028'],
];

function mutated(random: Random, text: string): string {
  const from = random.below(text.length + 1);
  const to = Math.min(text.length, from + random.below(random.below(4) === 0 ? 60 : 6));
  const [before, middle, after] = [text.slice(0, from), text.slice(from, to), text.slice(to)];
  const piece = pieces[random.below(pieces.length)] as string;
  switch (random.below(7)) {
    case 0:
      return before + after;
    case 1:
      return before + piece + after;
    case 2:
      return before + piece.repeat(1 + random.below(80)) + middle + after;
    case 3:
      return before + middle + middle + after;
    case 4:
      return before + String.fromCharCode(random.below(256)) + after;
    case 5:
      return before;
    default: {
      const other = originals[random.below(originals.length)] as string;
      const at = random.below(other.length);
      return before + other.slice(at, at + random.below(80)) + after;
    }
  }
}

/** Reads one of them, and has it judged. `null`: it is refused, with its place. Anything else is a defect. */
export async function readMutated(random: Random): Promise<CheckReport | null> {
  let text = originals[random.below(originals.length)] as string;
  for (let times = 1 + random.below(4); times > 0; times--) text = mutated(random, text);
  // Half of them byte by byte, which cuts characters.
  const bytes = Buffer.from(text, random.below(2) === 0 ? 'utf8' : 'latin1');
  try {
    return await check(await readHistory([bytes], { name: 'h' }), { timeoutMs: 200 });
  } catch (error) {
    if (error instanceof KvxError && error.code === 'config' && error.definite) return null;
    throw new Error(`not a refusal, of ${JSON.stringify(text)}`, { cause: error });
  }
}

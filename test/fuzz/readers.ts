/** The readers of histories: the parsers of what tools write, and of what became of it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { check } from '../../src/check/index.js';
import { type FaultSpan, FaultSpans, nemesisLines } from '../../src/history/faults.js';
import { readHistory } from '../../src/history/files/read-file.js';
import type { Format } from '../../src/history/formats.js';
import { parseHistory } from '../../src/history/read.js';
import type { ParserUnderTest } from './campaign.js';
import {
  ednGrammar,
  jsonArrayGrammar,
  jsonLinesGrammar,
  logGrammar,
  timedGrammar,
} from './history-grammars.js';
import type { Grammar } from './mutate.js';

const json = `{"process":0,"type":"invoke","f":"put","key":"a","value":"1","time":10}
{"process":0,"type":"ok","f":"put","key":"a","value":"1","time":20,"version":{"stamp":1,"node":"n1"}}
{"process":1,"type":"invoke","f":"cas","key":"a","value":["1",null],"time":30}
{"process":1,"type":"fail","f":"cas","key":"a","value":["1",null],"time":40,"actual":"2","node":"n2"}
{"process":2,"type":"invoke","f":"txn","value":[["r","x",null],["append","y",3]],"time":50}
{"process":2,"type":"ok","f":"txn","value":[["r","x",[1,2]],["append","y",3]],"time":60}`;
const array = `[{"process":0,"type":"invoke","f":"write","value":[1,2]},
 {"process":"nemesis","type":"info","f":"kill","value":{"a":[1,{"b":null}]}},
 {"process":0,"type":"ok","f":"write","value":[1,2],"index":3}]`;
const edn = [
  `{:process 0, :type :invoke, :f :write, :value 7, :time 10}
{:process :nemesis, :type :info, :f :x, :value #object[a.b$c 0x1f "t"], :e #<x y>} ; comment
#jepsen.history.Op{:process 0, :type :ok, :f :write, :value 7, :time 20, :error ^:m [1 #_ 2]}
{:process 1, :type :invoke, :f :read, :value nil, :time 30}
{:process 1, :type :ok, :f :read, :value "a\\n\\u00e9", :time 40}`,
  `[{:process 0 :type :invoke :f :txn :value [[:r :x nil] [:append :y 1/3]]}
{:process 0 :type :ok :f :txn :value [[:r :x [1 0x1F 2r101]] [:append :y 2/6]]}
{:process 1 :type :invoke :f :add :value #{1 ##NaN}} {:process 1 :type :info :f :add
:value [k \\newline]}]`,
];
const log = `INFO [2021-02-08 11:17:57,842] jepsen worker 0 - jepsen.util 0	:invoke	:write	[0 2]
WARN jepsen.x Something happened
	at java.lang.Thread.run(Thread.java:1)
INFO [2021-02-08 11:17:57,843] jepsen worker 0 - jepsen.util 0	:info	:write	[0 2]	:timed-out
INFO  jepsen.util - 1 :invoke :dequeue nil`;
const timed = `# call return process function key value
0 120 0 put x 1
100 - 1 cas "x y" [1, 2]
130 190! 0 get x null
200 220 3 txn [["r","x",1],["w","y",null]]`;

/** Of any of them. */
const all: Grammar = Object.fromEntries([
  ...[ednGrammar, jsonArrayGrammar, jsonLinesGrammar, logGrammar, timedGrammar].flatMap(
    (grammar, at) =>
      Object.entries(grammar).map(([name, forms]) => [
        `${name}${at}`,
        forms.map((form) => form.replace(/<(\w+)>/g, `<$1${at}>`)),
      ]),
  ),
  ['input', [0, 1, 2, 3, 4].map((at) => `<input${at}>`)],
]);
const corpus = [json, array, ...edn, log, timed];
/** Histories with something to judge. */
const small = join(import.meta.dirname, '../corpus');
const judgeable = readdirSync(small)
  .filter((file) => file.endsWith('.jsonl'))
  .map((file) => readFileSync(join(small, file), 'utf8'));

const told = (format: Format) => (text: string) => {
  // Half of them must be recognised first.
  const options = text.length % 2 === 0 ? { format, name: 'h' } : { name: 'h' };
  checkFaults(parseHistory(text, options).faults);
};

/** Whatever a nemesis is thought to have done is the same once it is written and read again. */
function checkFaults(spans: readonly FaultSpan[]): void {
  const again = new FaultSpans();
  for (const line of nemesisLines(spans)) again.take(line, 0, 1);
  const shown = (all: readonly FaultSpan[]) =>
    JSON.stringify(all.map((span) => ({ ...span, line: 1 })));
  if (shown(again.finish()) !== shown(spans)) throw new Error(`faults: ${shown(spans)}`);
}

/** In two pieces, which cuts lines and characters; some with bytes that are no text. */
function piecesOf(text: string): Uint8Array[] {
  const bytes = Buffer.from(text, text.length % 3 === 0 ? 'latin1' : 'utf8');
  const cut = (text.length * 7) % (bytes.length + 1);
  return [bytes.subarray(0, cut), bytes.subarray(cut)];
}

/** Packed, and one in two with a byte of that changed, or cut short. */
function packed(text: string): Uint8Array {
  const bytes = gzipSync(text, { level: 1 });
  const at = (text.length * 31) % bytes.length;
  if (text.length % 4 === 0) return bytes.subarray(0, at);
  if (text.length % 4 === 1) bytes[at] = text.length & 0xff;
  return bytes;
}

export const readers: readonly ParserUnderTest[] = [
  {
    name: 'JSON lines',
    share: 80,
    grammar: jsonLinesGrammar,
    corpus: [json],
    parse: told('jsonl'),
  },
  {
    name: 'JSON arrays',
    share: 40,
    grammar: jsonArrayGrammar,
    corpus: [array],
    parse: told('jsonl'),
  },
  { name: 'EDN', share: 80, grammar: ednGrammar, corpus: edn, parse: told('edn') },
  { name: "Jepsen's logs", share: 80, grammar: logGrammar, corpus: [log], parse: told('log') },
  {
    name: 'timed operations',
    share: 80,
    grammar: timedGrammar,
    corpus: [timed],
    parse: told('timed'),
  },
  {
    name: 'histories as bytes, in pieces',
    ...{ share: 25, grammar: all, corpus },
    parse: (text) => readHistory(piecesOf(text), { name: 'h' }),
  },
  {
    name: 'packed histories',
    ...{ share: 5, grammar: all, corpus },
    parse: (text) => readHistory([packed(text)], { name: 'h' }),
  },
  {
    name: 'histories that are judged',
    ...{ share: 5, grammar: all, corpus: judgeable },
    parse: async (text) => check(parseHistory(text, { name: 'h' }), { timeoutMs: 200 }),
  },
];

/** The parsers of what users write, each with a grammar and good inputs to begin from. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { planBench } from '../../src/bench/plan.js';
import { argumentsOf } from '../../src/cli/perform-typed.js';
import { toSeeds } from '../../src/cli/scripts/script-flags.js';
import { toDuration } from '../../src/config/duration.js';
import { parseConfig, readPlainConfigFile } from '../../src/config/file.js';
import { parseGuarantees } from '../../src/config/guarantees.js';
import { flagSetting } from '../../src/config/problem.js';
import { resolveSpec } from '../../src/config/resolve.js';
import { runLine, type Vocabulary } from '../../src/coursework/dialect.js';
import { dialectSpec } from '../../src/coursework/dialect-spec.js';
import { vocabularyOf } from '../../src/coursework/run-dialect.js';
import { type DialectName, dialectNames, dialectOfText } from '../../src/coursework/words.js';
import { parseGroups } from '../../src/faults/partition.js';
import { checkGiven, nothingKnown, toNode, toRate } from '../../src/operations/given.js';
import { put } from '../../src/operations/keys.js';
import { commentOf, parseTransaction, splitWords } from '../../src/operations/transaction-text.js';
import { completionsAt, tokensOf } from '../../src/scenario/assist.js';
import { helpOn } from '../../src/scenario/command-table.js';
import { isUnfinished, parseScript } from '../../src/scenario/parser.js';
import { completeLine } from '../../src/shell/complete-line.js';
import { SimTarget } from '../../src/targets/sim.js';
import { corpusOf } from '../coursework/corpus.js';
import { type ParserUnderTest, refusalProblem } from './campaign.js';
import {
  configGrammar,
  dialectGrammars,
  expectGrammar,
  flagGrammar,
  scriptGrammar,
  transactionGrammar,
  typedGrammar,
  valueGrammar,
} from './grammars.js';

const root = join(import.meta.dirname, '../..');
const scenarios = readdirSync(join(root, 'scenarios'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.kvx'))
  .map((file) => readFileSync(join(root, 'scenarios', file), 'utf8'));
const examples = [
  ...readFileSync(join(root, 'docs/scenarios.md'), 'utf8').matchAll(/^```kvx\n(.*?)^```$/gms),
].map(([, text = '']) => text);
const scripts = [...scenarios, ...examples];
const linesOf = (texts: readonly string[]): string[] => texts.flatMap((text) => text.split('\n'));

const configs = [
  'mode: quorum\nnodes: 4\nreplicas: 3\ndelays:\n  - [0, 10, 0, 5]\n  - [10, 0, 20, 1]\n  - [0, 20, 0, 2]\n  - [5, 1, 2, 0]\n',
  '{"mode": "2pc", "nodes": ["a", "b", "c"], "voteTimeoutMs": 500, "sync": "off"}',
  'mode: gossip\nnodes: 5\ntopology: [n1-n2, [n2, n3], n3-n4]\ninterval: 50ms\nfanout: 3\ndelay: 5ms\n',
  'mode: paxos\nnodes: 3\npriority: [n3, n1, n2]\nfailRate: 30%\ndelays: {n1>n2: 20ms, n2-n3: 1.5s}\n',
  'a: &x [1, 2]\nb: *x\nc: {d: *x}\nmode: quorum # comment\n',
];
const flags = ['mode=quorum\nnodes=4', 'delay=n1>n2=20ms,n1-n3=5', 'topology=n1-n2,n2-n3\nnodes=3'];
const transactions = [
  'check from 100\nput from 70\nput to 30\n',
  'check lock absent\nput lock "held \\x00 by me"\nget total # why\ndelete a\n',
];

const spec = resolveSpec([flagSetting('nodes', 3, '-n')]);
const around = {
  nodes: spec.nodes,
  clients: ['ann'],
  levels: ['one'],
  findKeys: async () => ['a', 'ab'],
};

/**
 * Lines of a course, done one after another on a simulated cluster, which is a new one now and then. What is wrong with a
 * line is said on a line.
 */
function performer(name: DialectName): ParserUnderTest {
  let vocabulary: Vocabulary | null = null;
  let linesLeft = 0;
  const start = async (): Promise<Vocabulary> => {
    vocabulary?.close();
    linesLeft = 500;
    vocabulary = await vocabularyOf(name, {
      ...{
        target: new SimTarget({ afterPromises: setImmediate, seed: 1 }),
        spec: dialectSpec(name, [], false),
        source: 'fuzz',
      },
      ...{ out: () => {}, err: () => {}, signal: new AbortController().signal },
      options: { delayUnit: 'ms', models: false },
    });
    return vocabulary;
  };
  return {
    name: `lines of ${name}, done`,
    ...{ share: 2, takesAll: true, grammar: dialectGrammars[name] },
    corpus: linesOf(corpusOf(name).map(({ text }) => text)),
    parse: async (text) => {
      for (const line of text.split('\n')) {
        // Days of virtual time take long to simulate.
        if (/^\s*(delay|wait)\s+\d{4}/i.test(line)) continue;
        const speaking = vocabulary === null || linesLeft-- === 0 ? await start() : vocabulary;
        const problem = await runLine(line, speaking);
        if (problem !== null && /\n|^.{1000}/.test(problem)) throw new Error(problem);
      }
    },
  };
}

/** The arguments of a `put`. */
function typed(words: readonly string[], flags: Readonly<Record<string, string>> = {}): void {
  const args = argumentsOf(put, { words, flags });
  checkGiven(put, { args, flags: new Map() }, nothingKnown);
}

/** Each of them may refuse it. */
function each(text: string, parses: readonly ((text: string) => unknown)[]): void {
  for (const parse of parses) {
    try {
      parse(text);
    } catch (error) {
      if (refusalProblem(error) !== null) throw error;
    }
  }
}

const options = (text: string) => ({
  ...{ source: 'fuzz', spec, attached: text.length % 2 === 0 },
  readConfig: readPlainConfigFile,
});

export const parsers: readonly ParserUnderTest[] = [
  {
    name: 'configs',
    ...{ share: 25, grammar: configGrammar, corpus: configs },
    parse: (text) => resolveSpec(parseConfig(text, 'fuzz')),
  },
  {
    name: 'flags',
    ...{ share: 110, grammar: flagGrammar, corpus: flags },
    parse: (text) =>
      resolveSpec(
        text.split('\n').map((line) => {
          const [name = '', ...value] = line.split('=');
          return flagSetting(name, value.join('='), '--option');
        }),
      ),
  },
  {
    name: 'durations, rates, groups and other values',
    takesAll: true,
    ...{
      share: 110,
      grammar: valueGrammar,
      corpus: ['1.5h', '30%', 'ryw,mr', 'n1,n2/n3', '1..9', 'put.p99<50ms'],
    },
    parse: (text) =>
      each(text, [
        (said) => toDuration(said, '--timeout'),
        (said) => toRate(said),
        (said) => toSeeds(said),
        (said) => toNode(said, spec.nodes),
        (said) => parseGuarantees(said),
        (said) => parseGroups(said, spec.nodes),
        (said) => planBench({ duration: said, seed: 1 }),
        (said) => planBench({ reads: said, 'value-size': said, seed: 1 }),
        (said) => planBench({ threshold: [said], seed: 1 }),
        (said) => planBench({ rate: said, seed: 1 }),
        (said) => planBench({ workload: said, count: said, seed: 1 }),
        (said) => typed([said]),
        (said) => typed([said, said, said]),
        (said) => typed([], { 'key-hex': said }),
        (said) => typed([], { 'key-base64': said }),
      ]),
  },
  {
    name: 'scripts',
    ...{ share: 40, grammar: scriptGrammar, corpus: scripts },
    parse: (text) => parseScript(text, options(text)),
  },
  {
    name: 'expectations',
    ...{
      share: 60,
      grammar: expectGrammar,
      corpus: linesOf(scripts).filter((l) => /expect/.test(l)),
    },
    parse: (text) => parseScript(text, options(text)),
  },
  {
    name: 'lines in a shell',
    takesAll: true,
    ...{ share: 35, grammar: typedGrammar, corpus: linesOf(scripts).map((line) => line.trim()) },
    parse: (text) => {
      splitWords(text);
      commentOf(text);
      isUnfinished(text, options(text));
      helpOn(text.split(/\s+/), 60);
      tokensOf(text);
      completionsAt(text, text.length);
      return completeLine(text, around);
    },
  },
  {
    name: 'transactions',
    ...{ share: 180, grammar: transactionGrammar, corpus: transactions },
    parse: (text) =>
      parseTransaction(Buffer.from(text, text.length % 3 === 0 ? 'latin1' : 'utf8'), 'fuzz'),
  },
  {
    name: 'scripts of the courses',
    takesAll: true,
    share: 110,
    grammar: dialectGrammars.both,
    corpus: [...corpusOf('cs380d'), ...corpusOf('cs425')].map(({ text }) => text),
    parse: (text) => dialectOfText(text, (number) => number % 2 === 0),
  },
  ...dialectNames.map(performer),
];

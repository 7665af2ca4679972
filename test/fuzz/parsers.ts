/** The parsers of what users write, each with good inputs to begin from. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { commentOf, wordsOf } from '../../src/cli/script-words.js';
import { parseTransaction } from '../../src/cli/transaction-text.js';
import { toDuration } from '../../src/cli/values.js';
import { parseConfig } from '../../src/config/file.js';
import { parseGuarantees } from '../../src/config/guarantees.js';
import { parseRate } from '../../src/config/rate.js';
import { resolveSpec } from '../../src/config/resolve.js';
import { flagSetting } from '../../src/config/setting.js';
import { dialectOfText } from '../../src/coursework/words.js';
import { isUnfinished, parseScript } from '../../src/scenario/parser.js';
import { completeLine } from '../../src/shell/complete-line.js';
import { corpusOf } from '../coursework/corpus.js';

export interface ParserUnderTest {
  readonly name: string;
  readonly corpus: readonly string[];
  /** Returns, or throws what a user is to read. */
  parse(text: string): unknown;
}

const root = join(import.meta.dirname, '../..');
const scenarios = readdirSync(join(root, 'scenarios')).map((file) =>
  readFileSync(join(root, 'scenarios', file), 'utf8'),
);
const examples = [
  ...readFileSync(join(root, 'docs/scenarios.md'), 'utf8').matchAll(/^```kvx\n(.*?)^```$/gms),
].map(([, text = '']) => text);

const configs = [
  'mode: quorum\nnodes: 4\nreplicas: 3\ndelays:\n  - [0, 10, 0, 5]\n  - [10, 0, 20, 1]\n  - [0, 20, 0, 2]\n  - [5, 1, 2, 0]\n',
  '{"mode": "2pc", "nodes": ["a", "b", "c"], "voteTimeoutMs": 500, "sync": "off"}',
  'mode: gossip\nnodes: 5\ntopology: [n1-n2, [n2, n3], n3-n4]\ninterval: 50ms\nfanout: 3\ndelay: 5ms\n',
  'mode: paxos\nnodes: 3\npriority: [n3, n1, n2]\nfailRate: 30%\ndelays: {n1>n2: 20ms, n2-n3: 1.5s}\n',
  'a: &x [1, 2]\nb: *x\nc: {d: *x}\nmode: quorum # comment\n',
];

const flags = [
  'mode=quorum',
  'nodes=4',
  'delay=n1>n2=20ms,n1-n3=5',
  'topology=n1-n2,n2-n3',
  'priority=n3,n1',
  'read=one',
  'sync=off',
  'interval=20ms',
  'replicas=2',
  'failRate=0.3',
  'name=dev',
];

const spec = resolveSpec([flagSetting('nodes', 3, '-n')]);
const around = {
  nodes: spec.nodes,
  clients: ['ann'],
  levels: ['one'],
  keys: async () => ['a', 'ab'],
};

export const parsers: readonly ParserUnderTest[] = [
  {
    name: 'scripts',
    corpus: [...scenarios, ...examples],
    parse: (text) => parseScript(text, { source: 'fuzz', spec, attached: text.length % 2 === 0 }),
  },
  {
    name: 'configs',
    corpus: configs,
    parse: (text) => resolveSpec(parseConfig(text, 'fuzz')),
  },
  {
    name: 'flags',
    corpus: flags,
    parse: (text) =>
      resolveSpec(
        text.split('\n').map((line) => {
          const [name = '', ...value] = line.split('=');
          return flagSetting(name, value.join('='), '--option');
        }),
      ),
  },
  {
    name: 'transactions',
    corpus: [
      'check from 100\nput from 70\nput to 30\n',
      'check lock absent\nput lock "held \\x00 by me"\nget total # why\ndelete a\n',
    ],
    parse: (text) =>
      parseTransaction(Buffer.from(text, text.length % 3 === 0 ? 'latin1' : 'utf8'), 'fuzz'),
  },
  {
    name: 'dialects',
    corpus: [...corpusOf('cs380d'), ...corpusOf('cs425')].map(({ text }) => text),
    parse: (text) => dialectOfText(text, (number) => number % 2 === 0),
  },
  {
    name: 'words',
    corpus: [
      'put "a b" \\x00\\u00e4 # c',
      'expect within 5s get a == "x\\n"',
      '5s',
      '1.5h',
      '30%',
      'ryw,mr',
    ],
    parse: (text) => {
      wordsOf(text);
      commentOf(text);
      parseRate(text);
      isUnfinished(text, { source: 'fuzz', spec, attached: false });
      void completeLine(text, around);
      toDuration(text, '--timeout');
      return parseGuarantees(text);
    },
  },
];

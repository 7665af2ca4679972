/** The languages that users write, roughly: with what is allowed, and what comes close to it. */
import { type Grammar, mostly } from './mutate.js';

const times = [
  '5ms',
  '1.5s',
  '2m',
  '1h',
  '500',
  '0',
  '1d',
  '5 ms',
  '-1s',
  '1e3ms',
  '99999999h',
  '.5s',
];
const nodes = mostly(['n1', 'n2', 'n3'], ['n4', 'n9', 'N1', 'alice']);
const words = mostly(
  ['a', 'b', '1', '"a b"'],
  ['k{n}', '"\\x00\\u00e4"', 'é', '-x', '"', '"\\', "'a'", '#'],
);
const levels = mostly(
  ['one', 'quorum', 'all'],
  ['two', 'local', 'leader', 'linearizable', '2', '0', 'on'],
);
const links = ['<node>-<node>', '<node>><node>', '<node>', '<node>-', '[<node>, <node>]'];

const settingsOf = (sign: string) => [
  ...['2pc', 'quorum', 'gossip', 'paxos', 'raft'].map((mode) => `mode${sign}${mode}`),
  ...[`nodes${sign}<count>`, `nodes${sign}<list>`, `name${sign}<word>`, `runtime${sign}threads`],
  ...[`sync${sign}off`, `sync${sign}<word>`, `delay${sign}<delay>`, `delays${sign}<delays>`],
  ...[`topology${sign}<topology>`, `replicas${sign}<count>`, `read${sign}<level>`],
  ...[`write${sign}<level>`, `virtualNodes${sign}<count>`, `heartbeatMs${sign}<count>`],
  ...[`suspicion${sign}<time>`, `interval${sign}<time>`, `fanout${sign}<count>`],
  ...[`failRate${sign}<rate>`, `priority${sign}<list>`, `voteTimeoutMs${sign}<count>`],
  ...[`pendingMax${sign}<count>`, `<word>${sign}<count>`, `seed${sign}<count>`],
];

const named: Grammar = {
  time: times,
  node: nodes,
  level: levels,
  word: mostly(
    ['dev', 'x', 'a'],
    ['no name', 'é', '-', '__proto__', 'constructor', 'a'.repeat(40)],
  ),
  count: [
    '3',
    '1',
    '5',
    '0',
    '-2',
    '64',
    '65',
    '1.5',
    '1e9',
    'four',
    '0x4',
    '99999999999999999999',
  ],
  rate: mostly(['0.3', '30%'], ['1', '0', '101%', '-1%', '.5', '1e-3', 'a']),
};

export const configGrammar: Grammar = {
  ...named,
  input: ['<entries>', '{<flow>}', '<entries>', '# c\n<entries>', '---\n<entries>', '[<flow>]'],
  entries: ['<entry>\n', '<entry>\n<entries>', '<entry> # c\n<entries>', '<anchor>\n<entries>'],
  flow: ['<entry>', '<entry>, <flow>', '"<entry>", <flow>', '&a <entry>, b: *a', ''],
  entry: [
    ...settingsOf(': '),
    '"mode": "2pc"',
    'nodes: *x',
    '<<: *x',
    '? nodes\n: 3',
    '!!str mode: x',
  ],
  anchor: ['x: &x 3', 'x: &x [n1, n2]', 'x: &x {mode: paxos}', 'x: &x [*x]', 'y: *x', 'x: !a &x 1'],
  list: ['[n1, n2, n3]', '[<node>, <node>]', 'n1,n2', '\n  - n1\n  - <node>', '[]', '{}', '[[n1]]'],
  delay: ['<time>', '[<time>, n1>n2=5ms]', '"n1-n2=5ms"', 'n1>n2=<time>', '|\n  5ms', '{a: 1}'],
  delays: [
    '[[0, 1], [1, 0]]',
    '{n1>n2: <time>, <link>: <time>}',
    '\n  - [0, <count>]\n  - [1, 0]',
    '5',
  ],
  topology: [
    'ring',
    'line',
    'grid',
    'starr',
    '[<link>, <link>]',
    'n1-n2,n2-n3',
    '\n  - <link>',
    '{}',
  ],
  link: links,
};

export const flagGrammar: Grammar = {
  ...named,
  input: ['<entry>', '<entry>\n<entry>', '<entry>\n<entry>\n<entry>\n<entry>'],
  entry: settingsOf('='),
  list: ['n1,n2,n3', '<node>,<node>', ',', 'n1,n1', '3'],
  delay: ['<time>', '<link>=<time>', '<link>=<time>,<link>=<time>', '=', 'n1>n2'],
  delays: ['<delay>'],
  topology: ['full', 'line', 'ring', 'star', 'grid', '<link>', '<link>,<link>', 'rink'],
  link: links,
};

export const valueGrammar: Grammar = {
  ...named,
  input: [
    '<time>',
    '<rate>',
    '<level>',
    '<seeds>',
    '<guarantees>',
    '<groups>',
    '<count>',
    '<bytes>',
  ],
  seeds: ['1..100', '5', '9..1', '1..', '..5', '0..9999999', '1..10..2', '01..02', '99999999999'],
  guarantees: ['ryw', 'mr', 'ryw,mr,mw,wfr', 'all', 'none', 'ryw,', 'RYW', 'ryw,ryw'],
  groups: ['n1/n2', 'n1,n2/n3,n4', '<node>/<node>', 'n1', '/', 'n1,/n2', 'n1/n1', 'n1/n2/n3'],
  size: ['50%', '1KiB', '99999MiB', '512B', 'rapidset', 'multiset', '101%', '10', '16'],
  bytes: ['00ff', '0x00', 'AAE=', 'zz', '0', 'AAE', '----', 'a b'],
};

const keyCommands = [
  ...['put <value> <value><flags>', 'get <value><flags>', 'delete <value><flags>'],
  ...['insert <value> <value><flags>', 'update <value> <value>', 'cas <value> <value> <value>'],
  ...['search <value>', 'dump <node>', 'dump', 'verify', 'stabilize', 'GET <value>', 'db'],
];
const clusterCommands = [
  ...['fault partition <groups>', 'fault isolate <node>', 'fault break <node> <node>'],
  ...['fault connect <node> <node>', 'fault heal', 'fault fail-rate <node> <rate>', 'fault list'],
  ...[
    'fault slow <node> <time>',
    'fault clock <node> -<time>',
    'fault clock n1 +1s --drift <rate>',
  ],
  ...['fault disk <node> slow <time>', 'fault disk n1 full 64KiB', 'node kill <node> --power'],
  ...['node kill <node> <node>', 'node restart <node>', 'node pause <node>', 'node resume n1'],
  ...['node add', 'node add <node>', 'node remove <node> --force', 'cluster up<up>'],
  ...['cluster status', 'cluster down', 'wait <time>', 'bench --ops <count>', 'check <value>'],
  ...['clear', 'help <value>', 'echo <value>', '$ kvx put a 1', 'kvx get a', 'txn', 'end'],
];

const scriptParts: Grammar = {
  ...named,
  value: words,
  groups: valueGrammar['groups'] as readonly string[],
  flags: [
    '',
    '',
    ' --level <level>',
    ' --node <node>',
    ' --timeout <time>',
    ' --session <word> <flags>',
  ],
  up: ['', ' --mode 2pc -n <count>', ' --mode gossip -n3<up>', ' --delay <time><up>', ' --fresh'],
  command: [...keyCommands, ...clusterCommands],
  expect: [
    ...['expect get <value> == <value>', 'expect get <value><flags> != <value>'],
    ...['expect get <value> in <value>, <value>', 'expect within <time> get <value> absent'],
    ...['expect verify agree', 'expect within <time> verify differ', 'expect fails <command>'],
    ...['expect fails timeout <command>', 'expect <command> ok', 'expect search <value> present'],
    ...['expect dump <node> empty', 'expect search <value> == n1=<value>', 'expect <command>'],
    ...['expect expect get a == 1', 'expect get a = 1', 'expect within get a == 1', 'expect'],
  ],
};

const blocks = [
  ...['repeat <count>\n<lines>\nend', 'repeat <count> <command>', 'client <word>', 'client'],
  ...[
    'client <word> at <node>,<node> --level <level>',
    'txn\n<steps>\nend',
    'at once\n<clients>\nend',
  ],
];

export const scriptGrammar: Grammar = {
  ...scriptParts,
  input: ['<lines>', 'cluster up --mode <mode>\n<lines>', 'cluster up<up>\n<lines>'],
  mode: ['2pc', 'quorum', 'gossip', 'paxos'],
  lines: ['<line>', '<line>\n<lines>', '<line>\n<lines>', '  <line> # why\n<lines>'],
  line: ['<command>', '<command>', '<expect>', '<block>'],
  block: blocks,
  clients: ['client <word>\n<lines>', 'client a\n<lines>\nclient b\n<lines>', '<lines>', ''],
  steps: [
    'put a 1',
    'check <value> <value>\n<steps>',
    'get <value>\n<steps>',
    'delete <value>\n<steps>',
  ],
};

export const expectGrammar: Grammar = { ...scriptParts, input: ['<expect>'] };

export const typedGrammar: Grammar = {
  ...scriptGrammar,
  input: [
    '<command>',
    '<expect>',
    'help <command>',
    '<block>',
    '<line>',
    'exit',
    'expect within 5s ',
  ],
};

export const transactionGrammar: Grammar = {
  input: ['<step>', '<step>\n<input>', '<step> # why\n<input>', '\n<input>'],
  step: [
    ...['put <word> <word>', 'get <word>', 'delete <word>', 'check <word> <word>', 'putt a 1'],
    ...['check <word> absent', 'check <word> present', 'cas a 1 2', 'end', 'put', 'get a b'],
  ],
  word: words,
};

const cs380d = [
  ...['joinServer <id>', 'killServer <id>', 'joinClient <id> <id>', 'breakConnection <id> <id>'],
  ...['createConnection <id> <id>', 'stabilize', 'printStore <id>', 'put <id> <word> <word>'],
  ...['get <id> <word>', 'JoinServer 1', 'put 1 a', 'joinClient 1', 'printStore'],
];
const cs425 = [
  ...[
    'get <word> <id>',
    'insert <word> <word> <id>',
    'update <word> <word>',
    'put <word> <word> 1',
  ],
  ...['delete <word>', 'show-all', 'show-all <id>', 'dump <id>', 'search <word>', 'delay <id>'],
  ...['send <word> <word> <id>', 'bcast <word>', 'GET <word> 9', 'Insert a 1 1'],
];
const dialectParts: Grammar = {
  id: ['0', '1', '2', '3', '0', '1', '2', '5', 'A', 'n1', '-1', '1.5', '99999999999999999999', 'x'],
  word: ['a', 'b', 'key', 'a', 'b', 'key', 'é', '"a b"', '\\x00', ':', '1'],
};

export const dialectGrammars = {
  both: {
    ...dialectParts,
    input: ['<line>', '<line>\n<input>', '<line>\n<input>', '# c\n<input>'],
    line: [...cs380d, ...cs425, 'put a 1', 'expect get a == 1'],
  },
  cs380d: { ...dialectParts, input: cs380d },
  cs425: { ...dialectParts, input: cs425 },
} satisfies Record<string, Grammar>;

/** Small inputs that are large, deep or endless once they are read. */

interface Bomb {
  readonly name: string;
  /** Of `parsers.ts`. */
  readonly parser: string;
  text(): string;
  readonly says: string | RegExp;
}

const times = (count: number, line: (nth: number) => string): string =>
  Array.from({ length: count }, (_, nth) => line(nth)).join('');

const config = (name: string, text: () => string, says: string | RegExp): Bomb => ({
  ...{ name, parser: 'configs', text, says },
});
const script = (name: string, text: () => string, says: string | RegExp): Bomb => ({
  ...{ name, parser: 'scripts', text, says },
});

export const bombs: readonly Bomb[] = [
  config(
    'an alias of nothing',
    () => 'mode: quorum\nnodes: *x\n',
    'fuzz:2:8: there is no anchor &x',
  ),
  config(
    'an alias within its own anchor',
    () => 'nodes: &a [*a]\n',
    'fuzz:1:12: it stands within its',
  ),
  config(
    'an alias deep within its own anchor',
    () => 'nodes:\n- &a\n  b: [{c: *a}]\n',
    'fuzz:3:11: it stands',
  ),
  config(
    'a billion laughs',
    () => `a0: &a0 [x,x,x]\n${times(30, (n) => `a${n + 1}: &a${n + 1} [*a${n},*a${n},*a${n}]\n`)}`,
    /fuzz:\d+:\d+: it has more than 20000 values/,
  ),
  config('many aliases', () => `a: &a 1\nb: [${'*a,'.repeat(40_000)}]\n`, 'more than 100 aliases'),
  config(
    '429 KB of aliases',
    () => `a: &a 1\nb: [${'*a,'.repeat(143_000)}]\n`,
    'larger than 128 KiB',
  ),
  ...['[', '{', '- ', '? ', '{a: ', '[{', '!a [', '&a [', '- ? '].map((piece) =>
    config(
      `nesting by ${piece}`,
      () => piece.repeat(30_000),
      /nested in more than 16|at most one anchor|at most one tag|larger than/,
    ),
  ),
  config('keys that are no words', () => '? [a, b]\n: 1\n', 'a key is a word'),
  config('a key that is an alias', () => 'a: &a [1]\n*a : 1\n', 'a key is a word'),
  config(
    'a key given twice',
    () => 'mode: quorum\nmode: gossip\n',
    'fuzz:2:1: this key stands here twice',
  ),
  config('two documents', () => 'mode: quorum\n---\nmode: gossip\n', 'a second document'),
  config('many wrong settings', () => times(10_000, (n) => `k${n}: 1\n`), 'has 10000 problems'),
  config(
    'many nodes',
    () => `nodes: [${times(20_000, (n) => `n${n},`)}]\n`,
    'more than 20000 values',
  ),
  config(
    'more nodes than there may be',
    () => `nodes: [${times(15_000, (n) => `n${n},`)}]\n`,
    '1 to 64 nodes',
  ),
  config(
    'a long list of nodes',
    () => `mode: paxos\npriority: [${'n1,'.repeat(15_000)}]\n`,
    'at most 64',
  ),
  config(
    'a topology of dashes',
    () => `mode: gossip\ntopology: ${'a-'.repeat(50_000)}\n`,
    'expected a link',
  ),
  config('many delays', () => `delay: [${'1ms,'.repeat(15_000)}]\n`, 'more than links'),
  config('a long word', () => `mode: ${'x'.repeat(100_000)}\n`, /there is no mode "x{60}…"; /),
  {
    name: 'a transaction of wrong steps',
    parser: 'transactions',
    text: () => 'putt a 1\n'.repeat(400_000),
    says: 'has 20 problems',
  },
  script('blocks in blocks', () => 'repeat 2\n'.repeat(50_000), 'has 20 problems'),
  script('repeats on one line', () => 'repeat 2 '.repeat(100_000), 'stand in more than 16'),
  script('many wrong lines', () => 'putt a 1\n'.repeat(90_000), 'has 20 problems'),
  script('many lines', () => '\n'.repeat(200_000), 'at most 100000 lines'),
  script('a long wrong word', () => 'x'.repeat(4_000_000), /there is no command "x+…/),
  script('a long quote', () => `put a "${'\\x41'.repeat(1_000_000)}`, 'never closed'),
  script('more nodes than there may be', () => 'node add\n'.repeat(90_000), 'has 20 problems'),
  script(
    'a client twice',
    () => `at once\n${'client a\nget a\n'.repeat(40_000)}end\n`,
    'has two parts',
  ),
  script('groups without end', () => `fault partition ${'n1,'.repeat(1_000_000)}\n`, 'fuzz:1:17'),
];

/**
 * The words of the scenario language, as data: the parser, `help` and completion in the shell read them here. They are
 * the command line's own, so that what is learnt in one place holds in the other.
 */
import { specFlags } from '../cli/spec-flags.js';

/** What an argument stands for, and so what may be said about it before anything runs. */
export type ArgumentKind =
  | 'key'
  | 'value'
  | 'node'
  /** A node that is yet to be. */
  | 'new node'
  /** One end of a link: a node or a client. */
  | 'end'
  | 'groups'
  | 'rate'
  /** A whole number, 1 or more. */
  | 'count'
  | 'duration'
  | 'words';

export interface Argument {
  readonly name: string;
  readonly kind: ArgumentKind;
  readonly optional?: boolean;
  /** Takes all words that are left, one at least. */
  readonly rest?: boolean;
}

export type FlagKind = 'level' | 'node' | 'duration' | 'session' | 'guarantees' | 'text' | 'switch';

export interface Flag {
  readonly name: string;
  readonly short?: string;
  readonly kind: FlagKind;
  readonly summary: string;
  readonly multiple?: boolean;
}

/** What `expect` may say of a command, beside `ok` and `fails`. */
export type Judged = '==' | '!=' | 'in' | 'absent' | 'present' | 'agree' | 'differ' | 'empty';

export interface Command {
  /** One word or two. */
  readonly name: string;
  readonly summary: string;
  readonly arguments: readonly Argument[];
  readonly flags: readonly Flag[];
  readonly judged: readonly Judged[];
  /** Lines of its own follow, up to `end`. */
  readonly block?: boolean;
  /** Another word for the command of that name: understood, but not shown. */
  readonly standsFor?: string;
  /** Works without a cluster. */
  readonly needsNoCluster?: boolean;
}

const timeout: Flag = {
  name: 'timeout',
  kind: 'duration',
  summary: 'how long it may take, such as 500ms or 5s',
};
const node: Flag = { name: 'node', kind: 'node', summary: 'through this node and no other' };

const keyFlags: readonly Flag[] = [
  { name: 'level', kind: 'level', summary: 'how many replicas must take part' },
  node,
  timeout,
  { name: 'session', kind: 'session', summary: 'never older than what this session has seen' },
  { name: 'guarantees', kind: 'guarantees', summary: 'what a new session keeps to' },
];

const key: Argument = { name: 'KEY', kind: 'key' };
const value: Argument = { name: 'VALUE', kind: 'value' };
const oneNode: Argument = { name: 'NODE', kind: 'node' };
const nodes: Argument = { name: 'NODE', kind: 'node', rest: true };
const ends: readonly Argument[] = [
  { name: 'A', kind: 'end' },
  { name: 'B', kind: 'end' },
];

const onKey = (name: string, summary: string, ...more: readonly Argument[]): Command => ({
  ...{ name, summary, arguments: [key, ...more], flags: keyFlags },
  judged: name === 'get' ? ['==', '!=', 'in', 'absent', 'present'] : [],
});

const plain = (name: string, summary: string, ...args: readonly Argument[]): Command => ({
  ...{ name, summary, arguments: args, flags: [], judged: [] },
});

/** Where it runs and what it is called is not for the script to say. */
const upFlags: readonly Flag[] = [
  ...Object.entries(specFlags)
    .filter(([name]) => name !== 'name' && name !== 'runtime')
    .map(([name, { char, multiple, description }]): Flag => {
      const said = {
        name,
        kind: 'text',
        summary: description ?? '',
        multiple: !!multiple,
      } as const;
      return char === undefined ? said : { ...said, short: char };
    }),
  { name: 'fresh', kind: 'switch', summary: 'wipe what the cluster before has left' },
];

const count: Argument = { name: 'COUNT', kind: 'count' };

const programArguments: Argument = { name: 'ARGUMENTS', kind: 'words', rest: true };

const ownCommands: readonly Command[] = [
  onKey('put', 'give a key a value', value),
  onKey('get', 'the value of a key'),
  onKey('delete', 'take a key away'),
  onKey('insert', 'put only if the key is absent', value),
  onKey('update', 'put only if the key is present', value),
  onKey(
    'cas',
    'put NEW only if the key holds OLD',
    { name: 'OLD', kind: 'value' },
    { name: 'NEW', kind: 'value' },
  ),
  {
    ...plain('txn', 'all of the steps that follow, up to `end`, or none'),
    ...{ flags: keyFlags, judged: ['=='], block: true },
  },
  {
    ...plain('search', 'what each node holds under a key', key),
    ...{ flags: [node, timeout], judged: ['==', 'absent', 'present'] },
  },
  {
    ...plain('dump', 'all that one node holds', { ...oneNode, optional: true }),
    ...{ flags: [node, timeout], judged: ['==', '!=', 'empty'] },
  },
  {
    ...plain('verify', 'do all replicas agree?'),
    ...{ flags: [timeout], judged: ['agree', 'differ'] },
  },
  { ...plain('stabilize', 'returns when each connected part has converged'), flags: [timeout] },
  {
    ...plain('rapidset', 'set one key COUNT times, one after another, and read it back', count),
    flags: keyFlags,
  },
  {
    ...plain('multiset', 'set COUNT keys as fast as they go, and compare all replicas', count),
    flags: keyFlags,
  },
  plain('fault partition', 'cut groups of nodes from each other', {
    name: 'GROUPS',
    kind: 'groups',
  }),
  plain('fault isolate', 'cut one node from all others', oneNode),
  plain('fault break', 'cut the link between two nodes, or a client and a node', ...ends),
  plain('fault connect', 'take the cut between two ends away', ...ends),
  plain('fault heal', 'take all cuts away'),
  plain(
    'fault fail-rate',
    'let nodes fail to answer',
    { ...oneNode, optional: true },
    { name: 'RATE', kind: 'rate' },
  ),
  plain('fault list', 'what each link does'),
  plain('node kill', 'kill nodes at once, as a crash would', nodes),
  plain('node restart', 'kill nodes that run, then start them', nodes),
  plain('node pause', 'stop nodes in their tracks', nodes),
  plain('node resume', 'let paused nodes go on', nodes),
  plain('node add', 'one node more', { name: 'NODE', kind: 'new node', optional: true }),
  {
    ...plain('node remove', 'take a node out for good', oneNode),
    flags: [
      { name: 'force', kind: 'switch', summary: 'also when it can not tell others what it holds' },
    ],
  },
  {
    ...plain('cluster up', 'start the cluster that the script works on'),
    ...{ flags: upFlags, needsNoCluster: true },
  },
  plain('cluster status', 'each node: role, state, keys, faults on its links'),
  plain('cluster down', 'stop the cluster; its data stays for the next `cluster up`'),
  { ...plain('wait', 'let time pass', { name: 'TIME', kind: 'duration' }), needsNoCluster: true },
  plain('bench', '`kvx bench` on this cluster, if its nodes are real', programArguments),
  {
    ...plain('check', '`kvx check`: which consistency was that?', programArguments),
    needsNoCluster: true,
  },
  { ...plain('clear', 'clear the screen'), needsNoCluster: true },
  {
    ...plain('help', 'this, or one command with its flags', {
      ...{ name: 'COMMAND', kind: 'words', rest: true, optional: true },
    }),
    needsNoCluster: true,
  },
  {
    ...plain('echo', 'print text', { name: 'TEXT', kind: 'words', rest: true }),
    needsNoCluster: true,
  },
];

/** What the clients of two assignments say for the same things (docs/coursework.md). */
const otherWords = { GET: 'get', PUT: 'put', DELETE: 'delete', set: 'put', db: 'dump' } as const;

export const commands: readonly Command[] = [
  ...ownCommands,
  ...Object.entries(otherWords).flatMap(([name, standsFor]) =>
    ownCommands
      .filter((command) => command.name === standsFor)
      .map((command) => ({ ...command, name, standsFor })),
  ),
];

/** The words that shape a script, and what they open. */
export const structures = [
  {
    name: 'expect',
    usage: 'expect [within TIME] COMMAND == VALUE',
    summary: 'stop the script unless it is so',
  },
  {
    name: 'repeat',
    usage: 'repeat COUNT COMMAND',
    summary: 'do it again and again; {n} is the number of the round',
  },
  { name: 'client', usage: 'client [NAME [at NODE,…]]', summary: 'who does what follows' },
  { name: 'at once', usage: 'at once', summary: 'several clients at the same time, up to `end`' },
  { name: 'end', usage: 'end', summary: 'ends a block' },
] as const;

/** `put KEY VALUE`, `node kill NODE…`, `node add [NODE]`. */
export function usageOf(command: Command): string {
  const words = command.arguments.map(({ name, optional, rest }) => {
    const shown = rest ? `${name}…` : name;
    return optional ? `[${shown}]` : shown;
  });
  return [command.name, ...words].join(' ');
}

export function commandNamed(name: string): Command | undefined {
  return commands.find((command) => command.name === name);
}

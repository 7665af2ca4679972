/** COMMAND: what commands there are, told from the table of them. */

import { type Command, CommandError, type Subcommand } from '../command.js';
import { globMatcher } from '../glob.js';
import type { Words } from '../parser.js';
import { array, bulk, integer, type RespReply, textReply } from '../replies.js';
import { keyWordsOf, syntaxError, textOfWord, upperWord } from '../words.js';
import { containerCommand, fitsArity } from './container.js';

type Described = Pick<Command, 'name' | 'arity' | 'flags' | 'keys' | 'summary' | 'subcommands'> & {
  readonly group: Command['group'];
};

const flags = ['loading', 'stale'];
const keys = [0, 0, 0] as const;

/** Asks for the table, which has this command in it. */
export function introspectionCommand(commands: () => readonly Command[]): Command {
  const named = (word: Uint8Array): Command | undefined =>
    commands().find(({ name }) => name === upperWord(word));
  const described = (word: Uint8Array): Described | undefined =>
    all(commands()).find(({ name }) => name === upperWord(word));
  return containerCommand(
    { ...{ name: 'COMMAND', flags, group: 'server' }, summary: 'What commands there are.' },
    [
      {
        ...{ name: 'COUNT', arity: 2, flags, summary: 'How many commands there are.' },
        run: () => integer(commands().length),
      },
      {
        ...{ name: 'INFO', arity: -2, flags, takes: '[<command-name> ...]' },
        summary: 'What they take, and which words are keys.',
        run([, , ...names]) {
          if (names.length === 0) return array(commands().map(infoOf));
          return array(
            names
              .map(described)
              .map((each) => (each === undefined ? { type: 'no array' } : infoOf(each))),
          );
        },
      },
      {
        ...{ name: 'DOCS', arity: -2, flags, takes: '[<command-name> ...]' },
        summary: 'What they are for.',
        run([, , ...names], { node }) {
          const wanted =
            names.length === 0 ? commands() : names.flatMap((name) => described(name) ?? []);
          return mapOf(wanted.map((each) => [each.name.toLowerCase(), docsOf(each, node.version)]));
        },
      },
      {
        ...{ name: 'LIST', arity: -2, flags },
        takes: '[FILTERBY MODULE|ACLCAT|PATTERN <of>]',
        summary: 'Their names.',
        run: ([, , ...words]) => array(listed(commands(), words).map(textReply)),
      },
      getKeys(named),
    ],
    () => array(commands().map(infoOf)),
  );
}

const getKeys = (named: (word: Uint8Array) => Command | undefined): Subcommand => ({
  ...{ name: 'GETKEYS', arity: -4, flags, takes: '<full-command>' },
  summary: 'The keys that a command names.',
  run([, , ...words]) {
    const command = named(words[0] as Uint8Array);
    if (command === undefined) throw new CommandError('ERR Invalid command specified');
    if (command.keys[0] === 0) throw new CommandError('ERR The command has no key arguments');
    if (!fitsArity(command.arity, words.length)) {
      throw new CommandError('ERR Invalid number of arguments specified for command');
    }
    return array(keyWordsOf(command, words).map(bulk));
  },
});

/** Subcommands as commands, called `CLIENT|ID`. */
const all = (commands: readonly Command[]): Described[] =>
  commands.flatMap((command) => [command, ...subcommandsOf(command)]);

const subcommandsOf = ({ name, group, subcommands = [] }: Described): Described[] =>
  subcommands.map((sub) => ({ ...sub, keys, group, name: `${name}|${sub.name}` }));

function listed(commands: readonly Command[], words: Words): string[] {
  const known = all(commands);
  const isWanted = words.length === 0 ? () => true : filterBy(words);
  return known.filter(isWanted).map(({ name }) => name.toLowerCase());
}

function filterBy([how, by, of, ...more]: Words): (command: Described) => boolean {
  if (how === undefined || by === undefined || of === undefined) throw syntaxError();
  if (upperWord(how) !== 'FILTERBY' || more.length > 0) throw syntaxError();
  switch (upperWord(by)) {
    case 'MODULE':
      return () => false;
    case 'ACLCAT': {
      const wanted = `@${textOfWord(of).toLowerCase()}`;
      return (command) => categoriesOf(command).includes(wanted);
    }
    case 'PATTERN': {
      const matches = globMatcher(textOfWord(of), true);
      return ({ name }) => matches(name);
    }
    default:
      throw syntaxError();
  }
}

const words = (texts: readonly string[]): RespReply[] =>
  texts.map((text) => ({ type: 'simple', text }));
const mapOf = (entries: readonly (readonly [string, RespReply])[]): RespReply => ({
  ...{ type: 'map', entries: entries.map(([name, value]) => [textReply(name), value]) },
});

/** As clients of Redis 7 expect it; the seventh and the tenth are of those that know Redis 7. */
function infoOf(command: Described): RespReply {
  const { name, arity, flags: own, keys: of } = command;
  return array([
    textReply(name.toLowerCase()),
    integer(arity),
    { type: 'set', items: words(own) },
    ...of.map(integer),
    { type: 'set', items: words(categoriesOf(command)) },
    array([]),
    array(of[0] === 0 ? [] : [keySpecOf(command)]),
    array(subcommandsOf(command).map(infoOf)),
  ]);
}

function keySpecOf({ keys: [first, last, step], flags: own }: Described): RespReply {
  const use = own.includes('write') ? ['RW', 'access', 'update'] : ['RO', 'access'];
  const range = [
    ['lastkey', integer(last < 0 ? last : last - first)],
    ['keystep', integer(step)],
    ['limit', integer(0)],
  ] as const;
  return mapOf([
    ['flags', { type: 'set', items: words(use) }],
    [
      'begin_search',
      mapOf([
        ['type', textReply('index')],
        ['spec', mapOf([['index', integer(first)]])],
      ]),
    ],
    [
      'find_keys',
      mapOf([
        ['type', textReply('range')],
        ['spec', mapOf(range)],
      ]),
    ],
  ]);
}

function docsOf(command: Described, since: string): RespReply {
  const subcommands = subcommandsOf(command).map(
    (sub) => [sub.name.toLowerCase(), docsOf(sub, since)] as const,
  );
  return mapOf([
    ['summary', textReply(command.summary)],
    ['since', textReply(since)],
    ['group', textReply(command.group)],
    ...(subcommands.length === 0 ? [] : [['subcommands', mapOf(subcommands)] as const]),
  ]);
}

const categoryOfGroup: Readonly<Record<Command['group'], string | null>> = {
  string: '@string',
  generic: '@keyspace',
  connection: '@connection',
  server: null,
  transactions: '@transaction',
  cluster: null,
  kvx: null,
};

function categoriesOf({ flags: own, group }: Described): string[] {
  const category = categoryOfGroup[group];
  const isOf = (kind: string): boolean =>
    category === kind || (own.includes(kind.slice(1)) && group !== 'kvx');
  const found = categoryOrder.filter(isOf);
  const speed = own.includes('fast') ? '@fast' : '@slow';
  const isAdmin = own.includes('admin');
  const before = found.filter((each) => each !== '@connection' && each !== '@transaction');
  const after = found.filter((each) => !before.includes(each));
  return [...before, speed, ...(isAdmin ? ['@dangerous'] : []), ...after];
}

/** As Redis lists them: speed and danger come before the last two. */
const categoryOrder = [
  ...['@keyspace', '@read', '@write', '@string', '@admin', '@connection', '@transaction'],
];

/** CLIENT: who is connected, and what they said of themselves. */
import { type Command, CommandError, type RespClient, type Subcommand } from '../command.js';
import type { Words } from '../parser.js';
import { integer, nothing, ok, type RespReply, textReply } from '../replies.js';
import { integerWord, switchWord, syntaxError, textOfWord, upperWord } from '../words.js';
import { nameWord } from './connection.js';
import { containerCommand } from './container.js';

const flags = ['noscript', 'loading', 'stale'];
const adminFlags = ['admin', ...flags];
/** There are no others here. */
const clientTypes = ['NORMAL', 'MASTER', 'REPLICA', 'SLAVE', 'PUBSUB'];

const changeNothing = ([, , word]: Words): RespReply => {
  switchWord(word as Uint8Array);
  return ok;
};

const subcommands: readonly Subcommand[] = [
  {
    ...{ name: 'ID', arity: 2, flags, summary: 'The number of this connection.' },
    run: (_, { id }) => integer(id),
  },
  {
    ...{ name: 'GETNAME', arity: 2, flags, summary: 'The name of this connection.' },
    run: (_, { name }) => (name === '' ? nothing : textReply(name)),
  },
  {
    ...{ name: 'SETNAME', arity: 3, flags, takes: '<name>', summary: 'Names this connection.' },
    run([, , name], client) {
      client.name = nameWord(name as Uint8Array);
      return ok;
    },
  },
  {
    ...{ name: 'SETINFO', arity: 4, flags, takes: '<LIB-NAME|LIB-VER> <value>' },
    summary: "Which library the client is, and the library's version.",
    run: setInfo,
  },
  {
    ...{ name: 'INFO', arity: 2, flags, summary: 'All about this connection.' },
    run: (_, client) => ({ type: 'verbatim', text: `${lineOf(client)}\n` }),
  },
  {
    ...{ name: 'LIST', arity: -2, flags: adminFlags, takes: '[TYPE <type> | ID <id> ...]' },
    summary: 'All about the connections of this node.',
    run: list,
  },
  {
    ...{ name: 'KILL', arity: -3, flags: adminFlags, takes: '<ip:port> | <option> <value> ...' },
    summary: 'Closes connections: by ID, ADDR, LADDR, TYPE, USER; SKIPME <yes|no>.',
    run: kill,
  },
  {
    ...{ name: 'REPLY', arity: 3, flags, takes: '<ON|OFF|SKIP>' },
    summary: 'Whether this connection gets replies.',
    run: setReplies,
  },
  {
    ...{ name: 'NO-EVICT', arity: 3, flags: adminFlags, takes: '<ON|OFF>' },
    summary: 'Changes nothing: connections are not evicted.',
    run: changeNothing,
  },
  {
    ...{ name: 'NO-TOUCH', arity: 3, flags, takes: '<ON|OFF>' },
    summary: 'Changes nothing: nobody notes when keys were last used.',
    run: changeNothing,
  },
  {
    ...{ name: 'TRACKING', arity: -3, flags, takes: '<ON|OFF>' },
    summary: 'Refused: nobody is told which keys have changed.',
    run([, , word]) {
      if (!switchWord(word as Uint8Array)) return ok;
      throw new CommandError(
        'ERR kvx has no client side caching: it can tell nobody what has changed',
      );
    },
  },
  {
    ...{ name: 'GETREDIR', arity: 2, flags, summary: 'Says -1: there is no tracking.' },
    run: () => integer(-1),
  },
];

/** It may change what becomes of the replies after its own. */
export const clientCommand: Command = containerCommand(
  {
    ...{ name: 'CLIENT', flags: [], group: 'connection', isAlone: true },
    summary: 'Who is connected.',
  },
  subcommands,
);

function setInfo([, , option, value]: Words, client: RespClient): RespReply {
  const said = upperWord(option as Uint8Array);
  const at = ['LIB-NAME', 'LIB-VER'].indexOf(said);
  const shown = textOfWord(option as Uint8Array).toLowerCase();
  if (at < 0) throw new CommandError(`ERR Unrecognized option '${shown}'`);
  if (!(value as Uint8Array).every((byte) => byte >= 0x21 && byte <= 0x7e)) {
    throw new CommandError(`ERR ${shown} cannot contain spaces, newlines or special characters.`);
  }
  const [name, version] = client.library;
  const text = textOfWord(value as Uint8Array);
  client.library = at === 0 ? [text, version] : [name, text];
  return ok;
}

function setReplies([, , word]: Words, client: RespClient): RespReply {
  const said = upperWord(word as Uint8Array);
  if (said === 'ON' || said === 'OFF') client.replies = said === 'ON' ? 'on' : 'off';
  else if (said !== 'SKIP') throw syntaxError();
  else if (client.replies !== 'off') client.replies = 'skip next';
  return ok;
}

function list([, , how, ...what]: Words, client: RespClient): RespReply {
  const { node } = client;
  const isWanted = how === undefined ? () => true : listed(how, what);
  const lines: string[] = [];
  for (const each of node.clients()) if (isWanted(each)) lines.push(`${lineOf(each)}\n`);
  return { type: 'verbatim', text: lines.join('') };
}

function listed(how: Uint8Array, what: Words): (client: RespClient) => boolean {
  const said = upperWord(how);
  const [first] = what;
  if (said === 'TYPE' && what.length === 1) return isOfType(first as Uint8Array);
  if (said !== 'ID' || first === undefined) throw syntaxError();
  const ids = new Set(what.map((id) => integerWord(id, 'Invalid client ID')));
  return ({ id }) => ids.has(id);
}

function isOfType(word: Uint8Array): () => boolean {
  const type = upperWord(word);
  if (!clientTypes.includes(type)) {
    throw new CommandError(`ERR Unknown client type '${textOfWord(word)}'`);
  }
  return () => type === 'NORMAL';
}

function kill([, , ...words]: Words, client: RespClient): RespReply {
  const isOld = words.length === 1;
  const wanted = isOld ? [isAt(words[0] as Uint8Array)] : [];
  let skipsMe = !isOld;
  for (let at = 0; at < words.length && !isOld; at += 2) {
    const [option, value] = words.slice(at) as [Uint8Array, Uint8Array | undefined];
    if (value === undefined) throw syntaxError();
    if (upperWord(option) === 'SKIPME') skipsMe = yesOrNo(value);
    else wanted.push(killed(option, value));
  }
  let count = 0;
  for (const each of [...client.node.clients()]) {
    if (each === client && skipsMe) continue;
    if (!wanted.every((isWanted) => isWanted(each))) continue;
    count++;
    // Its own answer still leaves.
    if (each === client) client.end();
    else each.kill();
  }
  if (!isOld) return integer(count);
  if (count === 0) throw new CommandError('ERR No such client');
  return ok;
}

function killed(option: Uint8Array, value: Uint8Array): (client: RespClient) => boolean {
  const text = textOfWord(value);
  switch (upperWord(option)) {
    case 'ID': {
      const problem = 'client-id should be greater than 0';
      const wanted = integerWord(value, problem);
      if (wanted < 1) throw new CommandError(`ERR ${problem}`);
      return ({ id }) => id === wanted;
    }
    case 'ADDR':
      return isAt(value);
    case 'LADDR':
      return ({ localAddress }) => localAddress === text;
    case 'TYPE':
      return isOfType(value);
    case 'USER':
      if (text === 'default') return () => true;
      throw new CommandError(`ERR No such user '${text}'`);
    default:
      throw syntaxError();
  }
}

const isAt = (word: Uint8Array) => {
  const wanted = textOfWord(word);
  return ({ address }: RespClient): boolean => address === wanted;
};

function yesOrNo(word: Uint8Array): boolean {
  const said = upperWord(word);
  if (said !== 'YES' && said !== 'NO') throw syntaxError();
  return said === 'YES';
}

/** What Redis knows of a client and kvx does not is left out, or 0. */
function lineOf(client: RespClient): string {
  const { node, transaction, library, session, sessionName } = client;
  const seconds = (ms: number): number => Math.max(0, Math.floor(ms / 1000));
  const fields: readonly (readonly [string, string | number])[] = [
    ['id', client.id],
    ['addr', client.address],
    ['laddr', client.localAddress],
    ['fd', -1],
    ['name', client.name],
    ['age', seconds(node.wallClock() - client.startedAt)],
    ['idle', seconds(node.timing.now() - client.lastCommandAt)],
    ['flags', transaction === null ? 'N' : 'x'],
    ['db', 0],
    ...(['sub', 'psub', 'ssub'] as const).map((name) => [name, 0] as const),
    ['multi', transaction === null ? -1 : transaction.commands.length],
    ['watch', client.watched.size],
    ['oll', client.waitingCount],
    ['omem', client.writer.length],
    ['events', 'r'],
    ['cmd', client.lastCommand.toLowerCase()],
    ['user', 'default'],
    ['redir', -1],
    ['resp', client.writer.version],
    ['lib-name', library[0]],
    ['lib-ver', library[1]],
    ['level', client.level ?? 'default'],
    ['session', session === null ? 'off' : (sessionName ?? 'on')],
  ];
  return fields.map(([name, value]) => `${name}=${value}`).join(' ');
}

/** Commands about the connection itself. */
import { encodeUtf8 } from '../../core/utf8.js';
import { type Command, CommandError, type RespClient } from '../command.js';
import { leaveSession } from '../leave-session.js';
import type { Words } from '../parser.js';
import { array, bulk, errorReply, integer, ok, type RespReply, textReply } from '../replies.js';
import { integerWord, textOfWord, upperWord } from '../words.js';

/** The Redis whose replies these are: clients choose by it what they may ask. */
export const redisVersion = '7.0.15';

const pong: RespReply = { type: 'simple', text: 'PONG' };
const noCluster = errorReply('ERR This instance has cluster support disabled');

const flags = ['noscript', 'loading', 'stale', 'fast'];
const head = { kind: 'plain', keys: [0, 0, 0], group: 'connection' } as const;

export const connectionCommands: readonly Command[] = [
  {
    ...{ ...head, name: 'PING', arity: -1, flags: ['fast'] },
    summary: 'Says PONG, or what it is given.',
    run([, message, ...more]) {
      if (more.length > 0)
        throw new CommandError("ERR wrong number of arguments for 'ping' command");
      return message === undefined ? pong : bulk(message);
    },
  },
  {
    ...{ ...head, name: 'ECHO', arity: 2, flags: ['loading', 'stale', 'fast'] },
    summary: 'Says what it is given.',
    run: ([, message]) => bulk(message as Uint8Array),
  },
  {
    ...{ ...head, name: 'SELECT', arity: 2, flags: ['loading', 'stale', 'fast'] },
    summary: 'Chooses a database; there is one, 0.',
    run: ([, index]) =>
      integerWord(index as Uint8Array) === 0 ? ok : errorReply('ERR DB index is out of range'),
  },
  {
    ...{ ...head, name: 'QUIT', arity: -1, flags: [...flags, 'no_auth', 'allow_busy'] },
    summary: 'Says OK and closes the connection.',
    ...{ isForStrangers: true, isNeverQueued: true },
    run(_, client) {
      client.end();
      return ok;
    },
  },
  {
    ...{ ...head, name: 'RESET', arity: 1, flags: [...flags, 'no_auth', 'allow_busy'] },
    summary: 'Makes the connection as it was when it began.',
    ...{ isForStrangers: true, isNeverQueued: true, isAlone: true },
    run(_, client) {
      reset(client);
      return { type: 'simple', text: 'RESET' };
    },
  },
  {
    ...{ ...head, name: 'AUTH', arity: -2, flags: [...flags, 'no_auth', 'allow_busy'] },
    summary: 'Gives the password.',
    ...{ isForStrangers: true, isAlone: true },
    run: auth,
  },
  {
    ...{ ...head, name: 'HELLO', arity: -1, flags: [...flags, 'no_auth', 'allow_busy'] },
    summary: 'Chooses the version of the protocol, and says who is there.',
    ...{ isForStrangers: true, isAlone: true },
    run: hello,
  },
  ...['READONLY', 'READWRITE', 'ASKING'].map(
    (name): Command => ({
      ...{ ...head, name, arity: 1, flags: ['loading', 'stale', 'fast'], group: 'cluster' },
      summary: 'Of Redis Cluster, which this is not.',
      run: () => noCluster,
    }),
  ),
];

function reset(client: RespClient): void {
  client.transaction = null;
  client.watched.clear();
  client.name = '';
  client.replies = 'on';
  client.writer.version = 2;
  client.isTrusted = client.node.password === null;
  client.level = null;
  leaveSession(client);
}

function auth([, first, second, ...more]: Words, client: RespClient): RespReply {
  if (more.length > 0) throw new CommandError('ERR syntax error');
  if (second === undefined && client.node.password === null) {
    throw new CommandError(
      'ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?',
    );
  }
  const [user, password] = second === undefined ? [null, first] : [first, second];
  trust(client, user ?? null, password as Uint8Array);
  return ok;
}

/** Throws {@link CommandError} for a wrong password. */
function trust(client: RespClient, user: Uint8Array | null, password: Uint8Array): void {
  const { password: wanted } = client.node;
  const isUser = user === null || textOfWord(user) === 'default';
  const isRight = wanted === null || isSame(password, encodeUtf8(wanted));
  if (!isUser || !isRight) {
    throw new CommandError('WRONGPASS invalid username-password pair or user is disabled.');
  }
  client.isTrusted = true;
}

/** Takes as long whatever is the same, so that its time tells nothing of the secret. */
function isSame(given: Uint8Array, secret: Uint8Array): boolean {
  let differing = given.length ^ secret.length;
  for (let at = 0; at < given.length; at++) {
    differing |= (given[at] as number) ^ (secret[at % secret.length] as number);
  }
  return differing === 0;
}

/** Throws {@link CommandError} unless a client may be called so. */
export function nameWord(word: Uint8Array): string {
  if (word.every((byte) => byte >= 0x21 && byte <= 0x7e)) return textOfWord(word);
  throw new CommandError('ERR Client names cannot contain spaces, newlines or special characters.');
}

function hello([, version, ...options]: Words, client: RespClient): RespReply {
  const { node, id, writer } = client;
  const wanted = version === undefined ? writer.version : protocolVersion(version);
  let name: string | null = null;
  for (let at = 0; at < options.length; at++) {
    const option = options[at] as Uint8Array;
    const said = upperWord(option);
    const [first, second] = options.slice(at + 1);
    if (said === 'AUTH' && first !== undefined && second !== undefined) {
      trust(client, first, second);
      at += 2;
    } else if (said === 'SETNAME' && first !== undefined) {
      name = nameWord(first);
      at += 1;
    } else {
      throw new CommandError(`ERR Syntax error in HELLO option '${textOfWord(option)}'`);
    }
  }
  if (!client.isTrusted) {
    throw new CommandError(
      'NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time',
    );
  }
  client.name = name ?? client.name;
  writer.version = wanted;
  const said: readonly [string, RespReply][] = [
    ['server', textReply('redis')],
    ['version', textReply(redisVersion)],
    ['proto', integer(wanted)],
    ['id', integer(id)],
    ['mode', textReply('standalone')],
    ['role', textReply('master')],
    ['modules', array([])],
    ['kvx', textReply(`${node.version} ${node.mode.name} ${node.node}`)],
  ];
  return { type: 'map', entries: said.map(([field, value]) => [textReply(field), value]) };
}

function protocolVersion(word: Uint8Array): 2 | 3 {
  const version = integerWord(word, 'Protocol version is not an integer or out of range');
  if (version === 2 || version === 3) return version;
  throw new CommandError('NOPROTO unsupported protocol version');
}

/**
 * MULTI and what belongs to it. What is queued is done at EXEC, optimistically, as one transaction of the cluster: all that
 * its commands look at, and all that is watched, is still what it was when their writes take effect, all at once.
 */
import type { Key } from '../../core/key.js';
import { transactionLimits } from '../../core/limits.js';
import { featureProblem } from '../../protocols/refusals.js';
import { keyAt } from '../arguments.js';
import {
  CommandError,
  type PlainCommand,
  type QueuedCommands,
  type RespClient,
  type Values,
} from '../command.js';
import { replyToError, replyToFailedRead } from '../failures.js';
import { atLinearizable, OptimisticRun, type OptimisticTask } from '../optimistic.js';
import type { Words } from '../parser.js';
import { array, ok, type RespReply } from '../replies.js';
import { SeparateReads, tooMuchRead } from '../separate-reads.js';

type Queued = QueuedCommands['commands'][number];

/** Holds the place of a command that reaches no values: it is done when these are. */
const later: RespReply = { type: 'simple', text: 'later' };

/** What EXEC does with values: all queued data commands, in order. */
class QueueRun implements OptimisticTask {
  readonly name = 'EXEC';
  readonly #commands: readonly Queued[];
  readonly end: (reply: RespReply) => void;

  constructor(commands: readonly Queued[], end: (reply: RespReply) => void) {
    this.#commands = commands;
    this.end = end;
  }

  /** What goes wrong in one command is its own reply: the others are done all the same. */
  apply(values: Values): RespReply {
    return array(this.#commands.map((queued) => replyIn(queued, values)));
  }
}

function replyIn({ command, words }: Queued, values: Values): RespReply {
  if (command.kind === 'plain') return later;
  try {
    return command.apply(words, values);
  } catch (error) {
    return replyToError(error);
  }
}

async function exec(commands: readonly Queued[], client: RespClient): Promise<RespReply> {
  const watched = new Map(client.watched);
  client.watched.clear();
  const reply = await client.node.timing.wait<RespReply>((resolve) => {
    new OptimisticRun(atLinearizable(client), new QueueRun(commands, resolve), { watched }).begin();
  });
  if (reply.type !== 'array' || !reply.items.includes(later)) return reply;
  const said: RespReply[] = [];
  for (const [at, item] of reply.items.entries()) {
    said.push(item === later ? await replyOf(commands[at] as Queued, client) : item);
  }
  return array(said);
}

async function replyOf({ command, words }: Queued, client: RespClient): Promise<RespReply> {
  try {
    return await (command as PlainCommand).run(words, client);
  } catch (error) {
    return replyToError(error);
  }
}

function watch(words: Words, client: RespClient): Promise<RespReply> {
  const keys = new Set(words.slice(1).map((_, at) => keyAt(words, at + 1)));
  return client.node.timing.wait((resolve) =>
    SeparateReads.begin(client, keys, ({ found, failure }) => {
      if (failure !== null) return resolve(replyToFailedRead(failure));
      // What a key was when it was first watched counts.
      const all = new Map([...found, ...client.watched]);
      if (!mayBeRead(all)) return resolve(replyToFailedRead(tooMuchRead));
      for (const [key, value] of all) client.watched.set(key, value);
      resolve(ok);
    }),
  );
}

/** EXEC will read all of it at once. */
function mayBeRead(values: ReadonlyMap<Key, Uint8Array | null>): boolean {
  let bytes = 0;
  for (const value of values.values()) bytes += value?.length ?? 0;
  return values.size <= transactionLimits.stepsMax && bytes <= transactionLimits.readBytesMax;
}

/** Throws {@link CommandError} in modes without transactions. */
function demandTransactions(name: string, { node: { mode } }: RespClient): void {
  const problem = featureProblem(mode, 'transactions');
  if (problem !== null) throw new CommandError(`ERR ${name}: ${problem}`);
}

export const transactionCommands: readonly PlainCommand[] = [
  {
    ...{ kind: 'plain', name: 'MULTI', arity: 1, flags: ['noscript', 'loading', 'stale', 'fast'] },
    ...{ keys: [0, 0, 0], group: 'transactions', summary: 'Queues what follows until EXEC.' },
    isNeverQueued: true,
    run(_, client) {
      if (client.transaction !== null) throw new CommandError('ERR MULTI calls can not be nested');
      demandTransactions('MULTI', client);
      client.transaction = { commands: [], bytes: 0, hasFailed: false };
      return ok;
    },
  },
  {
    ...{ kind: 'plain', name: 'EXEC', arity: 1, flags: ['noscript', 'loading', 'stale'] },
    ...{ keys: [0, 0, 0], group: 'transactions', summary: 'Does all that is queued, at once.' },
    ...{ isNeverQueued: true, isAlone: true },
    run(_, client) {
      const queue = client.transaction;
      if (queue === null) throw new CommandError('ERR EXEC without MULTI');
      client.transaction = null;
      if (!queue.hasFailed) return exec(queue.commands, client);
      client.watched.clear();
      throw new CommandError('EXECABORT Transaction discarded because of previous errors.');
    },
  },
  {
    ...{
      kind: 'plain',
      name: 'DISCARD',
      arity: 1,
      flags: ['noscript', 'loading', 'stale', 'fast'],
    },
    ...{ keys: [0, 0, 0], group: 'transactions', summary: 'Forgets what is queued and watched.' },
    ...{ isNeverQueued: true, isAlone: true },
    run(_, client) {
      if (client.transaction === null) throw new CommandError('ERR DISCARD without MULTI');
      client.transaction = null;
      client.watched.clear();
      return ok;
    },
  },
  {
    ...{ kind: 'plain', name: 'WATCH', arity: -2, flags: ['noscript', 'loading', 'stale', 'fast'] },
    ...{ keys: [1, -1, 1], group: 'transactions', summary: 'EXEC does nothing if these change.' },
    isNeverQueued: true,
    run(words, client) {
      if (client.transaction !== null) {
        throw new CommandError('ERR WATCH inside MULTI is not allowed');
      }
      demandTransactions('WATCH', client);
      return watch(words, client);
    },
  },
  {
    ...{
      kind: 'plain',
      name: 'UNWATCH',
      arity: 1,
      flags: ['noscript', 'loading', 'stale', 'fast'],
    },
    ...{ keys: [0, 0, 0], group: 'transactions', summary: 'Forgets what is watched.' },
    isAlone: true,
    run(_, client) {
      client.watched.clear();
      return ok;
    },
  },
];

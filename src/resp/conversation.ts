/**
 * One RESP client at one node: its state, and its commands in their order.
 *
 * Replies leave in the order of the commands. Commands of different keys may run beside each other, as operations of
 * different clients do; those that share a key run one after the other. What reaches no key runs in its turn, and what is
 * `isAlone` runs alone.
 */
import { Client, type ClientOptions } from '../client/client.js';
import type { Session } from '../client/session.js';
import type { Millis } from '../core/ids.js';
import type { Key } from '../core/key.js';
import type { Level } from '../core/operation.js';
import { Fifo } from '../runtime/fifo.js';
import { RequestSource } from '../runtime/request-queue.js';
import type { Command, QueuedCommands, RespClient, RespNode } from './command.js';
import { problemWithWords, respCommandNamed } from './commands/index.js';
import { execute, keysOfWords } from './execution.js';
import { replyToError } from './failures.js';
import { respLimits } from './limits.js';
import type { Words } from './parser.js';
import { errorReply, queued, ReplyWriter, type RespReply } from './replies.js';

/** Who carries the bytes of a conversation. */
export interface RespCarrier {
  /** Where the client is, as `127.0.0.1:4711`, for CLIENT LIST. */
  readonly address: string;
  /** There are replies to take from the writer. Called again only when some came after they were taken. */
  onReplies(): void;
  /** After all replies have left. */
  close(): void;
}

/** A command that has come and is not answered. */
interface Turn {
  readonly words: Words;
  readonly command: Command | null;
  keys: readonly Key[];
  reply: RespReply | null;
  readonly bytes: number;
}

export class RespConversation implements RespClient {
  readonly id: number;
  readonly node: RespNode;
  readonly address: string;
  readonly #carrier: RespCarrier;
  readonly source = new RequestSource();
  readonly client: Client;
  readonly writer = new ReplyWriter();
  readonly startedAt: Millis;
  /** Set by CLIENT SETNAME and HELLO; empty: none. */
  name = '';
  library: readonly [name: string, version: string] = ['', ''];
  isTrusted: boolean;
  replies: RespClient['replies'] = 'on';
  /** `null`: the cluster's own. */
  level: Level | null = null;
  readonly levelsUsed = new Set<Level | null>([null]);
  session: Session | null = null;
  sessionName: string | null = null;
  /** Of the last command, for CLIENT LIST. */
  lastCommand = '';
  lastCommandAt = 0;
  transaction: QueuedCommands | null = null;
  /** Values that were looked at by WATCH. */
  readonly watched = new Map<Key, Uint8Array | null>();
  /** In the order in which they came. */
  readonly #turns = new Fifo<Turn>();
  /** Of these, those that have not begun. */
  readonly #waiting = new Fifo<Turn>();
  readonly #busy = new Map<Key, number>();
  #running = 0;
  #aloneRuns = false;
  #bytesWaiting = 0;
  #isEnding = false;
  #isClosed = false;

  constructor(id: number, node: RespNode, carrier: RespCarrier) {
    const { timing, mode, password } = node;
    this.id = id;
    this.node = node;
    this.address = carrier.address;
    this.#carrier = carrier;
    this.startedAt = node.wallClock();
    this.isTrusted = password === null;
    const connection = node.connect(this.source);
    const connect = (_: number, connected: (outcome: typeof connection) => void) =>
      connected(connection);
    const endpoint = { node: node.node, connect, open: async () => connection };
    const options: ClientOptions = {
      timing,
      exactlyOnce: mode.exactlyOnce,
      sessionSupport: mode.sessions,
    };
    this.client = new Client([endpoint], options);
  }

  /** Nothing more should be read from it for now. */
  get isFull(): boolean {
    return (
      this.#turns.length >= respLimits.waitingMax ||
      this.#bytesWaiting >= respLimits.bytesWaitingMax
    );
  }

  get waitingCount(): number {
    return this.#turns.length;
  }

  get isIdle(): boolean {
    return this.#turns.length === 0;
  }

  /** The next command. */
  take(words: Words): void {
    if (this.#isEnding || this.#isClosed) return;
    const bytes = words.reduce((sum, word) => sum + word.length, 0);
    const command = respCommandNamed(words[0] as Uint8Array);
    const turn: Turn = { words, command, keys: [], reply: null, bytes };
    this.#turns.push(turn);
    this.#bytesWaiting += bytes;
    this.#waiting.push(turn);
    this.#pump();
  }

  /** What the client sent makes no sense: it is told so after all that is under way, and then left. */
  break(text: string): void {
    if (this.#isEnding) return;
    this.#turns.push({
      words: [],
      command: null,
      keys: [],
      reply: errorReply(`ERR ${text}`),
      bytes: 0,
    });
    this.end();
    this.#say();
  }

  /** Takes nothing more; closes when all is answered. */
  end(): void {
    this.#isEnding = true;
  }

  kill(): void {
    this.#isEnding = true;
    this.#carrier.close();
  }

  /** The connection is gone. */
  close(): void {
    this.#isClosed = true;
    this.client.close();
  }

  #pump(): void {
    for (let turn = this.#waiting.peek(); turn !== undefined; turn = this.#waiting.peek()) {
      if (this.#aloneRuns) return;
      const alone = turn.command?.kind === 'plain' && turn.command.isAlone === true;
      if (alone && this.#running > 0) return;
      if (turn.keys.length === 0) turn.keys = this.#keysOf(turn);
      if (turn.keys.some((key) => this.#busy.has(key))) return;
      this.#waiting.shift();
      for (const key of turn.keys) this.#busy.set(key, 1);
      this.#running++;
      this.#aloneRuns = alone;
      this.#start(turn);
    }
  }

  #keysOf({ command, words }: Turn): readonly Key[] {
    return command === null || this.transaction !== null ? [] : keysOfWords(command, words);
  }

  #start(turn: Turn): void {
    const { words, command } = turn;
    try {
      const problem = problemWithWords(command, words, this);
      if (problem !== null) {
        if (this.transaction !== null) this.transaction.hasFailed = true;
        this.#ended(turn, errorReply(problem));
      } else if (this.transaction !== null && !isNeverQueued(command as Command)) {
        this.#ended(turn, this.#queue(this.transaction, turn));
      } else this.#run(turn, command as Command);
    } catch (error) {
      this.#ended(turn, replyToError(error));
    }
  }

  #queue(queue: QueuedCommands, { command, words, bytes }: Turn): RespReply {
    const { queuedMax, queuedBytesMax } = respLimits;
    if (queue.commands.length >= queuedMax || queue.bytes + bytes > queuedBytesMax) {
      queue.hasFailed = true;
      return errorReply(`ERR at most ${queuedMax} commands of ${queuedBytesMax} bytes are queued`);
    }
    queue.commands.push({ command: command as Command, words });
    queue.bytes += bytes;
    return queued;
  }

  #run(turn: Turn, command: Command): void {
    this.node.counts.commands++;
    this.lastCommand = command.name;
    this.lastCommandAt = this.node.timing.now();
    if (command.kind === 'data') {
      execute(this, command, turn.words, turn, this.#onReply);
      return;
    }
    const reply = command.run(turn.words, this);
    if (!(reply instanceof Promise)) this.#ended(turn, reply);
    else
      reply.then(
        (said) => this.#ended(turn, said),
        (error: unknown) => this.#ended(turn, replyToError(error)),
      );
  }

  readonly #onReply = (turn: Turn, reply: RespReply): void => this.#ended(turn, reply);

  #ended(turn: Turn, reply: RespReply): void {
    turn.reply = reply;
    this.#running--;
    this.#aloneRuns = false;
    for (const key of turn.keys) this.#busy.delete(key);
    this.#say();
    if (this.#waiting.length > 0) this.#pump();
  }

  /** Writes what can be said without getting ahead of what came before. */
  #say(): void {
    if (this.#isClosed) return;
    const had = this.writer.length;
    for (let turn = this.#turns.peek(); turn?.reply; turn = this.#turns.peek()) {
      this.#turns.shift();
      this.#bytesWaiting -= turn.bytes;
      if (this.replies === 'on') this.writer.write(turn.reply);
      else if (this.replies !== 'off') this.replies = this.replies === 'skip' ? 'on' : 'skip';
    }
    if (had === 0 && this.writer.length > 0) this.#carrier.onReplies();
    if (this.#isEnding && this.#turns.length === 0) this.#carrier.close();
  }
}

const isNeverQueued = (command: Command): boolean =>
  command.kind === 'plain' && command.isNeverQueued === true;

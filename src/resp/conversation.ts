/**
 * One RESP client at one node: its state, and its commands in their order.
 *
 * Replies leave in the order of the commands. Commands of different keys may run beside each other, as operations of
 * different clients do; those that share a key run one after the other. What reaches no key runs in its turn, and what is
 * `isAlone` runs alone.
 */
import type { Client } from '../client/client.js';
import type { Session } from '../client/session.js';
import type { Millis } from '../core/ids.js';
import type { Key } from '../core/key.js';
import { connectionLimits } from '../core/limits.js';
import type { Level } from '../core/operation.js';
import { Fifo } from '../runtime/fifo.js';
import { RequestSource } from '../runtime/request-queue.js';
import { BusyKeys, type KeyHashes, keyHashesOf } from './busy-keys.js';
import type { Command, QueuedCommands, RespClient, RespNode } from './command.js';
import { problemWithWords, respCommandNamed } from './commands/index.js';
import { execute } from './execution.js';
import { replyToError } from './failures.js';
import { leaveSession } from './leave-session.js';
import { respLimits } from './limits.js';
import { clientOf } from './node-client.js';
import type { Words } from './parser.js';
import { errorReply, queued, ReplyWriter, type RespReply, replyBytes } from './replies.js';

/** Who carries the bytes of a conversation. */
export interface RespCarrier {
  /** Where the client is, as `127.0.0.1:4711`, for CLIENT LIST. */
  readonly address: string;
  /** Which of the node's addresses it came to, likewise. */
  readonly localAddress: string;
  /** Bytes handed to it that the client has not taken. */
  readonly bytesWaiting: number;
  /** There are replies to take by `flush`. Called again only when some came after they were taken. */
  onReplies(): void;
  /** So many bytes of replies more, or fewer, wait for the client to read them. */
  onUnread(change: number): void;
  /** After all replies have left. */
  close(): void;
}

/** A command that has come and is not answered. */
interface Turn {
  readonly words: Words;
  /** `null`: there is none of that name. */
  readonly command: Command | null;
  readonly bytes: number;
  /** `null`: not looked at yet. */
  keys: KeyHashes | null;
  hasKeys: boolean;
  /** Of its keys, the place of that which another command is at; -1: not known. */
  stuckAt: number;
  reply: RespReply | null;
  /** About what the reply takes while it waits for those before it. */
  bytesHeld: number;
}

export class RespConversation implements RespClient {
  readonly id: number;
  readonly node: RespNode;
  readonly address: string;
  readonly localAddress: string;
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
  readonly #busy = new BusyKeys();
  #running = 0;
  /** Began when nothing else was under way, and so has its keys without having taken them. */
  #first: Turn | null = null;
  #aloneRuns = false;
  #isPumping = false;
  #isFlushing = false;
  #bytesWaiting = 0;
  /** Of replies that wait for those before them, or for the client to read. */
  #bytesHeld = 0;
  #bytesInSocket = 0;
  /** All that the client has not read. */
  bytesUnread = 0;
  #isEnding = false;
  #hasEnded = false;
  #isClosed = false;
  /** The name that the last command had, and what it means: the next mostly has the same. */
  #nameBefore: Uint8Array | null = null;
  #commandBefore: Command | null = null;

  constructor(id: number, node: RespNode, carrier: RespCarrier) {
    const { password } = node;
    this.id = id;
    this.node = node;
    this.address = carrier.address;
    this.localAddress = carrier.localAddress;
    this.#carrier = carrier;
    this.startedAt = node.wallClock();
    this.isTrusted = password === null;
    this.client = clientOf(node, this.source);
  }

  /** Nothing more should be read from it for now. */
  get isFull(): boolean {
    return (
      this.#turns.length >= respLimits.waitingMax ||
      this.#bytesWaiting >= respLimits.bytesWaitingMax ||
      this.source.isFull ||
      this.#isBacklogged ||
      this.#isEnding
    );
  }

  /** It reads too little: nothing more begins. */
  get #isBacklogged(): boolean {
    return this.bytesUnread > connectionLimits.bytesWaitingMax;
  }

  get waitingCount(): number {
    return this.#turns.length;
  }

  /** The next command. */
  take(words: Words): void {
    if (this.#isEnding || this.#isClosed) return;
    const turn = turnOf(words, this.#commandNamed(words[0] as Uint8Array));
    this.#turns.push(turn);
    this.#bytesWaiting += turn.bytes;
    this.#waiting.push(turn);
    this.#pump();
  }

  /** What the client sent makes no sense: it is told so after all that is under way, and then left. */
  break(text: string): void {
    if (this.#isEnding || this.#isClosed) return;
    const turn = turnOf([], null);
    turn.reply = errorReply(`ERR ${text}`);
    this.#turns.push(turn);
    this.end();
    this.#say();
  }

  /** Takes nothing more; closes when all is answered. */
  end(): void {
    this.#isEnding = true;
  }

  /** The client says nothing more: it hears the rest. */
  hangUp(): void {
    this.end();
    this.#say();
  }

  kill(): void {
    this.#isEnding = true;
    this.#hasEnded = true;
    this.#carrier.close();
  }

  /** The connection is gone. What is under way goes on in the node, and nobody hears of it. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#waiting.clear();
    this.#turns.clear();
    this.transaction = null;
    this.watched.clear();
    this.#bytesHeld = 0;
    this.writer.clear();
    this.client.close();
    leaveSession(this);
    this.#noteUnread();
  }

  /** Hands replies over, as far as the client reads; what waited for that goes on. */
  flush(write: (bytes: Uint8Array) => void): void {
    if (this.#isClosed) return;
    this.#isFlushing = true;
    do {
      if (this.writer.length > 0) write(this.writer.take());
      this.#bytesInSocket = this.#carrier.bytesWaiting;
      this.#say();
    } while (this.writer.length > 0);
    this.#isFlushing = false;
    this.#noteUnread();
    if (this.#waiting.length > 0) this.#pump();
  }

  #commandNamed(name: Uint8Array): Command | null {
    if (name !== this.#nameBefore) {
      this.#nameBefore = name;
      this.#commandBefore = respCommandNamed(name);
    }
    return this.#commandBefore;
  }

  #pump(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    for (let turn = this.#waiting.peek(); turn !== undefined; turn = this.#waiting.peek()) {
      if (this.#aloneRuns || this.#isBacklogged) break;
      const { command } = turn;
      const alone = command?.kind === 'plain' && command.isAlone === true;
      // What is answered and has no room to leave would leave otherwise once it has run.
      if (alone && this.#turns.peek() !== turn) break;
      if (this.#running === 0) this.#first = turn;
      else if (alone || !this.#takeKeys(turn)) break;
      this.#waiting.shift();
      this.#running++;
      this.#aloneRuns = alone;
      this.#start(turn);
    }
    this.#isPumping = false;
  }

  /** False while another command is at one of them. */
  #takeKeys(turn: Turn): boolean {
    if (this.#first !== null) {
      const first = this.#first;
      this.#first = null;
      this.#takeKeys(first);
    }
    const { command, words } = turn;
    if (command === null || this.transaction !== null) return true;
    turn.keys ??= keyHashesOf(command, words);
    // What a session reads is no older than what it read before: it must have heard of that.
    const mayOverlap = isRead(command) && this.session === null;
    turn.stuckAt = this.#busy.take(turn.keys, mayOverlap, turn.stuckAt);
    turn.hasKeys = turn.stuckAt < 0;
    return turn.hasKeys;
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
    this.#running--;
    this.#aloneRuns = false;
    if (turn === this.#first) this.#first = null;
    if (turn.hasKeys) this.#busy.release(turn.keys as KeyHashes);
    if (this.#isClosed) return;
    turn.reply = reply;
    if (turn !== this.#turns.peek() || !this.#hasRoom) {
      turn.bytesHeld = replyBytes(reply);
      this.#bytesHeld += turn.bytesHeld;
      this.#noteUnread();
    } else this.#say();
    if (this.#waiting.length > 0) this.#pump();
  }

  /** For bytes: beyond that, replies wait as they are, their values being those of the store. */
  get #hasRoom(): boolean {
    return this.writer.length + this.#bytesInSocket < connectionLimits.bytesInSocket;
  }

  /** Writes what can be said without getting ahead of what came before, as far as the client reads. */
  #say(): void {
    if (this.#isClosed) return;
    const had = this.writer.length;
    for (let turn = this.#turns.peek(); turn?.reply && this.#hasRoom; turn = this.#turns.peek()) {
      this.#turns.shift();
      this.#bytesWaiting -= turn.bytes;
      this.#bytesHeld -= turn.bytesHeld;
      if (this.replies === 'on') this.writer.write(turn.reply);
      else if (this.replies !== 'off') this.replies = this.replies === 'skip' ? 'on' : 'skip';
    }
    if (had === 0 && this.writer.length > 0 && !this.#isFlushing) this.#carrier.onReplies();
    if (!this.#isEnding || this.#hasEnded || this.#turns.length > 0) return;
    this.#hasEnded = true;
    this.#carrier.close();
  }

  #noteUnread(): void {
    // Of so little the socket does not say when it is gone.
    const inSocket = this.#bytesInSocket < drainedBytes ? 0 : this.#bytesInSocket;
    const bytes = this.#isClosed ? 0 : this.#bytesHeld + this.writer.length + inSocket;
    const change = bytes - this.bytesUnread;
    if (change === 0) return;
    this.bytesUnread = bytes;
    this.source.bytesUnread = bytes;
    this.#carrier.onUnread(change);
  }
}

/** A socket says that it has drained when it held at least so much. */
const drainedBytes = 16 * 1024;

function turnOf(words: Words, command: Command | null): Turn {
  let bytes = 0;
  for (const word of words) bytes += word.length;
  return {
    words,
    command,
    bytes,
    keys: null,
    hasKeys: false,
    stuckAt: -1,
    reply: null,
    bytesHeld: 0,
  };
}

const isNeverQueued = (command: Command): boolean =>
  command.kind === 'plain' && command.isNeverQueued === true;

const isRead = ({ flags }: Command): boolean => flags.includes('readonly');

import type { Socket } from 'node:net';
import type { AnswerReader } from '../cluster/host/unread.js';
import { type LargeFrame, type LargeFrames, largeFrameLimits } from '../node/large-frames.js';
import { acceptStraight, writeStraight } from '../node/straight-bytes.js';
import type { RespNode } from '../resp/command.js';
import { type RespCarrier, RespConversation } from '../resp/conversation.js';
import { respLimits } from '../resp/limits.js';
import { ProtocolError, RequestParser, type Words } from '../resp/parser.js';
import { spareBytes } from '../resp/replies.js';

export const respSocketLimits = {
  /** A client that reads nothing for so long, while there is something to read, is let go. */
  stalledMs: 30_000,
  /** From the last reply to the end, whether the client hangs up or not. */
  lingerMs: 1_000,
} as const;

/** Who sees to all RESP clients of a node together. */
export interface RespDesk {
  readonly node: RespNode;
  readonly log: (event: string) => void;
  /** Of the Unix socket. */
  readonly path: string;
  /** Where large commands that are on their way get room. */
  readonly largeFrames: LargeFrames;
  /** It is to be flushed before the tick ends. */
  flushSoon(socket: RespSocket): void;
  /** So many bytes of replies more, or fewer, wait for the client to read them. */
  onUnread(change: number): void;
  /** The client has read something: requests of it may begin. */
  onRead(): void;
  onClosed(socket: RespSocket): void;
}

/**
 * Carries the bytes of one RESP client. It is not read while too much of what it sent waits, or too much of what it was told
 * is unread; what had been read by then waits as bytes. A large command is read no further before there is room for all of it.
 * All that a tick has for a client leaves as one write.
 */
export class RespSocket implements RespCarrier, AnswerReader, LargeFrame {
  readonly address: string;
  readonly localAddress: string;
  readonly conversation: RespConversation;
  readonly #socket: Socket;
  readonly #desk: RespDesk;
  readonly #parser = new RequestParser();
  /** Read, but not looked at while the conversation is full. */
  #unparsed: Uint8Array | null = null;
  #flushScheduled = false;
  #isReading = true;
  #room: 'none' | 'waiting' | 'given' = 'none';
  #isLeaving = false;
  /** The client has hung up its own end. */
  #hasAllCome = false;
  #isWatched = false;
  /** When the client last read something, or got something to read. */
  progressAt = 0;

  /** `accepted` is of a server with `pauseOnConnect`. */
  constructor(id: number, accepted: Socket, desk: RespDesk) {
    const socket = acceptStraight(accepted, (bytes, length) => this.#receive(bytes, length));
    this.#socket = socket;
    this.#desk = desk;
    const { remoteAddress, remoteFamily, remotePort, localAddress, localFamily, localPort } =
      socket;
    // Both ends of a Unix socket are called by its path, as Redis does.
    const unix = `${desk.path}:0`;
    this.address = addressOf(remoteAddress, remoteFamily, remotePort) ?? unix;
    this.localAddress = addressOf(localAddress, localFamily, localPort) ?? unix;
    this.conversation = new RespConversation(id, desk.node, this);
    this.#parser.isTrusted = this.conversation.isTrusted;
    this.conversation.source.onTaken = () => this.#regulate();
    socket.on('drain', () => {
      this.flush();
      desk.onRead();
    });
    socket.on('end', () => {
      this.#hasAllCome = true;
      this.#regulate();
    });
    socket.on('timeout', () => this.dismiss('it stopped reading its replies'));
    socket.on('error', () => {});
    socket.on('close', () => {
      this.#leaveRoom();
      this.conversation.close();
      desk.onClosed(this);
    });
  }

  get bytesUnread(): number {
    return this.conversation.bytesUnread;
  }

  get bytesGathered(): number {
    return this.#parser.bytesGathered;
  }

  admit(): void {
    this.#room = 'given';
    this.#regulate();
  }

  giveUp(reason: string): void {
    this.#room = 'none';
    this.dismiss(reason);
  }

  get bytesWaiting(): number {
    return this.#socket.writableLength;
  }

  onReplies(): void {
    if (this.#flushScheduled) return;
    this.#flushScheduled = true;
    this.#desk.flushSoon(this);
  }

  onUnread(change: number): void {
    const { bytesUnread } = this.conversation;
    if (change < 0 || bytesUnread === change) this.progressAt = performance.now();
    this.#desk.onUnread(change);
  }

  /** Says what there is to be said, then hangs up. */
  close(): void {
    if (this.#isLeaving) return;
    this.#isLeaving = true;
    this.flush();
    // Whatever still comes in is thrown away, or the socket would never see the other side's end.
    this.#socket.resume();
    this.#socket.end(() => {
      const timer = setTimeout(() => this.#socket.destroy(), respSocketLimits.lingerMs);
      this.#socket.once('close', () => clearTimeout(timer));
    });
  }

  /** The reason can't follow replies that it does not read: the node's log has it. */
  dismiss(reason: string): void {
    this.#desk.log(`Redis client ${this.address} closed: ${reason}`);
    this.destroy();
  }

  destroy(): void {
    this.#isLeaving = true;
    this.#socket.destroy();
    this.conversation.close();
  }

  readonly #take = (words: Words): boolean => {
    const { conversation } = this;
    if (this.#room !== 'none') this.#leaveRoom();
    conversation.take(words);
    this.#parser.isTrusted = conversation.isTrusted;
    return !conversation.isFull;
  };

  /** The chunk is there only until the next is read. */
  #receive(chunk: Uint8Array, length: number): void {
    if (this.#isLeaving) return;
    if (this.#unparsed === null) {
      const taken = this.#parse(chunk, length);
      if (taken < length) this.#unparsed = chunk.slice(taken, length);
    } else {
      // What comes although it is not read was on its way.
      this.#unparsed = Buffer.concat([this.#unparsed, chunk.subarray(0, length)]);
    }
    this.#regulate();
  }

  /** How many bytes it took. */
  #parse(chunk: Uint8Array, length: number): number {
    try {
      const taken = this.#parser.push(chunk, this.#take, length);
      if (this.#room === 'none') this.#seekRoom();
      return taken;
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#leaveRoom();
      this.conversation.break(error.message);
      return length;
    }
  }

  #seekRoom(): void {
    const bytes = this.#parser.bytesExpected;
    if (bytes <= largeFrameLimits.smallBytesMax || this.#isLeaving) return;
    const most = this.#parser.expectsMore ? Math.max(bytes, respLimits.commandBytesMax) : bytes;
    this.#room = 'waiting';
    if (this.#desk.largeFrames.enter(this, most)) this.#room = 'given';
  }

  #leaveRoom(): void {
    if (this.#room === 'none') return;
    this.#room = 'none';
    this.#desk.largeFrames.leave(this);
  }

  readonly #write = (bytes: Uint8Array): void => {
    if (!this.#socket.writable) return;
    const written = writeStraight(this.#socket, bytes);
    if (written === bytes.length) return;
    const rest = bytes.subarray(written);
    // Up to `spareBytes` they are the writer's again.
    this.#socket.write(bytes.length > spareBytes ? rest : rest.slice());
  };

  flush(): void {
    this.#flushScheduled = false;
    this.conversation.flush(this.#write);
    // What waits only for replies before it is not the client's fault.
    this.#watch(this.#socket.writableNeedDrain);
    this.#regulate();
  }

  #regulate(): void {
    if (this.#isLeaving) return;
    while (this.#unparsed !== null && !this.conversation.isFull) {
      const chunk = this.#unparsed;
      // Whoever is called may come here again.
      this.#unparsed = null;
      const taken = this.#parse(chunk, chunk.length);
      if (taken < chunk.length) this.#unparsed = chunk.subarray(taken);
    }
    if (this.#hasAllCome && this.#unparsed === null) this.conversation.hangUp();
    // Who has room for a large command is read to its end, so that it leaves the room to others.
    const isReading =
      this.#unparsed === null &&
      (this.#room === 'given' || (this.#room === 'none' && !this.conversation.isFull));
    if (isReading === this.#isReading) return;
    this.#isReading = isReading;
    if (isReading) this.#socket.resume();
    else this.#socket.pause();
  }

  /** Healthy clients cost no timer. */
  #watch(isWatched: boolean): void {
    if (isWatched === this.#isWatched) return;
    this.#isWatched = isWatched;
    this.#socket.setTimeout(isWatched ? respSocketLimits.stalledMs : 0);
  }
}

function addressOf(host?: string, family?: string, port?: number): string | null {
  if (host === undefined) return null;
  return `${family === 'IPv6' ? `[${host}]` : host}:${port}`;
}

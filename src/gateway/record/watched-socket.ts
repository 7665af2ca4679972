import { connect, type NetConnectOpts, type Socket } from 'node:net';
import { ProtocolError, RequestParser, type Words } from '../../resp/parser.js';
import { ReplyReader } from '../../resp/reply-reader.js';
import type { Caller } from './call-log.js';
import { commandName, type RecordTally, TrackedConnection } from './tracked-connection.js';

/** Commands without a reply; past it nothing is read from the client. */
const expectedMax = 10_000;

/** What it needs of the door that it came through. */
interface Doorkeeper {
  readonly target: { readonly address: NetConnectOpts };
  readonly record: RecordTally;
  /** Resolves once the record knows what the keys held at first, or that it can't know. */
  learn(keys: readonly { database: number; word: Uint8Array }[]): Promise<void>;
  /** The client has given its password. */
  trust(credentials: Words): void;
  /** The server is not there, or there again. */
  reached(isThere: boolean, why?: string): void;
}

/** One client and its way to the server. Whoever is slow makes the other side wait. */
export class WatchedSocket {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #door: Doorkeeper;
  readonly #tracked: TrackedConnection;
  readonly #requests = new RequestParser();
  readonly #replies = new ReplyReader();
  /** It sent what can't be read; what comes after it is passed on. */
  #isUnread = false;
  #isLearning = false;
  /** The client says no more. */
  #isEnding = false;
  #isClosed = false;

  constructor(client: Socket, door: Doorkeeper, caller: Caller, onClosed: () => void) {
    this.#client = client;
    this.#door = door;
    this.#tracked = new TrackedConnection(door.record, caller);
    this.#requests.isTrusted = true;
    this.#server = connect({ ...door.target.address, allowHalfOpen: true });
    this.#server.setNoDelay(true);
    this.#listen(onClosed);
  }

  destroy(): void {
    this.#tracked.lost();
    this.#client.destroy();
    this.#server.destroy();
  }

  #listen(onClosed: () => void): void {
    const [client, server] = [this.#client, this.#server];
    const close = (): void => {
      if (this.#isClosed) return;
      this.#isClosed = true;
      this.#tracked.lost();
      onClosed();
    };
    client.on('data', (chunk: Uint8Array) => void this.#fromClient(chunk));
    client.on('drain', () => server.resume());
    client.on('end', () => {
      this.#isEnding = true;
      if (!this.#isLearning) server.end();
    });
    client.on('error', () => {});
    client.on('close', () => {
      close();
      server.destroy();
    });
    server.on('connect', () => this.#door.reached(true));
    server.on('data', (chunk: Uint8Array) => this.#fromServer(chunk));
    server.on('drain', () => this.#regulate());
    server.on('end', () => client.end());
    server.on('error', (error: NodeJS.ErrnoException) => {
      if (server.connecting || error.syscall === 'connect') {
        this.#door.reached(false, error.code ?? error.message);
      }
    });
    server.on('close', () => {
      close();
      // It gets what the server said last.
      client.end();
      client.destroySoon();
    });
  }

  async #fromClient(chunk: Uint8Array): Promise<void> {
    const commands: Words[] = [];
    try {
      if (!this.#isUnread) this.#requests.push(chunk, (words) => commands.push(words));
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#isUnread = true;
      this.#pass(chunk, commands);
      // It may be a command all the same, only too large to be read here.
      this.#tracked.turnOpaque();
      this.#door.record.log.spoilNow('everything', 'a client sent what could not be read');
      return;
    }
    const keys = this.#tracked.newKeys(commands);
    if (keys.length > 0) {
      this.#isLearning = true;
      this.#client.pause();
      this.#noteCredentials(commands);
      await this.#door.learn(keys);
      this.#isLearning = false;
      if (this.#isClosed) return;
    }
    this.#pass(chunk, commands);
    if (this.#isEnding) this.#server.end();
  }

  #pass(chunk: Uint8Array, commands: readonly Words[]): void {
    this.#noteCredentials(commands);
    for (const words of commands) this.#tracked.sent(words);
    this.#server.write(chunk);
    this.#regulate();
  }

  /** So that the record may ask what the client may ask. */
  #noteCredentials(commands: readonly Words[]): void {
    for (const words of commands) {
      const name = commandName(words);
      if (name === 'AUTH') this.#door.trust(words);
      if (name !== 'HELLO') continue;
      const at = words.findIndex((_, index) => commandName(words.slice(index)) === 'AUTH');
      if (at > 0) this.#door.trust(words.slice(at, at + 3));
    }
  }

  #fromServer(chunk: Uint8Array): void {
    try {
      this.#replies.push(chunk, (reply) => this.#tracked.replied(reply));
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#tracked.turnOpaque();
    }
    if (!this.#client.write(chunk)) this.#server.pause();
    this.#regulate();
  }

  #regulate(): void {
    const isFull =
      this.#isLearning ||
      this.#server.writableNeedDrain ||
      this.#tracked.expectedCount >= expectedMax;
    if (isFull) this.#client.pause();
    else this.#client.resume();
  }
}

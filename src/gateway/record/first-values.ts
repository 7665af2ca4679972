/**
 * What keys hold before a record tells of them, asked of the server itself on a connection of the record's own. The first
 * command about a key waits for it, so nobody whom the record knows has written the key by then.
 */
import { connect, type NetConnectOpts, type Socket } from 'node:net';
import { encodeUtf8 } from '../../core/utf8.js';
import type { Words } from '../../resp/parser.js';
import { type ReadReply, ReplyReader } from '../../resp/reply-reader.js';
import type { HeldValue } from './effects.js';

/** Past it the key is left out of the record. */
const answerMsMax = 2000;

export type FirstValue =
  | { readonly type: 'held'; readonly value: HeldValue }
  /** It can't be judged. */
  | { readonly type: 'not held'; readonly why: string };

type Take = (reply: ReadReply | null) => void;

export class FirstValues {
  readonly #address: NetConnectOpts;
  #socket: Socket | null = null;
  #expected: Take[] = [];
  #database = 0;
  /** By what clients of the record gave; never written anywhere. */
  #credentials: Words | null;

  constructor(address: NetConnectOpts, password: string | null) {
    this.#address = address;
    this.#credentials = password === null ? null : [encodeUtf8('AUTH'), encodeUtf8(password)];
  }

  /** A client has given its password: the record may look at what it looks at. */
  trust(credentials: Words): void {
    const known = this.#credentials ?? [];
    const isKnown =
      known.length === credentials.length &&
      known.every((word, at) => Buffer.from(word).equals(credentials[at] as Uint8Array));
    if (isKnown) return;
    this.#credentials = credentials;
    this.#drop();
  }

  /** `word`: the key as that database has it. */
  ask(database: number, word: Uint8Array): Promise<FirstValue> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#drop(), answerMsMax);
      let value: ReadReply | null = null;
      const socket = this.#open();
      if (database !== this.#database) this.#send(socket, ['SELECT', String(database)], () => {});
      this.#database = database;
      this.#send(socket, ['GET', word], (reply) => {
        value = reply;
      });
      this.#send(socket, ['PTTL', word], (reply) => {
        clearTimeout(timer);
        resolve(firstValueIn(value, reply));
      });
    });
  }

  close(): void {
    this.#drop();
  }

  #open(): Socket {
    if (this.#socket !== null) return this.#socket;
    const socket = connect(this.#address);
    const reader = new ReplyReader();
    this.#socket = socket;
    this.#database = 0;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Uint8Array) => {
      try {
        reader.push(chunk, (reply) => this.#expected.shift()?.(reply));
      } catch {
        this.#drop();
      }
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      if (this.#socket === socket) this.#drop();
    });
    if (this.#credentials !== null) this.#send(socket, this.#credentials, () => {});
    return socket;
  }

  #send(socket: Socket, words: readonly (string | Uint8Array)[], take: Take): void {
    this.#expected.push(take);
    const parts = words.map((word) => (typeof word === 'string' ? encodeUtf8(word) : word));
    const head = [encodeUtf8(`*${parts.length}\r\n`)];
    const all = parts.flatMap((part) => [
      encodeUtf8(`$${part.length}\r\n`),
      part,
      encodeUtf8('\r\n'),
    ]);
    socket.write(Buffer.concat([...head, ...all]));
  }

  /** Whoever waits hears that there is no answer. */
  #drop(): void {
    const expected = this.#expected;
    this.#expected = [];
    this.#socket?.destroy();
    this.#socket = null;
    for (const take of expected) take(null);
  }
}

function firstValueIn(value: ReadReply | null, leftMs: ReadReply | null): FirstValue {
  const notHeld = (why: string): FirstValue => ({ type: 'not held', why });
  if (value === null) return notHeld('what it held at first was not told in time');
  if (value.type === 'error') return notHeld(`what it held at first was not told: ${value.text}`);
  // kvx has no expiry and knows no such command.
  if (leftMs?.type === 'integer' && leftMs.value >= 0n) return notHeld('it expires by itself');
  if (value.type === 'null') return { type: 'held', value: null };
  if (value.type === 'bulk') return { type: 'held', value: value.value };
  return notHeld('what it held at first is too large');
}

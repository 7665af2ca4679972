import type { Socket } from 'node:net';
import type { RespNode } from '../resp/command.js';
import { RespConversation } from '../resp/conversation.js';
import { ProtocolError, RequestParser, type Words } from '../resp/parser.js';

/** Carries the bytes of one RESP client. */
export class RespSocket {
  readonly address: string;
  readonly conversation: RespConversation;
  readonly #socket: Socket;
  readonly #parser = new RequestParser();
  #flushScheduled = false;
  #reading = true;

  constructor(id: number, node: RespNode, socket: Socket, onClosed: (of: RespSocket) => void) {
    this.#socket = socket;
    this.address = `${socket.remoteAddress ?? 'unix'}:${socket.remotePort ?? 0}`;
    this.conversation = new RespConversation(id, node, this);
    this.conversation.source.onTaken = () => this.#regulate();
    socket.on('data', (chunk) => this.#receive(chunk as Uint8Array));
    socket.on('drain', () => this.#flush());
    socket.on('error', () => {});
    socket.on('close', () => {
      this.conversation.close();
      onClosed(this);
    });
  }

  onReplies(): void {
    if (this.#flushScheduled) return;
    this.#flushScheduled = true;
    process.nextTick(() => this.#flush());
  }

  close(): void {
    this.#flush();
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #receive(chunk: Uint8Array): void {
    const { conversation } = this;
    try {
      this.#parser.isTrusted = conversation.isTrusted;
      this.#parser.push(chunk, this.#take);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      conversation.break(error.message);
    }
    this.#regulate();
  }

  readonly #take = (words: Words): void => {
    this.conversation.take(words);
    // The password may have been among them.
    this.#parser.isTrusted = this.conversation.isTrusted;
  };

  #flush(): void {
    this.#flushScheduled = false;
    const { writer } = this.conversation;
    if (writer.length > 0 && !this.#socket.destroyed) this.#socket.write(writer.take());
    this.#regulate();
  }

  #regulate(): void {
    const reading = !this.conversation.isFull && !this.conversation.source.isFull;
    if (reading === this.#reading) return;
    this.#reading = reading;
    if (reading) this.#socket.resume();
    else this.#socket.pause();
  }
}

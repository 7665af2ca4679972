import { connect, type Socket } from 'node:net';
import { keyFromText } from '../../core/key.js';
import type { Shape } from '../../core/wire.js';
import {
  type ClientFrame,
  clientFrame,
  framesVersion,
  hello,
  type ServerFrame,
  serverFrame,
} from '../../runtime/links/client-frames.js';
import { FrameReader } from '../../runtime/links/frames.js';
import { encodeFrames } from '../../runtime/testing/encode-frames.js';

/** One who speaks the client frames and reads only while it is to. */
export class DeskClient {
  readonly frames: ServerFrame[] = [];
  reads = 0;
  isClosed = false;
  readonly #socket: Socket;

  constructor(path: string) {
    const reader = new FrameReader();
    this.#socket = connect(path);
    this.#socket.on('error', () => {});
    this.#socket.on('close', () => {
      this.isClosed = true;
    });
    this.#socket.on('data', (chunk) => {
      reader.push(chunk, (items) => {
        const frames = items.rest(serverFrame);
        const answers = frames.filter(({ type }) => type !== 'welcome');
        if (answers.length > 0) this.reads++;
        this.frames.push(...answers);
      });
    });
    this.sayHello();
  }

  sayHello(): void {
    const greeting = { type: 'client', version: framesVersion, cluster: 'c' } as const;
    this.send(hello, [greeting]);
  }

  get(...ids: number[]): void {
    const operation = { type: 'get', key: keyFromText('k') } as const;
    const options = { level: null, session: null, floor: null, timeoutMs: 1 };
    this.ask(...ids.map((id): ClientFrame => ({ type: 'request', id, operation, ...options })));
  }

  ask(...frames: ClientFrame[]): void {
    this.send(clientFrame, frames);
  }

  send<T>(shape: Shape<T>, values: readonly T[]): void {
    for (const frame of encodeFrames(shape, values)) this.#socket.write(frame);
  }

  stopReading(): void {
    this.#socket.pause();
  }

  readOn(): void {
    this.#socket.resume();
  }

  destroy(): void {
    this.#socket.destroy();
  }
}

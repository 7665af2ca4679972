import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NodeId } from '../../core/ids.js';
import { type NodeAddress, socketEndpoint } from '../../node/socket-endpoint.js';
import {
  type ClientFrame,
  clientFrame,
  type Hello,
  hello,
  type ServerFrame,
  serverFrame,
} from '../../runtime/links/client-frames.js';
import { FrameReader } from '../../runtime/links/frames.js';
import { encodeFrames } from '../../runtime/testing/encode-frames.js';
import type { Endpoint } from '../endpoint.js';

/** One who connected to a {@link FakeNode}. */
export interface FakeCaller {
  send(...frames: readonly ServerFrame[]): void;
  sendBytes(bytes: Uint8Array): void;
  hangUp(): void;
}

/** A socket that speaks the client frames and does with each whatever the test says. */
export class FakeNode {
  readonly address: NodeAddress;
  readonly hellos: Hello[] = [];
  readonly received: ClientFrame[] = [];
  /** How many chunks the callers' bytes came in. */
  chunkCount = 0;
  readonly #greet: (caller: FakeCaller) => void;
  readonly #folder: string;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  static async start(
    node: NodeId,
    handle: (frame: ClientFrame, caller: FakeCaller) => void,
    greet: (caller: FakeCaller) => void = (caller) => caller.send({ type: 'welcome' }),
  ): Promise<FakeNode> {
    const fake = new FakeNode(node, handle, greet);
    await new Promise<void>((resolve) => {
      fake.#server.listen(fake.address.socketPath, resolve);
    });
    return fake;
  }

  private constructor(
    node: NodeId,
    handle: (frame: ClientFrame, caller: FakeCaller) => void,
    greet: (caller: FakeCaller) => void,
  ) {
    this.#greet = greet;
    this.#folder = mkdtempSync(join(tmpdir(), 'kvx-fake-'));
    this.address = { node, socketPath: join(this.#folder, `${node}.sock`), clusterId: 'test' };
    this.#server = createServer((socket) => this.#serve(socket, handle));
  }

  get endpoint(): Endpoint {
    return socketEndpoint(this.address);
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #serve(socket: Socket, handle: (frame: ClientFrame, caller: FakeCaller) => void): void {
    this.#sockets.add(socket);
    const reader = new FrameReader();
    let greeted = false;
    const caller: FakeCaller = {
      send(...frames) {
        for (const bytes of encodeFrames(serverFrame, frames)) socket.write(bytes);
      },
      sendBytes: (bytes) => socket.write(bytes),
      hangUp: () => socket.end(),
    };
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      this.chunkCount++;
      reader.push(chunk, (items) => {
        while (items.left > 0) {
          if (greeted) {
            const frame = items.next(clientFrame);
            this.received.push(frame);
            handle(frame, caller);
          } else {
            greeted = true;
            this.hellos.push(items.next(hello));
            this.#greet(caller);
          }
        }
      });
    });
  }
}

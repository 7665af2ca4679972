import { createServer, type Socket } from 'node:net';
import type { NodeId } from '../core/ids.js';
import { framesVersion, type Hello, hello, serverFrame } from '../runtime/links/client-frames.js';
import { FrameSocket } from '../runtime/links/frame-socket.js';
import { listenOn } from './listen.js';

export const frontDoorLimits = {
  connectionsMax: 1024,
  /** From connecting to a good hello. */
  helloMs: 5000,
} as const;

export interface FrontDoorSetup {
  readonly path: string;
  /** The cluster's id; whoever means another one is turned away. */
  readonly cluster: string;
  /** From whom peer connections are taken; nobody when their messages come another way. */
  readonly isPeer: (node: NodeId) => boolean;
  /** Both get the items that came right behind the hello, and must replace the connection's handlers. */
  readonly onClient: (frames: FrameSocket, items: readonly unknown[]) => void;
  readonly onPeer: (from: NodeId, frames: FrameSocket, items: readonly unknown[]) => void;
  readonly log: (event: string) => void;
}

/** A listening socket at which everybody must say hello. Random bytes cost a line in the log, and the connection. */
export class FrontDoor {
  readonly #setup: FrontDoorSetup;
  readonly #server = createServer((socket) => this.#onConnection(socket));
  readonly #open = new Set<FrameSocket>();

  constructor(setup: FrontDoorSetup) {
    this.#setup = setup;
  }

  listen(): Promise<void> {
    return listenOn(this.#server, this.#setup.path);
  }

  /** Closes every connection, and removes the socket. */
  close(): void {
    this.#server.close();
    for (const frames of this.#open) frames.destroy();
  }

  #onConnection(socket: Socket): void {
    const frames = new FrameSocket(socket, {
      onItems: (items) => this.#onHello(frames, items),
      onBroken: (reason) => this.turnAway(frames, reason),
      onClosed: () => {},
    });
    this.#open.add(frames);
    socket.once('close', () => this.#open.delete(frames));
    if (this.#open.size > frontDoorLimits.connectionsMax) {
      this.turnAway(frames, `more than ${frontDoorLimits.connectionsMax} connections`);
    } else {
      frames.onIdle(frontDoorLimits.helloMs, () => this.turnAway(frames, 'no hello came'));
    }
  }

  #onHello(frames: FrameSocket, items: readonly unknown[]): void {
    const greeting = hello.fromWire(items[0]);
    const objection = this.#objection(greeting);
    if (objection !== null) {
      this.turnAway(frames, objection);
      return;
    }
    frames.onIdle(0);
    const rest = items.slice(1);
    if (greeting.type === 'peer') this.#setup.onPeer(greeting.from, frames, rest);
    else this.#setup.onClient(frames, rest);
  }

  #objection(greeting: Hello): string | null {
    const { cluster, isPeer } = this.#setup;
    if (greeting.version !== framesVersion) {
      return `frames of version ${greeting.version}, not ${framesVersion}`;
    }
    if (greeting.cluster !== cluster) return 'this is a node of another cluster';
    if (greeting.type === 'client') return null;
    return isPeer(greeting.from) ? null : `${greeting.from} is no peer of this node`;
  }

  turnAway(frames: FrameSocket, reason: string): void {
    this.#setup.log(`connection closed: ${reason}`);
    closeWith(frames, reason);
  }
}

/** Says why, then closes. */
export function closeWith(frames: FrameSocket, reason: string): void {
  frames.write([serverFrame.toWire({ type: 'closing', reason })]);
  frames.end();
}

import { unlinkSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { definiteError } from '../../core/errors.js';
import type { NodeId } from '../../core/ids.js';
import { show } from '../../core/show.js';
import { TransientSet } from '../../core/transient.js';
import { FrameSocket } from '../../node/frame-socket.js';
import { LargeFrames } from '../../node/large-frames.js';
import { acceptStraight } from '../../node/straight-bytes.js';
import {
  framesVersion,
  type Hello,
  hello,
  serverFrame,
} from '../../runtime/links/client-frames.js';
import { type FrameItems, type ReadLimits, readLimits } from '../../runtime/links/frames.js';

export const listenerLimits = {
  connectionsMax: 1024,
  /** Of these, such as have not said hello; past it the one that has been silent for longest goes first. */
  strangersMax: 256,
  /** Connections that were told why they are closed, and have not closed yet; past it nothing is said. */
  leavingMax: 256,
  /** From connecting to a good hello, however the bytes come. */
  helloMs: 5000,
} as const;

/** A client that has said hello. */
export interface Guest {
  /** Nothing is under way for it: it loses nothing but the connection when that is closed. */
  readonly isIdle: boolean;
  dismiss(reason: string): void;
}

export interface ListenerSetup {
  readonly path: string;
  /** How much a client is trusted with: what a node takes of its clients when left out. */
  readonly limits?: ReadLimits;
  /** The cluster's id; whoever means another one is turned away. */
  readonly cluster: string;
  /** From whom peer connections are taken; nobody when their messages come another way. */
  readonly isPeer: (node: NodeId, incarnation: number) => boolean;
  /** Both get the items that came right behind the hello, and must replace the connection's handlers. */
  readonly onClient: (frames: FrameSocket, items: FrameItems) => Guest;
  readonly onPeer: (from: NodeId, frames: FrameSocket, items: FrameItems) => void;
  readonly log: (event: string) => void;
}

interface Caller {
  readonly frames: FrameSocket;
  /** `stranger`: has not said hello yet. `leaving`: was told why it is closed. */
  state: 'stranger' | 'client' | 'peer' | 'leaving';
  guest: Guest | null;
  readonly deadline: NodeJS.Timeout;
}

/**
 * A listening socket at which everybody must say hello. Random bytes cost a line in the log, and the connection.
 *
 * Who is not welcome is told so before anything else it sent was looked at, so what it asked for surely did not happen.
 * When all places are taken, those who keep one without using it make room: strangers first, then the client that has
 * been idle for longest, which can come back when it needs to.
 *
 * What a hello proves: its sender may open sockets in this user's private folder, and knows the cluster's id. Against
 * other users the folder protects; against programs of the same user nothing could, since they may as well kill the node.
 */
export class Listener {
  readonly #setup: ListenerSetup;
  readonly #server = createServer({ pauseOnConnect: true }, (accepted) =>
    this.#onConnection(accepted),
  );
  /** In the order in which they came. */
  readonly #callers = new TransientSet<Caller>();
  #leaving = 0;
  readonly #largeFrames = new LargeFrames();

  constructor(setup: ListenerSetup) {
    this.#setup = setup;
  }

  listen(): Promise<void> {
    return listenOn(this.#server, this.#setup.path);
  }

  get counts(): { readonly client: number; readonly peer: number } {
    const counts = { client: 0, peer: 0, stranger: 0, leaving: 0 };
    for (const { state } of this.#callers) counts[state]++;
    return counts;
  }

  /** Closes every connection, and removes the socket. */
  close(): void {
    this.#server.close();
    this.#largeFrames.close();
    for (const { frames } of this.#callers) frames.destroy();
  }

  #onConnection(accepted: Socket): void {
    const { connectionsMax, helloMs } = listenerLimits;
    const hasRoom = this.#callers.size - this.#leaving < connectionsMax || this.#makeRoom();
    const frames = new FrameSocket(
      (take) => acceptStraight(accepted, take),
      {
        onItems: (items) => this.#onHello(caller, items),
        onBroken: (reason) => this.#turnAway(caller, reason),
        onClosed: () => {},
      },
      readLimits.stranger,
    );
    const deadline = setTimeout(() => this.#turnAway(caller, 'no hello came in time'), helloMs);
    const caller: Caller = { frames, state: 'stranger', guest: null, deadline };
    this.#callers.add(caller);
    frames.socket.once('close', () => {
      clearTimeout(deadline);
      this.#callers.delete(caller);
      if (caller.state === 'leaving') this.#leaving--;
    });
    if (!hasRoom) this.#turnAway(caller, `more than ${connectionsMax} connections at once`);
  }

  #onHello(caller: Caller, items: FrameItems): void {
    const greeting = items.next(hello);
    const objection = this.#objection(greeting);
    if (objection !== null) {
      this.#turnAway(caller, objection);
      return;
    }
    const { frames } = caller;
    clearTimeout(caller.deadline);
    if (greeting.type === 'peer') {
      caller.state = 'peer';
      frames.trust(readLimits.peer, null);
      this.#setup.onPeer(greeting.from, frames, items);
    } else {
      caller.state = 'client';
      frames.trust(this.#setup.limits ?? readLimits.client, this.#largeFrames);
      frames.write(serverFrame, [{ type: 'welcome' }]);
      caller.guest = this.#setup.onClient(frames, items);
    }
  }

  #objection(greeting: Hello): string | null {
    const { cluster, isPeer } = this.#setup;
    if (greeting.version !== framesVersion) {
      return `frames of version ${greeting.version}, not ${framesVersion}`;
    }
    if (greeting.cluster !== cluster) return 'this is a node of another cluster';
    if (greeting.type === 'client') return null;
    return isPeer(greeting.from, greeting.incarnation)
      ? null
      : `${show(greeting.from)} is no peer of this node`;
  }

  /** True when somebody who had a place and did not use it has given it up. */
  #makeRoom(): boolean {
    const strangers = [...this.#callers].filter(({ state }) => state === 'stranger');
    const [oldest] = strangers;
    if (oldest !== undefined && strangers.length > listenerLimits.strangersMax) {
      this.#turnAway(oldest, 'others wait, and it has said nothing');
      return true;
    }
    let idlest: Caller | null = null;
    for (const caller of this.#callers) {
      if (caller.state !== 'client' || !caller.guest?.isIdle) continue;
      if (idlest === null || caller.frames.lastRead < idlest.frames.lastRead) idlest = caller;
    }
    if (idlest !== null) {
      this.#leave(idlest);
      idlest.guest?.dismiss('others wait, and it is idle');
      return true;
    }
    if (oldest === undefined) return false;
    this.#turnAway(oldest, 'others wait, and it has said nothing');
    return true;
  }

  #leave(caller: Caller): void {
    if (caller.state !== 'leaving') this.#leaving++;
    caller.state = 'leaving';
  }

  #turnAway(caller: Caller, reason: string): void {
    this.#setup.log(`connection closed: ${reason}`);
    clearTimeout(caller.deadline);
    this.#leave(caller);
    if (this.#leaving > listenerLimits.leavingMax) caller.frames.destroy();
    else closeWith(caller.frames, reason);
  }
}

export function closeWith(frames: FrameSocket, reason: string): void {
  frames.write(serverFrame, [{ type: 'closing', reason }]);
  frames.end();
}

/** How many may wait to be let in; the system may allow fewer. */
const backlog = 1024;

/**
 * Listens on a Unix socket. A socket file left by a crash is removed, but only once a connection to it was refused;
 * throws a `cluster` KvxError when somebody still answers there.
 */
export async function listenOn(server: Server, path: string): Promise<void> {
  try {
    await listenOnce(server, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    if (await isListenedAt(path)) {
      throw definiteError(
        'cluster',
        `another process already serves ${path}`,
        'Stop the cluster with `kvx cluster down` and start it again.',
      );
    }
    unlinkSync(path);
    await listenOnce(server, path);
  }
}

function listenOnce(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const onError = (error: Error): void => reject(error);
    server.once('error', onError);
    server.listen({ path, backlog }, () => {
      server.off('error', onError);
      resolve();
    });
  });
}

export function isListenedAt(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    // A full backlog says EAGAIN: somebody is there, only slow. Only a refusal proves that nobody is.
    socket.once('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT');
    });
  });
}

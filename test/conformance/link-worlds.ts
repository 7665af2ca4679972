import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Listener } from '../../src/cluster/host/listener.js';
import type { NodeId } from '../../src/core/ids.js';
import { SeededRandom } from '../../src/core/random.js';
import type { LinkRules } from '../../src/faults/link-rules.js';
import { ByteRing } from '../../src/node/byte-ring.js';
import { systemClock } from '../../src/node/clock.js';
import { Doorbell, newDoorbell } from '../../src/node/doorbell.js';
import { type ChannelEnd, newChannel, RingLink } from '../../src/node/ring-link.js';
import { SocketLink } from '../../src/node/socket-link.js';
import { anything, tupleOf } from '../../src/runtime/cbor-tuples.js';
import { framesVersion, hello } from '../../src/runtime/links/client-frames.js';
import { FilteredLink } from '../../src/runtime/links/filter.js';
import { encodeFrames } from '../../src/runtime/testing/encode-frames.js';
import { type LinkUnderTest, type LinkWorld, type Note, note } from './link.js';

const nodes: readonly NodeId[] = ['a', 'b'];
const cluster = 'test';
const peerOf = (node: NodeId): NodeId => (node === 'a' ? 'b' : 'a');

interface SocketNode {
  readonly link: SocketLink<Note>;
  readonly endpoint: Listener;
}

/** Links over real sockets, behind the listener that real nodes have. */
export class SocketWorld implements LinkWorld {
  readonly #folder = mkdtempSync(join(tmpdir(), 'kvx-link-'));
  readonly #running = new Map<NodeId, SocketNode>();
  readonly #deaf: { readonly server: Server; readonly sockets: Socket[] }[] = [];

  async start(node: NodeId): Promise<LinkUnderTest> {
    const peer = peerOf(node);
    const link = new SocketLink<Note>({
      self: node,
      incarnation: () => 1,
      cluster,
      peers: new Map([[peer, this.#path(peer)]]),
      message: note,
      clock: systemClock,
      random: new SeededRandom(1),
      log: () => {},
    });
    const endpoint = new Listener({
      path: this.#path(node),
      cluster,
      isPeer: (other) => other !== node && nodes.includes(other),
      onClient: (frames) => {
        frames.destroy();
        return { isIdle: true, dismiss() {} };
      },
      onPeer: (from, frames, items) => link.accept(from, frames, items),
      log: () => {},
    });
    await endpoint.listen();
    this.#running.set(node, { link, endpoint });
    return link;
  }

  async crash(node: NodeId): Promise<void> {
    this.#running.get(node)?.link.close();
    this.#running.get(node)?.endpoint.close();
    this.#running.delete(node);
  }

  async deafen(node: NodeId): Promise<void> {
    const sockets: Socket[] = [];
    const path = this.#path(node);
    await new Promise<void>((resolve) => {
      const server = createServer({ pauseOnConnect: true }, (socket) => {
        sockets.push(socket);
        // Its hello has come, so the peer is connected; a buffer of it is all that is ever read.
        socket.once('readable', resolve);
      });
      this.#deaf.push({ server, sockets });
      server.listen(path);
    });
  }

  garble(node: NodeId): void {
    const socket = connect(this.#path(node));
    const greeting = {
      type: 'peer',
      version: framesVersion,
      cluster,
      from: peerOf(node),
      incarnation: 1,
    } as const;
    socket.on('error', () => {});
    for (const frame of encodeFrames(anything, [tupleOf(hello, greeting), ['no', 'note']]))
      socket.write(frame);
  }

  async close(): Promise<void> {
    for (const node of nodes) await this.crash(node);
    for (const { server, sockets } of this.#deaf) {
      for (const socket of sockets) socket.destroy();
      server.close();
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #path(node: NodeId): string {
    return join(this.#folder, `${node}.sock`);
  }
}

/** Links over shared memory, wired as the daemon wires them. */
export class RingWorld implements LinkWorld {
  readonly #running = new Map<NodeId, { link: RingLink<Note>; doorbell: SharedArrayBuffer }>();
  readonly #loose: ChannelEnd[] = [];

  async start(node: NodeId): Promise<LinkUnderTest> {
    const doorbell = newDoorbell();
    const link = new RingLink(note, systemClock, doorbell, () => {});
    const other = this.#running.get(peerOf(node));
    this.#running.set(node, { link, doorbell });
    if (other === undefined) return link;
    const [ours, theirs] = newChannel(doorbell, other.doorbell);
    link.connect(peerOf(node), ours);
    other.link.connect(node, theirs);
    return link;
  }

  async crash(node: NodeId): Promise<void> {
    this.#running.get(node)?.link.close();
    this.#running.delete(node);
  }

  async deafen(node: NodeId): Promise<void> {
    this.#connectLoose(peerOf(node));
  }

  garble(node: NodeId): void {
    const end = this.#connectLoose(node);
    new ByteRing(end.outgoing).write(new Uint8Array([0, 0, 0, 1, 0xff]), 0);
    new Doorbell(end.doorbell).ring(() => end.port.postMessage(null));
  }

  async close(): Promise<void> {
    for (const node of nodes) await this.crash(node);
    for (const { port } of this.#loose) port.close();
  }

  /** The other end, in its peer's place, of a new channel of `node`. */
  #connectLoose(node: NodeId): ChannelEnd {
    const running = this.#running.get(node);
    if (running === undefined) throw new Error(`${node} is not up`);
    const [loose, end] = newChannel(newDoorbell(), running.doorbell);
    this.#loose.push(loose);
    running.link.connect(peerOf(node), end);
    return loose;
  }
}

/** Another world's links behind the fault filter, with rules that are in force but lose nothing. */
export class FilteredWorld implements LinkWorld {
  readonly #inner: LinkWorld;
  readonly #rules: LinkRules;

  constructor(inner: LinkWorld, rules: LinkRules) {
    this.#inner = inner;
    this.#rules = rules;
  }

  async start(node: NodeId): Promise<LinkUnderTest> {
    const inner = await this.#inner.start(node);
    const link = new FilteredLink<Note>(node, inner, systemClock, () => new SeededRandom(2));
    link.setRules(this.#rules);
    return Object.defineProperty(link, 'lostCount', {
      get: () => inner.lostCount,
    }) as FilteredLink<Note> & LinkUnderTest;
  }

  crash = (node: NodeId): Promise<void> => this.#inner.crash(node);
  deafen = (node: NodeId): Promise<void> => this.#inner.deafen(node);
  garble = (node: NodeId): void => this.#inner.garble(node);
  close = (): Promise<void> => this.#inner.close();
}

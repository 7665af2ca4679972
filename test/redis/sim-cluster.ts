/** A simulated cluster whose nodes serve RESP clients, in virtual time. */

import type { NodeConnection } from '../../src/client/endpoint.js';
import { Session } from '../../src/client/session.js';
import type { NodeId } from '../../src/core/ids.js';
import { keyFromBytes } from '../../src/core/key.js';
import type { ReplicaView } from '../../src/core/replica.js';
import { parseModeOptions } from '../../src/protocols/options.js';
import { modeNamed } from '../../src/protocols/registry.js';
import type { ProcessUsage, RespClient, RespNode } from '../../src/resp/command.js';
import { RespConversation } from '../../src/resp/conversation.js';
import type { NodeStatus } from '../../src/runtime/links/client-frames.js';
import { worldBeginMs } from '../../src/sim/clock.js';
import { SimCluster } from '../../src/sim/cluster.js';
import { SimEndpoint } from '../../src/sim/endpoint.js';
import { VirtualTime } from '../../src/sim/virtual-time.js';
import { World } from '../../src/sim/world.js';
import type { Asking, Said } from './cases/redis-case.js';
import { SaidReader } from './cases/reply-bytes.js';

export class RespSimulation {
  readonly world: World;
  readonly time: VirtualTime;
  readonly cluster: SimCluster;
  readonly mode;
  readonly #conversations = new Map<NodeId, Set<RespConversation>>();
  readonly #nodes = new Map<string, RespNode>();
  readonly #password: string | null;
  readonly #options: ReturnType<typeof parseModeOptions>;
  #lastId = 0;

  constructor(
    mode: string,
    seed: number,
    nodes: readonly NodeId[] = ['n1', 'n2', 'n3'],
    password: string | null = null,
  ) {
    this.#password = password;
    this.#options = parseModeOptions(mode, {}, nodes.length);
    this.world = new World({ seed, eventsMax: Number.POSITIVE_INFINITY });
    this.time = new VirtualTime(this.world, this.world.chance('clients'), setImmediate);
    this.mode = modeNamed(mode);
    this.cluster = new SimCluster({
      world: this.world,
      protocol: this.mode.protocol,
      nodes,
      options: this.#options,
      uneven: false,
      onViolation: (what) => this.time.fail(new Error(what)),
    });
    this.cluster.start();
  }

  /** A client of one node; rejects while that is down. */
  async connect(node: NodeId = 'n1'): Promise<SimRespClient> {
    const connection = await this.#endpoint(node).open();
    const respNode = this.#respNode(node, connection);
    const all = this.#conversations.get(node) ?? new Set();
    const client = new SimRespClient(++this.#lastId, respNode, (closed) => all.delete(closed));
    all.add(client.conversation);
    this.#conversations.set(node, all);
    return client;
  }

  #endpoint(node: NodeId): SimEndpoint {
    return new SimEndpoint(this.cluster.host(node), this.time.timing);
  }

  /** The same one for as long as the node's process lives. */
  #respNode(node: NodeId, connection: NodeConnection): RespNode {
    const { cluster, time, mode, world } = this;
    const host = cluster.host(node);
    const incarnation = `${node} ${host.incarnationCount}`;
    const known = this.#nodes.get(incarnation);
    if (known !== undefined) return known;
    const unserved = (): never => {
      throw new Error('no simulated node does that');
    };
    const clients = (): Iterable<RespClient> => this.#conversations.get(node) ?? [];
    const made: RespNode = {
      ...{ node, cluster: 'sim', mode, modeOptions: this.#options, password: this.#password },
      ...{ port: 0, clients },
      connect: () => connection,
      ...{
        timing: time.timing,
        startedAt: worldBeginMs,
        wallClock: () => worldBeginMs + world.now,
      },
      nodes: () => cluster.nodes,
      view: () => host.view() ?? unserved(),
      endpoints: () => cluster.nodes.map((each) => this.#endpoint(each)),
      reach: (other) => this.#endpoint(other).open(),
      ...{ isDurable: true, version: '0.0.0', clientsMax: 10_000 },
      ...{ counts: { clients: 0, commands: 0 }, usage: () => usage },
      status: () => statusOf(node, host.view() ?? unserved()),
      ...{ readWorst: unserved, perform: unserved, sessions },
    };
    this.#nodes.set(incarnation, made);
    return made;
  }
}

const sessions = { take: () => new Session(), leave: async () => {} };

const usage: ProcessUsage = {
  ...{ pid: 1, platform: 'sim', residentBytes: 2 ** 24, heapBytes: 2 ** 23 },
  ...{ userSeconds: 1.5, systemSeconds: 0.5 },
};

function statusOf(node: NodeId, view: ReplicaView): NodeStatus {
  const { role, keyCount, unsettledCount, suspects, facts } = view;
  return {
    ...{ node, pid: 1, role, keyCount, unsettledCount, suspects, facts },
    ...{ journalAppended: 3, journalDurable: 2, journalBytes: 100 },
    ...{ sentCount: 0, syncCount: 0, uptimeMs: 0 },
  };
}

/** Reads replies in the order of what it asked. */
export class SimRespClient implements Asking {
  readonly conversation: RespConversation;
  readonly #node: RespNode;
  readonly #reader = new SaidReader();
  readonly #waiting: ((said: Said) => void)[] = [];

  isClosed = false;

  constructor(id: number, node: RespNode, onClosed: (of: RespConversation) => void) {
    this.#node = node;
    this.conversation = new RespConversation(id, node, {
      ...{ address: `127.0.0.1:${id}`, localAddress: '127.0.0.1:0' },
      bytesWaiting: 0,
      onReplies: () => this.#read(),
      onUnread: () => {},
      close: () => {
        this.#read();
        this.isClosed = true;
        this.conversation.close();
        onClosed(this.conversation);
      },
    });
  }

  ask(words: readonly string[]): Promise<Said> {
    return this.#node.timing.wait((resolve) => {
      this.#waiting.push(resolve);
      this.conversation.take(
        words.map((word) => Uint8Array.from(word, (each) => each.charCodeAt(0))),
      );
    });
  }

  #read(): void {
    this.conversation.flush((bytes) =>
      this.#reader.push(keyFromBytes(bytes), (said) => this.#waiting.shift()?.(said)),
    );
  }
}

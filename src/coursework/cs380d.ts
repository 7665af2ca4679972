/**
 * The vocabulary of a course project on an eventually consistent store, on a gossip cluster. Each server is a node, each
 * client remembers the stamps of what it put and got, and both have their ids from one namespace (docs/coursework.md).
 */

import { readStore } from '../client/ask.js';
import { Client, type Performed } from '../client/client.js';
import { Session } from '../client/session.js';
import { KvxError, usageError } from '../core/errors.js';
import type { Millis, NodeId } from '../core/ids.js';
import { invariant } from '../core/invariant.js';
import { type Key, keyFromText, keyToBytes } from '../core/key.js';
import type { DataOperation } from '../core/operation.js';
import { SeededRandom } from '../core/random.js';
import { show } from '../core/show.js';
import { type ActiveFault, asFaultsChange, type LinksChange } from '../faults/active.js';
import { breakLink, connectLink } from '../faults/partition.js';
import { componentsOf } from '../faults/topology.js';
import { catalog } from '../protocols/catalog.js';
import { authorOf } from '../scenario/program.js';
import type { Target } from '../targets/target.js';
import { type DialectContext, type Vocabulary, verbsOf } from './dialect.js';
import { checkAttached } from './dialect-spec.js';

interface Server {
  readonly id: string;
  readonly node: NodeId;
  isUp: boolean;
}

interface CourseClient {
  /** Ids of the servers it is connected to; one that was killed is found again when it comes back. */
  readonly servers: Set<string>;
  /** Remembers the stamps of what it put and got. */
  readonly session: Session;
  /** That it put or got, for completion. */
  readonly keys: Set<Key>;
}

/** Which of its servers a client asks is drawn, but drawn alike in every run. */
export const choiceSeed = 380;

const requestMsMax: Millis = 5_000;
const stabilizeMsMax: Millis = 5_000;

export class Cs380d implements Vocabulary {
  readonly name = 'cs380d';
  readonly verbs = verbsOf('cs380d', {
    joinServer: { run: ([id = '']) => this.#joinServer(id) },
    killServer: { run: ([id = '']) => this.#killServer(id) },
    joinClient: { run: ([id = '', server = '']) => this.#joinClient(id, server) },
    breakConnection: { run: ([a = '', b = '']) => this.#setConnection(a, b, false) },
    createConnection: { run: ([a = '', b = '']) => this.#setConnection(a, b, true) },
    stabilize: { run: () => this.#stabilize() },
    printStore: { run: ([id = '']) => this.#printStore(id) },
    put: {
      run: ([id = '', key = '', value = '']) => this.#put(id, key, value),
      claims: ([id = '', key = '']) => this.#claimsOfPut(id, key),
    },
    get: { run: ([id = '', key = '']) => this.#get(id, key) },
  });
  readonly #context: DialectContext;
  readonly #target: Target;
  readonly #asker: Client;
  readonly #servers = new Map<string, Server>();
  readonly #clients = new Map<string, CourseClient>();
  readonly #choices = new SeededRandom(choiceSeed);

  constructor(context: DialectContext) {
    const { target } = context;
    this.#context = context;
    this.#target = target;
    this.#asker = new Client(() => target.endpoints(), {
      timing: target.timing,
      timeoutMs: requestMsMax,
      sessionSupport: catalog.gossip.sessions,
    });
  }

  async finish(): Promise<void> {}

  close(): void {
    this.#asker.close();
  }

  suggest(argument: string): string[] {
    const servers = [...this.#servers.keys()];
    const clients = [...this.#clients.keys()];
    switch (argument) {
      case 'A':
      case 'B':
        return [...servers, ...clients];
      case 'ID':
      case 'SERVER':
        return servers;
      case 'CLIENT':
        return clients;
      case 'KEY':
        return [...this.#clients.values()].flatMap(({ keys }) => [...keys]);
      default:
        return [];
    }
  }

  /** One that was killed comes back with its data; either way it is connected to all other servers. */
  async #joinServer(word: string): Promise<void> {
    const id = idFrom(word);
    const known = this.#servers.get(id);
    if (known?.isUp) throw usageError(`server ${id} has joined already`);
    if (this.#clients.has(id)) throw usageError(`${id} is a client`);
    if (known === undefined) {
      const node = nodeOf(id);
      if (this.#servers.size === 0) await this.#bringUp(node);
      else await this.#target.addNode(node);
      this.#servers.set(id, { id, node, isUp: true });
      return;
    }
    await this.#connectToAll(known.node);
    await this.#target.control.start(known.node);
    known.isUp = true;
  }

  async #killServer(word: string): Promise<void> {
    const server = this.#liveServer(word);
    await this.#target.control.kill(server.node);
    server.isUp = false;
  }

  async #joinClient(word: string, serverWord: string): Promise<void> {
    const id = idFrom(word);
    if (this.#clients.has(id)) throw usageError(`client ${id} has joined already`);
    if (this.#servers.has(id)) throw usageError(`${id} is a server`);
    const server = this.#liveServer(serverWord);
    this.#clients.set(id, {
      servers: new Set([server.id]),
      session: new Session(),
      keys: new Set(),
    });
  }

  async #setConnection(a: string, b: string, connected: boolean): Promise<void> {
    const ids = [idFrom(a), idFrom(b)] as const;
    const servers = ids.map((id) => this.#servers.get(id));
    const clients = ids.map((id) => this.#clients.get(id));
    for (const [at, id] of ids.entries()) {
      if (servers[at] === undefined && clients[at] === undefined) throw unknownId(id);
    }
    if (ids[0] === ids[1]) throw usageError(`a connection has two ends, not ${ids[0]} twice`);
    const server = servers[0] ?? servers[1];
    if (server === undefined) throw usageError(`${ids[0]} and ${ids[1]} are both clients`);
    const client = clients[0] ?? clients[1];
    if (client === undefined) await this.#setLink(servers as Server[], connected);
    else if (connected) client.servers.add(server.id);
    else client.servers.delete(server.id);
  }

  /** Asks one server of each part that links make, all parts at once, until the answers cover the parts. */
  async #stabilize(): Promise<void> {
    const live = [...this.#servers.values()].filter(({ isUp }) => isUp).map(({ node }) => node);
    const parts = componentsOf(live, this.#target.rules().cuts);
    await Promise.all(parts.map((part) => this.#stabilizePart(part)));
  }

  async #printStore(word: string): Promise<void> {
    const { node } = this.#liveServer(word);
    const endpoints = this.#target.endpoints().filter((endpoint) => endpoint.node === node);
    const { entries } = await readStore(endpoints, requestMsMax);
    const lines = entries.map(({ key, value }) => (value === null ? '' : pair(key, textOf(value))));
    this.#context.out(lines.join(''));
  }

  async #put(word: string, keyText: string, valueText: string): Promise<void> {
    const client = this.#client(word);
    const key = keyFromText(keyText);
    await this.#ask(word, client, { type: 'put', key, value: new TextEncoder().encode(valueText) });
    client.keys.add(key);
  }

  /**
   * It prints nothing, so puts of different clients, servers and keys may be under way together: that the servers have
   * not heard of each other's yet is how it may be, too, when one comes after the other.
   */
  #claimsOfPut(word: string, keyText: string): readonly string[] | null {
    const client = /^\d+$/.test(word) ? this.#clients.get(String(Number(word))) : undefined;
    if (client === undefined) return null;
    const servers = [...client.servers].map((server) => `server ${server}`);
    return [`client ${Number(word)}`, `key ${keyText}`, ...servers];
  }

  async #get(word: string, keyText: string): Promise<void> {
    const client = this.#client(word);
    const key = keyFromText(keyText);
    try {
      const { value } = await this.#ask(word, client, { type: 'get', key });
      if (value !== null) client.keys.add(key);
      this.#context.out(pair(key, value === null ? 'ERR_KEY' : textOf(value)));
    } catch (error) {
      if (!(error instanceof KvxError && error.code === 'behind')) throw error;
      this.#context.out(pair(key, 'ERR_DEP'));
    }
  }

  async #bringUp(node: NodeId): Promise<void> {
    if (this.#target.spec !== null) checkAttached('cs380d', this.#target.spec);
    await this.#target.up({ ...this.#context.spec, nodes: [node] });
  }

  async #setLink([a, b]: readonly Server[], connected: boolean): Promise<void> {
    invariant(a !== undefined && b !== undefined, 'a link has two ends');
    const ends = [a.node, b.node] as const;
    const words = `fault ${connected ? 'connect' : 'break'} ${ends.join(' ')}`;
    await this.#changeFaults(words, (faults) => {
      return connected ? this.#connected(faults, ends) : breakLink(faults, ends, this.#nodes());
    });
  }

  #connected(faults: readonly ActiveFault[], ends: readonly [NodeId, NodeId]): LinksChange {
    return connectLink(faults, ends, {
      nodes: this.#nodes(),
      unlinked: this.#target.spec?.unlinked ?? [],
    });
  }

  async #connectToAll(node: NodeId): Promise<void> {
    if (this.#target.rules().cuts.length === 0) return;
    for (const other of this.#nodes()) {
      if (other === node) continue;
      await this.#changeFaults(`fault connect ${node} ${other}`, (faults) =>
        this.#connected(faults, [node, other]),
      );
    }
  }

  #changeFaults(words: string, change: Parameters<typeof asFaultsChange>[1]): Promise<void> {
    const by = authorOf(this.#context.source);
    return this.#target.changeFaults(asFaultsChange({ words, by }, change));
  }

  async #stabilizePart(part: readonly NodeId[]): Promise<void> {
    const { timing } = this.#target;
    const deadline = timing.now() + stabilizeMsMax;
    for (let attempt = 0; ; attempt++) {
      // Another one each time: who joined while a link was broken is known to some and not yet to others.
      const node = part[attempt % part.length] as NodeId;
      const timeoutMs = Math.max(1, deadline - timing.now());
      const { result } = await this.#asker.execute({ type: 'stabilize' }, { node, timeoutMs });
      if (result.type === 'error') throw new KvxError(result.message, result);
      invariant(result.type === 'stabilized', 'stabilize has one result');
      // A server that has only just come back may not be heard yet.
      if (part.every((node) => result.nodes.includes(node))) return;
      if (timing.now() >= deadline)
        throw usageError('stabilize did not reach every server in time');
    }
  }

  /** Through a random one of the client's servers. */
  async #ask<O extends DataOperation>(
    id: string,
    { servers, session }: CourseClient,
    operation: O,
  ): Promise<Performed<O['type']>> {
    const up = [...servers].filter((server) => this.#servers.get(server)?.isUp);
    const chosen = up[Math.floor(this.#choices.next() * up.length)];
    if (chosen === undefined) throw usageError(`client ${id} has no server left`);
    return this.#asker.perform(operation, { node: nodeOf(chosen), session });
  }

  #nodes(): NodeId[] {
    return [...this.#servers.values()].map(({ node }) => node);
  }

  #client(word: string): CourseClient {
    const id = idFrom(word);
    const client = this.#clients.get(id);
    if (client !== undefined) return client;
    throw this.#servers.has(id) ? usageError(`${id} is a server`) : unknownId(id);
  }

  #liveServer(word: string): Server {
    const id = idFrom(word);
    const server = this.#servers.get(id);
    if (server?.isUp) return server;
    if (server !== undefined) throw usageError(`server ${id} is not running`);
    throw this.#clients.has(id) ? usageError(`${id} is a client`) : unknownId(id);
  }
}

/** The id without zeros in front. */
function idFrom(word: string): string {
  if (/^\d{1,8}$/.test(word)) return String(Number(word));
  throw usageError(`an id is a number such as 0 or 12, not ${show(word)}`);
}

/**
 * Ties between stamps go to the greater server id, and kvx compares the names of nodes as text: a first letter that says
 * how many digits follow (s0 to s9, t10 to t99, u100, …) puts them in the order of their numbers.
 */
export function nodeOf(id: string): NodeId {
  return `${'stuvwxyz'[id.length - 1]}${id}`;
}

const unknownId = (id: string): KvxError => usageError(`there is no server or client ${id}`);

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const textOf = (bytes: Uint8Array): string => decoder.decode(bytes);
const pair = (key: Key, what: string): string => `${textOf(keyToBytes(key))}:${what}\n`;

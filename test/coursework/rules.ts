/**
 * The rules of the cs380d dialect once more, as few lines as they take and no code shared with kvx: what a script may
 * print. Where gossip runs, how far it gets, which of its servers a client asks, and how exactly clocks tick are drawn at
 * random. A script whose output depends on any of that says nothing about the rules.
 */

/** From 0 to below 1. */
export type Draw = () => number;

export interface Printed {
  readonly out: string;
  /** Lines, counted from 1, that were answered with an error. */
  readonly failedLines: readonly number[];
}

/** What the rules leave open. */
export interface Freedom {
  /** How likely it is, between two commands, that a value travels over one link. */
  readonly gossip: number;
  /** Whether a server's clock also ticks when it hears of a value (as in Lamport's paper), or only when it writes. */
  readonly tickOnReceive: boolean;
  /** Whether a client carries the greatest stamp it has seen to the server that it writes to: of no key, this one, any. */
  readonly clientCarries: 'nothing' | 'key' | 'all';
}

interface Written {
  readonly stamp: number;
  readonly server: number;
  readonly value: string;
}

interface Server {
  up: boolean;
  clock: number;
  readonly store: Map<string, Written>;
}

interface Client {
  readonly servers: Set<number>;
  readonly seen: Map<string, Written>;
}

class Refused extends Error {}

const isOlder = (a: Written, b: Written): boolean =>
  a.stamp < b.stamp || (a.stamp === b.stamp && a.server < b.server);

const argumentCounts: Readonly<Record<string, number>> = {
  joinServer: 1,
  killServer: 1,
  joinClient: 2,
  breakConnection: 2,
  createConnection: 2,
  stabilize: 0,
  printStore: 1,
  put: 3,
  get: 2,
};

export function printedBy(script: string, freedom: Freedom, draw: Draw): Printed {
  const model = new Model(freedom, draw);
  const failedLines: number[] = [];
  for (const [at, line] of script.split('\n').entries()) {
    const words = line
      .replace(/(^|\s)#.*/, '')
      .trim()
      .split(/\s+/);
    if (words[0] === '') continue;
    model.gossip();
    try {
      model.run(words[0] as string, words.slice(1));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      failedLines.push(at + 1);
    }
  }
  return { out: model.out, failedLines };
}

class Model {
  out = '';
  readonly #freedom: Freedom;
  readonly #draw: Draw;
  readonly #servers = new Map<number, Server>();
  readonly #clients = new Map<number, Client>();
  readonly #cut = new Set<string>();

  constructor(freedom: Freedom, draw: Draw) {
    this.#freedom = freedom;
    this.#draw = draw;
  }

  run(command: string, args: readonly string[]): void {
    if (!Object.hasOwn(argumentCounts, command) || args.length !== argumentCounts[command]) {
      throw new Refused();
    }
    switch (command) {
      case 'joinServer':
        return this.#joinServer(idOf(args[0]));
      case 'killServer':
        this.#live(idOf(args[0])).up = false;
        return;
      case 'joinClient':
        return this.#joinClient(idOf(args[0]), idOf(args[1]));
      case 'breakConnection':
        return this.#connect(idOf(args[0]), idOf(args[1]), false);
      case 'createConnection':
        return this.#connect(idOf(args[0]), idOf(args[1]), true);
      case 'stabilize':
        return this.#stabilize();
      case 'printStore':
        return this.#printStore(this.#live(idOf(args[0])));
      case 'put':
        return this.#put(this.#client(idOf(args[0])), args[1] as string, args[2] as string);
      case 'get':
        return this.#get(this.#client(idOf(args[0])), args[1] as string);
    }
  }

  gossip(): void {
    if (this.#freedom.gossip === 0) return;
    for (const [from, to] of this.#links()) {
      for (const [key, written] of from.store) {
        if (this.#draw() < this.#freedom.gossip) this.#hear(to, key, written);
      }
    }
  }

  #joinServer(id: number): void {
    const server = this.#servers.get(id);
    if (this.#clients.has(id) || server?.up) throw new Refused();
    if (server === undefined) this.#servers.set(id, { up: true, clock: 0, store: new Map() });
    else server.up = true;
    for (const other of this.#servers.keys()) this.#cut.delete(nameOf(id, other));
  }

  #joinClient(id: number, server: number): void {
    this.#live(server);
    if (this.#clients.has(id) || this.#servers.has(id)) throw new Refused();
    this.#clients.set(id, { servers: new Set([server]), seen: new Map() });
  }

  #connect(a: number, b: number, on: boolean): void {
    const [client, server] = this.#clients.has(a) ? [a, b] : [b, a];
    if (a === b || !this.#servers.has(server)) throw new Refused();
    const servers = this.#clients.get(client)?.servers;
    if (servers === undefined) {
      if (!this.#servers.has(client)) throw new Refused();
      if (on) this.#cut.delete(nameOf(a, b));
      else this.#cut.add(nameOf(a, b));
    } else if (on) servers.add(server);
    else servers.delete(server);
  }

  #stabilize(): void {
    for (let changed = true; changed; ) {
      changed = false;
      for (const [from, to] of this.#links()) {
        for (const [key, written] of from.store) {
          if (this.#hear(to, key, written)) changed = true;
        }
      }
    }
  }

  #printStore({ store }: Server): void {
    const bytesOf = ([key]: [string, Written]) => Buffer.from(key);
    const sorted = [...store].sort((a, b) => Buffer.compare(bytesOf(a), bytesOf(b)));
    this.out += sorted.map(([key, { value }]) => `${key}:${value}\n`).join('');
  }

  #put(client: Client, key: string, value: string): void {
    const [id, server] = this.#serverOf(client);
    const { clientCarries } = this.#freedom;
    const stamps = [...client.seen].flatMap(([seenKey, { stamp }]) =>
      clientCarries === 'all' || (clientCarries === 'key' && seenKey === key) ? [stamp] : [],
    );
    server.clock = Math.max(server.clock, ...stamps) + 1;
    const written = { stamp: server.clock, server: id, value };
    server.store.set(key, written);
    client.seen.set(key, written);
  }

  #get(client: Client, key: string): void {
    const [, { store }] = this.#serverOf(client);
    const found = store.get(key);
    const seen = client.seen.get(key);
    if (seen !== undefined && (found === undefined || isOlder(found, seen))) {
      this.out += `${key}:ERR_DEP\n`;
    } else if (found === undefined) this.out += `${key}:ERR_KEY\n`;
    else {
      client.seen.set(key, found);
      this.out += `${key}:${found.value}\n`;
    }
  }

  /** True when it was news. */
  #hear(server: Server, key: string, written: Written): boolean {
    const known = server.store.get(key);
    if (known !== undefined && !isOlder(known, written)) return false;
    server.store.set(key, written);
    server.clock = Math.max(server.clock, written.stamp) + (this.#freedom.tickOnReceive ? 1 : 0);
    return true;
  }

  *#links(): Generator<readonly [Server, Server]> {
    for (const [a, from] of this.#servers) {
      for (const [b, to] of this.#servers) {
        if (a !== b && from.up && to.up && !this.#cut.has(nameOf(a, b))) yield [from, to];
      }
    }
  }

  #serverOf({ servers }: Client): readonly [number, Server] {
    const live = [...servers].flatMap((id) => {
      const server = this.#servers.get(id);
      return server?.up ? [[id, server] as const] : [];
    });
    const chosen = live[Math.floor(this.#draw() * live.length)];
    if (chosen === undefined) throw new Refused();
    return chosen;
  }

  #live(id: number): Server {
    const server = this.#servers.get(id);
    if (!server?.up) throw new Refused();
    return server;
  }

  #client(id: number): Client {
    const client = this.#clients.get(id);
    if (client === undefined) throw new Refused();
    return client;
  }
}

function idOf(word: string | undefined): number {
  if (word === undefined || !/^\d+$/.test(word)) throw new Refused();
  return Number(word);
}

const nameOf = (a: number, b: number): string => (a < b ? `${a}-${b}` : `${b}-${a}`);

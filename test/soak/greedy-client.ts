/**
 * One process of clients for `greedy.soak.ts`. They speak raw frames, so that they may do what the client library would
 * not: send without end, and never read. Its plan comes as JSON; what it saw leaves as one line of JSON.
 */
import { connect, type Socket } from 'node:net';
import { encodeAs } from '../../src/runtime/cbor.js';
import { anything } from '../../src/runtime/cbor-tuples.js';
import { type FrameItems, FrameReader } from '../../src/runtime/links/frames.js';

export type Role = 'probe' | 'bulk' | 'fill' | 'pipeline' | 'hoard';

export interface Plan {
  readonly role: Role;
  readonly paths: readonly string[];
  readonly hello: unknown;
  readonly seconds: number;
  readonly clients: number;
  /** Of large values. */
  readonly bytes: number;
  readonly keys: number;
  /** How many are under way at once. */
  readonly gets: number;
  readonly perFrame: number;
  readonly reads: boolean;
  readonly pauseMs: number;
}

export interface Seen {
  readonly operations: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** By outcome. */
  readonly counts: Readonly<Record<string, number>>;
}

const timeoutMs = 20_000;
const plan = JSON.parse(process.argv[2] ?? '{}') as Plan;
const until = performance.now() + plan.seconds * 1000;
const counts: Record<string, number> = {};
const latencies: number[] = [];

const pathOf = (at: number): string => plan.paths[at % plan.paths.length] as string;
const smallKey = (client: number): string => `small ${client}`;
const largeKey = (n: number): string => `large ${n % plan.keys}`;
const count = (what: string): void => {
  counts[what] = (counts[what] ?? 0) + 1;
};

function outcomeOf([type, code, definite, message]: readonly unknown[]): string {
  return type === 'error' ? `${code}${definite ? '' : ' (in doubt)'}: ${message}` : String(type);
}

const request = (id: number, operation: readonly unknown[]): unknown[] => {
  return ['request', id, operation, null, null, null, timeoutMs];
};

function frame(items: readonly unknown[]): Buffer {
  const body = encodeAs(anything, items);
  const bytes = Buffer.allocUnsafe(4 + body.length);
  bytes.writeUInt32BE(body.length);
  bytes.set(body, 4);
  return bytes;
}

function say(): void {
  latencies.sort((a, b) => a - b);
  const at = (share: number): number => {
    return Math.round((latencies[Math.floor((latencies.length - 1) * share)] ?? 0) * 10) / 10;
  };
  const operations = latencies.length;
  const seen: Seen = { operations, p50: at(0.5), p99: at(0.99), max: at(1), counts };
  process.stdout.write(`${JSON.stringify(seen)}\n`, () => process.exit(0));
}

/** A connection that has said hello. `onAnswer` of `null`: it never reads. */
class Client {
  readonly socket: Socket;
  #reason = 'closed';

  constructor(path: string, onAnswer: ((result: readonly unknown[]) => void) | null) {
    this.socket = connect(path);
    this.socket.on('error', (error) => {
      this.#reason = error.message;
    });
    this.socket.on('close', () => {
      if (performance.now() < until) count(`ended: ${this.#reason}`);
    });
    this.socket.write(frame([plan.hello]));
    if (onAnswer === null) return;
    const reader = new FrameReader();
    const take = (items: FrameItems): void => {
      for (const item of items.rest(anything) as unknown[][]) {
        if (item[0] === 'closing') this.#reason = String(item[1]);
        else if (item[0] === 'result') onAnswer(item[2] as unknown[]);
      }
    };
    this.socket.on('data', (chunk) => reader.push(chunk, take));
  }

  ask(...requests: readonly unknown[]): void {
    this.socket.write(frame(requests));
  }
}

/** One request after the other on each of some connections, until time is up. */
function loops(operationOf: (client: number, id: number) => readonly unknown[]): void {
  let left = plan.clients;
  for (let client = 0; client < plan.clients; client++) {
    let sentAt = 0;
    let id = 0;
    const send = (): void => {
      if (performance.now() >= until) {
        connection.socket.destroy();
        left -= 1;
        if (left === 0) say();
        return;
      }
      sentAt = performance.now();
      id += 1;
      connection.ask(request(id, operationOf(client, id)));
    };
    const connection = new Client(pathOf(client), (result) => {
      latencies.push(performance.now() - sentAt);
      count(outcomeOf(result));
      if (plan.pauseMs > 0) setTimeout(send, plan.pauseMs);
      else send();
    });
    send();
  }
  setTimeout(say, plan.seconds * 1000 + timeoutMs).unref();
}

const small = Buffer.alloc(100, 7);
const large = Buffer.alloc(plan.bytes ?? 0, 7);

const roles: Readonly<Record<Role, () => void>> = {
  /** Small operations, mostly at rest. */
  probe: () =>
    loops((client, id) =>
      id % 2 === 0 ? ['get', smallKey(client)] : ['put', smallKey(client), small],
    ),
  /** Large values, as fast as it goes. */
  bulk: () =>
    loops((client, id) => {
      const key = largeKey(client + id);
      return plan.reads ? ['get', key] : ['put', key, large];
    }),
  /** Puts every large key once. */
  fill() {
    let id = 0;
    const next = (): void => {
      if (id === plan.keys) say();
      else client.ask(request(id, ['put', largeKey(id++), large]));
    };
    const client = new Client(pathOf(0), (result) => {
      count(outcomeOf(result));
      next();
    });
    next();
  },
  /** One connection with very many gets under way at once. */
  pipeline() {
    let answered = 0;
    const client = new Client(pathOf(0), (result) => {
      latencies.push(0);
      count(outcomeOf(result));
      answered += 1;
      if (answered % plan.gets !== 0) return;
      if (performance.now() < until) send();
      else say();
    });
    const send = (): void => {
      for (let sent = 0; sent < plan.gets; sent += plan.perFrame) {
        const ids = Array.from({ length: plan.perFrame }, (_, at) => sent + at);
        client.ask(...ids.map((id) => request(id, ['get', smallKey(0)])));
      }
    };
    send();
  },
  /** Many gets of large values on each of some connections, and nobody reads the answers. */
  hoard() {
    for (let at = 0; at < plan.clients; at++) {
      const client = new Client(pathOf(at), null);
      const ids = Array.from({ length: plan.gets }, (_, id) => id);
      client.ask(...ids.map((id) => request(id, ['get', largeKey(at + id)])));
    }
    setTimeout(say, plan.seconds * 1000);
  },
};

roles[plan.role]();

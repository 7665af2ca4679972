import { mkdtempSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { NodeId } from '../../core/ids.js';
import { keyFromText } from '../../core/key.js';
import { connectionLimits, requestLimits, turnLimits } from '../../core/limits.js';
import type { ClientRequest, ClientResult, Operation } from '../../core/operation.js';
import { positionsEnd, type ReplicaView, type StoredEntry } from '../../core/replica.js';
import { RequestQueue, type RequestSource } from '../../runtime/request-queue.js';
import { DeskClient } from '../testing/desk-client.js';
import { ClientDesk, type Served } from './client-desk.js';
import { sessionLimits } from './client-session.js';
import { Listener, listenerLimits } from './listener.js';

const megabyte = new Uint8Array(1024 * 1024);

/** A node that only takes requests, in turns; the test answers. */
class FakeNode implements Served {
  readonly requests: ClientRequest[] = [];
  readonly queue = new RequestQueue(() => this.bytesHeld);
  /** Of the value under every key. */
  bytesHeld = 0;
  /** While it is busy, what comes waits for a turn. */
  isBusy = false;
  entries: StoredEntry[] = [];
  leader: NodeId | null = null;

  #lastId = 0;

  request(
    operation: Operation,
    options: Omit<ClientRequest, 'id' | 'operation'>,
    source: RequestSource,
    name: number,
  ): void {
    const request = { ...options, operation, id: ++this.#lastId };
    if (!this.queue.offer({ request, source, name }, 0)) {
      source.onAnswer(name, { type: 'error', code: 'overloaded', definite: true, message: '' });
    }
    if (!this.isBusy) this.turn();
  }

  turn(): void {
    const begin = (request: ClientRequest) => this.requests.push(request);
    const { inputsMax, bytesMax } = turnLimits;
    this.queue.take({ now: 0, inputsMax, bytesMax, links: 'free' }, { begin, tooLate: () => {} });
  }

  inspect(): ReplicaView {
    return {
      role: 'replica',
      leader: this.leader,
      keyCount: 0,
      unsettledCount: 0,
      unsettled: () => [],
      suspects: [],
      facts: [],
      lookup: () => undefined,
      entries: () => this.entries,
      walk: () => positionsEnd,
      ownersOf: () => ['n1'],
    };
  }

  metrics(): never {
    throw new Error('not asked for');
  }

  status(): never {
    throw new Error('not asked for here');
  }

  readWorst(): void {}

  resume(): void {
    if (!this.isBusy) this.turn();
  }

  setFaults(): void {}
  stop(): void {}
}

const valueResult = (value: Uint8Array): ClientResult => ({ type: 'value', value, version: null });

async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`never happened: ${condition}`);
    await new Promise(setImmediate);
  }
}

describe('the client desk', () => {
  let folder: string;
  let node: FakeNode;
  let desk: ClientDesk;
  let endpoint: Listener;
  let log: string[];
  let clients: DeskClient[];
  /** Their other ends. */
  let sockets: Socket[];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'kvx-'));
    log = [];
    clients = [];
    sockets = [];
    node = new FakeNode();
    desk = new ClientDesk(node, (event) => log.push(event));
    endpoint = new Listener({
      path: join(folder, 's'),
      cluster: 'c',
      isPeer: () => false,
      onClient: (frames, items) => {
        sockets.push(frames.socket);
        return desk.welcome(frames, items);
      },
      onPeer: () => {},
      log: (event) => log.push(event),
    });
    await endpoint.listen();
  });
  afterEach(() => {
    endpoint.close();
    desk.close();
    for (const client of clients) client.destroy();
    rmSync(folder, { recursive: true });
  });

  const newClient = (): DeskClient => {
    const client = new DeskClient(join(folder, 's'));
    clients.push(client);
    return client;
  };

  it('tells who leads to whoever connects, and to all when that changes', async () => {
    node.leader = 'n2';
    const early = newClient();
    await until(() => early.frames.length === 1);
    for (const leader of [null, 'n2', 'n3']) {
      node.leader = leader;
      desk.tellLeader();
    }
    const late = newClient();
    await until(() => early.frames.length === 3 && late.frames.length === 1);
    const leader = (of: string) => ({ type: 'leader', node: of });
    expect(early.frames).toEqual([leader('n2'), leader('n2'), leader('n3')]);
    expect(late.frames).toEqual([leader('n3')]);
  });

  it('brings each answer to who asked, under the name it was asked by', async () => {
    const [a, b] = [newClient(), newClient()];
    a.get(7);
    b.get(7);
    await until(() => node.requests.length === 2);
    expect(new Set(node.requests.map(({ id }) => id)).size).toBe(2);
    const [first, second] = node.requests as [ClientRequest, ClientRequest];
    node.queue.answered(second.id, valueResult(new Uint8Array([2])));
    node.queue.answered(first.id, valueResult(new Uint8Array([1])));
    await until(() => a.frames.length === 1 && b.frames.length === 1);
    const values = [a, b].map(({ frames }) => frames[0]);
    for (const frame of values) expect(frame).toMatchObject({ type: 'result', id: 7 });
    expect(values).not.toEqual([values[0], values[0]]);
  });

  it('sends the answers of one turn in one frame', async () => {
    const client = newClient();
    client.get(...Array.from({ length: 100 }, (_, at) => at));
    await until(() => node.requests.length === 100);
    for (const { id } of node.requests) node.queue.answered(id, valueResult(new Uint8Array(9)));
    await until(() => client.frames.length === 100);
    expect(client.reads).toBe(1);
    expect(client.frames.map((frame) => 'id' in frame && frame.id)).toEqual(
      Array.from({ length: 100 }, (_, at) => at),
    );
  });

  it('refuses as overloaded, definitely, what all clients together send beyond what may wait', async () => {
    node.isBusy = true;
    const crowd = Array.from({ length: 24 }, () => newClient());
    const requests = Array.from({ length: 1000 }, (_, id) => id);
    for (const client of crowd) client.get(...requests);
    const refused = () => crowd.flatMap(({ frames }) => frames);
    await until(() => refused().length >= crowd.length * 1000 - requestLimits.waitingMax);
    for (const frame of refused()) {
      expect(frame).toMatchObject({ result: { code: 'overloaded', definite: true } });
    }
    // Those that wait are taken when there is room again.
    node.isBusy = false;
    let answered = 0;
    await until(() => {
      node.turn();
      const next = node.requests.slice(answered);
      answered += next.length;
      for (const { id } of next) node.queue.answered(id, valueResult(new Uint8Array()));
      return crowd.every(({ frames }) => frames.length === 1000);
    });
  });

  it('drops the answers of a client that went away', async () => {
    const client = newClient();
    client.get(1);
    await until(() => node.requests.length === 1);
    client.destroy();
    const other = newClient();
    other.get(2);
    await until(() => node.requests.length === 2);
    for (const { id } of node.requests) node.queue.answered(id, valueResult(megabyte));
    await until(() => other.frames.length === 1);
  });

  /** Answers what the node has taken so far, and goes on until the client has had `count` answers in all. */
  const answerUntil = async (client: DeskClient, count: number, value: Uint8Array, before = 0) => {
    let answered = before;
    await until(() => {
      const next = node.requests.slice(answered);
      answered += next.length;
      for (const { id } of next) node.queue.answered(id, valueResult(value));
      if (!node.isBusy) node.turn();
      return client.frames.length === count;
    });
  };

  it('holds back the requests of a client that does not read, and goes on when it does', async () => {
    const client = newClient();
    client.get(200);
    await until(() => node.requests.length === 1);
    client.stopReading();
    node.bytesHeld = megabyte.length;
    client.get(...Array.from({ length: 200 }, (_, at) => at));
    let answered = 0;
    for (let turn = 0; turn < 500; turn++) {
      const next = node.requests.slice(answered);
      answered += next.length;
      for (const { id } of next) node.queue.answered(id, valueResult(megabyte));
      node.turn();
      await new Promise(setImmediate);
    }
    expect(node.requests.length).toBeLessThan(8);
    expect(log).toEqual([]);
    client.readOn();
    await answerUntil(client, 201, megabyte, answered);
  });

  it('lets a client go that has read nothing for long, and watches only who has something to read', async () => {
    const client = newClient();
    const leaveUnread = async (nth: number) => {
      client.get(nth);
      await until(() => node.requests.length === nth);
      expect(sockets[0]?.timeout ?? 0).toBe(0);
      client.stopReading();
      node.queue.answered(node.requests[nth - 1]?.id ?? 0, valueResult(megabyte));
      await until(() => sockets[0]?.timeout === sessionLimits.stalledMs);
    };
    await leaveUnread(1);
    client.readOn();
    await until(() => sockets[0]?.timeout === 0);
    await leaveUnread(2);
    sockets[0]?.emit('timeout');
    client.readOn();
    await until(() => client.isClosed);
    expect(log).toEqual(['client closed: it stopped reading its answers']);
  });

  it('lets the client go that has read nothing for longest, when all together leave too much', async () => {
    const silent = Array.from({ length: 3 }, () => newClient());
    const each = connectionLimits.bytesUnreadMax / megabyte.length / 2 - 2;
    for (const client of silent) {
      const before = node.requests.length;
      client.get(each);
      await until(() => node.requests.length === before + 1);
      client.stopReading();
      client.get(...Array.from({ length: each }, (_, at) => at));
      await until(() => node.requests.length === before + 1 + each);
    }
    for (const [at, { id }] of [...node.requests].entries()) {
      node.queue.answered(id, valueResult(megabyte));
      if (at % (each + 1) === each) await new Promise(setImmediate);
    }
    const why = 'it does not read its answers, and there is no room for more of them';
    expect(log).toEqual([`client closed: ${why}`]);
    silent[0]?.readOn();
    await until(() => silent[0]?.isClosed ?? false);
    expect(silent.slice(1).map(({ isClosed }) => isClosed)).toEqual([false, false]);
  });

  it('reads no more requests than may wait for a turn, until some have had theirs', async () => {
    const client = newClient();
    const count = 64 * connectionLimits.waitingMax;
    node.isBusy = true;
    for (let id = 0; id < count; id += 64) {
      client.get(...Array.from({ length: 64 }, (_, at) => id + at));
    }
    await until(() => node.queue.waitingCount >= connectionLimits.waitingMax);
    for (let turn = 0; turn < 100; turn++) await new Promise(setImmediate);
    // What one read brought comes on top: 64 KiB, and no request is shorter than 16 bytes.
    const most = connectionLimits.waitingMax + (64 * 1024) / 16;
    expect(node.queue.waitingCount).toBeLessThan(most);
    node.isBusy = false;
    node.turn();
    await answerUntil(client, count, new Uint8Array());
  });

  it('streams a scan in slices, as fast as the client reads and no faster', async () => {
    const client = newClient();
    let drawn = 0;
    const entry = { version: { stamp: 1, node: 'n1' }, value: new Uint8Array(64 * 1024) };
    const entries = Array.from({ length: 400 }, (_, at) => ({
      key: keyFromText(`${at}`),
      ...entry,
    }));
    node.entries = { [Symbol.iterator]: () => counted() } as unknown as StoredEntry[];
    function* counted() {
      for (const each of entries) {
        drawn++;
        yield each;
      }
    }
    client.get(1);
    client.stopReading();
    client.ask({ type: 'scan', id: 2, values: true });
    await until(() => drawn > 0);
    for (let turn = 0; turn < 500; turn++) await new Promise(setImmediate);
    expect(drawn).toBeLessThan(100);
    client.readOn();
    await until(() => client.frames.some((frame) => frame.type === 'entries' && frame.last));
    const slices = client.frames.filter((frame) => frame.type === 'entries');
    expect(slices.flatMap((slice) => slice.entries)).toHaveLength(400);
    expect(slices.length).toBeGreaterThan(50);
  });

  it('turns away more connections than it has room for', async () => {
    const { connectionsMax } = listenerLimits;
    for (let n = 1; n <= connectionsMax; n++) {
      newClient().get(n);
      // In small crowds, or the system turns them away before the listener does.
      if (n % 128 === 0) await until(() => node.requests.length === n);
    }
    const late = newClient();
    await until(() => late.isClosed);
    expect(log).toEqual([`connection closed: more than ${connectionsMax} connections at once`]);
    clients[0]?.get(1);
    await until(() => node.requests.length === connectionsMax + 1);
  });
});

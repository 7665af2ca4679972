/** Clients of a model of Redis, all of them recorded, on one seed: what the record makes of them. */
import { type Random, SeededRandom } from '../../../core/random.js';
import { encodeUtf8 } from '../../../core/utf8.js';
import type { History } from '../../../history/history.js';
import { MemoryHistory } from '../../../history/recorder/memory-history.js';
import type { ReadReply } from '../../../resp/reply-reader.js';
import { CallLog } from '../call-log.js';
import { keyIn, TrackedConnection } from '../tracked-connection.js';
import { ModelRedis, ModelSession } from './model-redis.js';

interface WorldClient {
  readonly tracked: TrackedConnection;
  readonly session: ModelSession;
  /** Sent, and not done by the server. */
  readonly requests: string[][];
  /** Done, and not come back. */
  readonly replies: ReadReply[];
  isLost: boolean;
}

export interface WorldSetup {
  readonly seed: number;
  readonly steps: number;
  readonly commands: (random: Random, unique: () => string) => string[];
  /** The server's mistake: what it does to a reply. */
  readonly bug?: (random: Random, words: readonly string[], reply: ReadReply) => ReadReply;
}

export class RecordedWorld {
  readonly #memory = new MemoryHistory();
  #time = 0;
  readonly log = new CallLog(this.#memory, () => ++this.#time);
  readonly #tally = { log: this.log, leftOut: new Map<string, number>() };
  readonly #caller = { session: 'record', node: null, idle: [] };
  readonly #redis = new ModelRedis();
  readonly #random: Random;
  readonly #setup: WorldSetup;
  #clients: WorldClient[] = [];
  #sessions = 0;
  #values = 0;

  constructor(setup: WorldSetup) {
    this.#setup = setup;
    this.#random = new SeededRandom(setup.seed);
    for (const key of ['a', 'n']) {
      if (this.#random.chance(0.5)) this.#redis.do(new ModelSession(), ['SET', key, '0']);
    }
    for (let at = 0; at < 3; at++) this.#clients.push(this.#newClient());
  }

  run(): History {
    for (let step = 0; step < this.#setup.steps; step++) this.#step();
    for (const client of this.#clients) {
      while (client.requests.length > 0) this.#serve(client);
      while (client.replies.length > 0) this.#deliver(client);
    }
    this.log.close();
    return this.#memory.history();
  }

  #step(): void {
    const random = this.#random;
    const alive = this.#clients.filter(({ isLost }) => !isLost);
    const client = random.pick(random.chance(0.1) ? this.#clients : alive);
    const dice = random.below(100);
    if (dice < 34) this.#send(client);
    else if (dice < 66) this.#serve(client);
    else if (dice < 98) this.#deliver(client);
    else if (dice < 99) this.#redis.expire();
    else this.#lose(client);
  }

  #newClient(): WorldClient {
    const caller = { session: `c${++this.#sessions}`, node: 'redis', idle: [] };
    return {
      tracked: new TrackedConnection(this.#tally, caller),
      session: new ModelSession(),
      ...{ requests: [], replies: [], isLost: false },
    };
  }

  #send(client: WorldClient): void {
    if (client.isLost) return;
    const words = this.#setup.commands(this.#random, () => `v${++this.#values}`);
    const encoded = words.map(encodeUtf8);
    for (const { database, word } of client.tracked.newKeys([encoded])) this.#learn(database, word);
    client.tracked.sent(encoded);
    client.requests.push(words);
  }

  /** The server goes on meanwhile. */
  #learn(database: number, word: Uint8Array): void {
    const key = keyIn(database, word);
    const call = this.log.begin({ caller: this.#caller, touches: [key] });
    for (let count = this.#random.below(3); count > 0; count--) {
      this.#serve(this.#random.pick(this.#clients));
    }
    const name = Buffer.from(word).toString();
    const held = this.#redis.held(database, name);
    const isExpiring = this.#redis.isExpiring(database, name);
    for (let count = this.#random.below(3); count > 0; count--) {
      this.#serve(this.#random.pick(this.#clients));
    }
    if (held.type === 'error' || isExpiring) {
      this.log.spoil(call, 'no string');
      return;
    }
    const left = held.type === 'bulk' ? held.value : null;
    this.log.keys.add(key, left);
    this.log.happened(call, left === null ? [] : [{ key, left }]);
  }

  #serve({ session, requests, replies }: WorldClient): void {
    const words = requests.shift();
    if (words === undefined) return;
    const isUnsure = session.queued === null && this.#random.chance(0.01);
    if (isUnsure && words[0] !== 'MULTI' && words[0] !== 'SELECT') {
      if (this.#random.chance(0.5)) this.#redis.do(session, words);
      else if (words[0] === 'EXEC' || words[0] === 'DISCARD') session.queued = null;
      replies.push({ type: 'error', text: 'UNKNOWN no answer in time' });
      return;
    }
    const reply = this.#redis.do(session, words);
    replies.push(this.#setup.bug?.(this.#random, words, reply) ?? reply);
  }

  #deliver({ tracked, replies }: WorldClient): void {
    const reply = replies.shift();
    if (reply !== undefined) tracked.replied(reply);
  }

  /** The server may still do what it has got. */
  #lose(client: WorldClient): void {
    client.isLost = true;
    client.tracked.lost();
    client.replies.length = 0;
    this.#clients = this.#clients.filter(({ isLost, requests }) => !isLost || requests.length > 0);
    this.#clients.push(this.#newClient());
  }
}

/**
 * Random schedules: whatever may go wrong, in any order, then healing.
 *
 * Clients roam with their sessions over nodes that crash with torn journals, over links that come and go, lose, double and
 * reorder. All the while sessions must hold, no version may stand for two writes and no node may step back; in the
 * end all replicas agree on the newest writes, what was deleted stays deleted, and tombstones go.
 */
import type { Millis, NodeId, RequestId } from '../../../core/ids.js';
import { invariant } from '../../../core/invariant.js';
import type { ClientResult, KeyOperation } from '../../../core/operation.js';
import { SeededRandom } from '../../../core/random.js';
import { compareVersions, type Version } from '../../../core/version.js';
import {
  Client,
  couldHaveDeleted,
  type Done,
  isDelete,
  show,
  writtenBy,
  wrongAnswer,
} from './client.js';
import { TestCluster, text } from './cluster.js';
import { cas, get, insert, put, remove, stabilize, update, versionOf } from './operations.js';

export interface ScheduleSetup {
  readonly seed: number;
  readonly steps: number;
  /** Nodes come and go. */
  readonly changes: boolean;
  /** Whether `stabilize` is asked for, or all is left to gossip. */
  readonly stabilizes: boolean;
}

interface Stabilizing {
  readonly root: NodeId;
  /** Acknowledged before it was asked for. */
  readonly before: readonly Done[];
}

const keys = ['a', 'b', 'c', 'd', 'e'];

export class Schedule {
  readonly cluster: TestCluster;
  readonly all: Done[] = [];
  stabilizedCount = 0;
  behindCount = 0;
  readonly #setup: ScheduleSetup;
  readonly #random: SeededRandom;
  readonly #clients: readonly Client[];
  readonly #pending = new Map<RequestId, Done>();
  readonly #stabilizing = new Map<RequestId, Stabilizing>();
  /** The newest version of each key that each node was seen to hold, as long as it lives. */
  readonly #highest = new Map<string, Version>();
  readonly #values = new Map<string, string>();
  readonly #gone = new Set<NodeId>();
  readonly #founderCount: number;
  #clock = 0;

  constructor(setup: ScheduleSetup) {
    this.#setup = setup;
    const random = new SeededRandom(setup.seed);
    this.#random = random;
    this.cluster = new TestCluster({
      nodes: 2 + random.below(4),
      options: { fanout: 1 + random.below(3), intervalMs: random.pick([20, 50, 200]) },
      seed: random.uint32(),
    });
    this.#founderCount = this.cluster.nodes.size;
    if (setup.changes) {
      const founders = [...this.cluster.nodes.keys()];
      Object.assign(this.cluster.options, { members: founders });
    }
    const [loss, doubling] = [random.pick([0, 0, 0.05, 0.25]), random.pick([0, 0.1, 0.4])];
    const slowest = random.pick([1, 10, 80]);
    this.cluster.fate = () => {
      const copies = random.chance(doubling) ? [0, 0] : [0];
      const arrive = () => 0.2 + random.next() ** 4 * slowest;
      return copies.filter(() => !random.chance(loss)).map(arrive);
    };
    this.#clients = Array.from({ length: 4 }, (_, at) => new Client(`c${at}`, at % 2 === 1));
  }

  run(): void {
    for (let step = 0; step < this.#setup.steps; step++) {
      this.#take();
      this.#observe();
    }
    this.#heal();
    this.#judge();
  }

  #take(): void {
    const { cluster } = this;
    const random = this.#random;
    const draw = random.below(100);
    if (draw < 45) this.#clientMoves();
    else if (draw < 70) cluster.run(random.pick([1, 5, 30, 150, 600]));
    else if (draw < 80) this.#changeLinks();
    else if (draw < 84) this.#crash();
    else if (draw < 90) this.#restart();
    else if (draw < 93) this.#lag();
    else if (draw < 96) this.#snapshot();
    else if (draw < 98) this.#askToStabilize();
    else if (this.#setup.changes) this.#changeMembers();
  }

  #clientMoves(): void {
    const client = this.#random.pick(this.#clients);
    const { up } = this.cluster;
    if (client.pending !== null || up.length === 0) return;
    const through = this.#random.pick(up).self;
    const operation = this.#operation();
    const sessionFloor = client.floorOf(operation);
    const held = this.cluster.held(through, operation.key);
    const done: Done = {
      ...{ client, operation, through, seen: sessionFloor.version, stamp: sessionFloor.stamp },
      ...{ invokedAt: ++this.#clock, returnedAt: Number.POSITIVE_INFINITY, result: null },
    };
    this.all.push(done);
    const id = this.cluster.request(through, operation, { floor: sessionFloor });
    client.pending = id;
    this.#pending.set(id, done);
    this.#collectResults();
    if (done.result?.type !== 'error') return;
    invariant(done.result.code === 'behind', `unexpected: ${done.result.message}`);
    const isBehind = held === undefined || compareVersions(held.version, done.seen as Version) < 0;
    invariant(isBehind, `${through} says that it is behind ${show(done.seen)}, and is not`);
    this.behindCount += 1;
  }

  #operation(): KeyOperation {
    const key = this.#random.pick(keys);
    const value = `v${this.#clock}`;
    const draw = this.#random.below(12);
    if (draw < 4) return get(key);
    if (draw < 7) return put(key, value);
    if (draw < 9) return remove(key);
    if (draw < 10) return insert(key, value);
    if (draw < 11) return update(key, value);
    const lately = this.all.filter(({ operation }) => operation.key === key).at(-1);
    return cas(key, lately === undefined ? null : writtenBy(lately), value);
  }

  #changeLinks(): void {
    const names = [...this.cluster.nodes.keys()];
    const [a, b] = [this.#random.pick(names), this.#random.pick(names)];
    const draw = this.#random.below(6);
    if (draw === 0) this.cluster.connectAll();
    else if (draw === 1) for (const other of names) this.cluster.cut(a, other);
    else if (draw < 4) this.cluster.cut(a, b);
    else this.cluster.connect(a, b);
  }

  #crash(): void {
    const { up } = this.cluster;
    if (up.length === 0) return;
    const node = this.#random.pick(up);
    node.crash(this.#random.below(node.unsyncedCount + 1));
    node.syncsAtOnce = this.#random.chance(0.7);
    this.#forgetRequests(node.self);
    this.#forgetHighest(node.self);
  }

  /** Nobody will answer what this node was asked. */
  #forgetRequests(node: NodeId): void {
    for (const [id, done] of this.#pending) {
      if (done.through !== node) continue;
      this.#pending.delete(id);
      done.client.pending = null;
    }
    for (const [id, { root }] of this.#stabilizing) {
      if (root === node) this.#stabilizing.delete(id);
    }
  }

  #restart(): void {
    const down = [...this.cluster.nodes.values()].filter(
      ({ isUp, self }) => !isUp && !this.#gone.has(self),
    );
    if (down.length > 0) this.#random.pick(down).start();
  }

  #lag(): void {
    const { up } = this.cluster;
    if (up.length === 0) return;
    const node = this.#random.pick(up);
    node.syncsAtOnce = this.#random.chance(0.6);
    if (node.syncsAtOnce || this.#random.chance(0.5)) node.sync();
  }

  #snapshot(): void {
    const { up } = this.cluster;
    if (up.length === 0) return;
    const node = this.#random.pick(up);
    if (this.#random.chance(0.4)) node.beginSnapshot();
    else if (node.drawSnapshot(1 + this.#random.below(8))) node.sync();
  }

  #askToStabilize(): void {
    const { up } = this.cluster;
    if (up.length === 0 || !this.#setup.stabilizes) return;
    const root = this.#random.pick(up).self;
    const before = this.all.filter(({ result }) => result?.type === 'done');
    const id = this.cluster.request(root, stabilize, { timeoutMs: 3000 });
    this.#stabilizing.set(id, { root, before });
  }

  /** One node more, unknown to the others at first; or one that goes for good. */
  #changeMembers(): void {
    const { cluster } = this;
    const { up } = cluster;
    if (up.length < 2) return;
    const names = [...cluster.nodes.keys()];
    if (this.#random.chance(0.5) && names.length < 8) {
      const name = `n${names.length + 1}`;
      const there = names.filter((other) => !this.#gone.has(other));
      cluster.make(name, there).start();
      for (const other of there) cluster.connect(name, other);
      const via = this.#random.pick(up).self;
      cluster.request(via, { type: 'reconfigure', change: 'add', node: name });
    } else if (up.length > 2) {
      const going = this.#random.pick(up);
      const via = this.#random.pick(up.filter((node) => node !== going)).self;
      cluster.request(via, { type: 'reconfigure', change: 'remove', node: going.self });
      this.#gone.add(going.self);
      cluster.run(this.#random.pick([0, 100]));
      going.crash();
      this.#forgetRequests(going.self);
    }
  }

  #forgetHighest(node: NodeId): void {
    for (const place of this.#highest.keys()) {
      if (place.startsWith(`${node} `)) this.#highest.delete(place);
    }
  }

  /** After each step: what came in, and what every replica holds. */
  #observe(): void {
    this.#collectResults();
    for (const { self, replica, unsyncedCount } of this.cluster.up) {
      // What is not durable may be forgotten, and nobody has heard of it.
      if (unsyncedCount > 0) continue;
      for (const { key, version, value } of replica.inspect().entries()) {
        this.#noteVersion(key, version, text(value));
        const place = `${self} ${key}`;
        const before = this.#highest.get(place);
        const isBack = before !== undefined && compareVersions(version, before) < 0;
        invariant(
          !isBack || this.#isOfStranger(version),
          `${self} steps back from ${show(before)} to ${show(version)} of ${key}`,
        );
        this.#highest.set(place, version);
      }
    }
  }

  /**
   * A node that came late and had met nobody when it wrote, with a stamp that had been passed long ago. Its write may be
   * taken after a newer delete has been collected: nobody can know then that it is older.
   */
  #isOfStranger({ node }: Version): boolean {
    return Number(node.slice(1)) > this.#founderCount;
  }

  #noteVersion(key: string, version: Version, value: string | null): void {
    const written = `${key}=${value}`;
    const before = this.#values.get(show(version));
    invariant((before ?? written) === written, `${show(version)} is ${before} and ${written}`);
    this.#values.set(show(version), written);
  }

  #collectResults(): void {
    for (const [id, done] of this.#pending) {
      const result = this.cluster.results.get(id);
      if (result === undefined) continue;
      this.#pending.delete(id);
      done.client.pending = null;
      done.result = result;
      done.returnedAt = ++this.#clock;
      done.client.learn(done);
      if (result.type === 'done')
        this.#noteVersion(done.operation.key, result.version, writtenBy(done));
      const wrong = wrongAnswer(done, this.all);
      invariant(wrong === null, `${wrong}`);
    }
    for (const [id, stabilizing] of this.#stabilizing) {
      const result = this.cluster.results.get(id);
      if (result === undefined) continue;
      this.#stabilizing.delete(id);
      this.#judgeStabilized(stabilizing, result);
    }
  }

  /** What was acknowledged in the part before it was asked for is on every node of it that is still up. */
  #judgeStabilized({ root, before }: Stabilizing, result: ClientResult): void {
    if (result.type !== 'stabilized') return;
    invariant(result.nodes.includes(root), `${root} is not in its own part`);
    this.stabilizedCount += 1;
    const writes = before.filter(({ through }) => result.nodes.includes(through));
    for (const name of result.nodes) {
      if (!this.cluster.node(name).isUp) continue;
      for (const write of writes) {
        const lost = this.#lacks(name, write);
        invariant(lost === null, `after stabilize of ${result.nodes} from ${root}: ${lost}`);
      }
    }
  }

  #lacks(name: NodeId, write: Done): string | null {
    const version = write.result === null ? null : versionOf(write.result);
    const { key } = write.operation;
    if (version === null) return null;
    const held = this.cluster.held(name, key);
    if (held !== undefined && compareVersions(held.version, version) >= 0) return null;
    const wasDeleted = this.all.some((other) => couldHaveDeleted(other, key, version));
    const isAbsent = held === undefined || this.#isOfStranger(held.version);
    if (isAbsent && (isDelete(write) || wasDeleted)) return null;
    return `${name} holds ${show(held?.version)} of ${key}, not ${show(version)}`;
  }

  /** Everybody is up and linked, nothing is lost any more, and time passes. */
  #heal(): void {
    const { cluster } = this;
    cluster.connectAll();
    cluster.fate = () => [1];
    for (const node of cluster.nodes.values()) {
      if (this.#gone.has(node.self)) continue;
      node.syncsAtOnce = true;
      if (node.isUp) node.sync();
      else node.start();
      while (!node.drawSnapshot(5));
    }
    if (this.#setup.changes) this.#changeForGood();
    if (this.#setup.stabilizes) {
      const id = cluster.request(this.#random.pick(cluster.up).self, stabilize);
      cluster.runUntil(() => cluster.results.has(id), 5000);
      const result = cluster.results.get(id) as ClientResult;
      const names = cluster.up.map(({ self }) => self).sort();
      invariant(result.type === 'stabilized', `healed, but ${JSON.stringify(result)}`);
      invariant(result.nodes.join() === names.join(), `only ${result.nodes} of ${names}`);
      invariant(cluster.agree(), 'stabilized, but replicas differ');
    }
    const isQuiet = () => cluster.unsettledCount === 0 && cluster.agree();
    this.#runUntil(isQuiet, 30_000, 'quiet and in agreement');
    this.#observe();
    const hasCollected = () =>
      cluster.up.every(({ self }) => cluster.fact(self, 'tombstones') === 0);
    this.#runUntil(() => hasCollected() && isQuiet(), 60_000, 'rid of tombstones');
    this.#observe();
  }

  /** A node that took a change may have lost it before it was durable: whoever asks does so until it is done. */
  #changeForGood(): void {
    const { cluster } = this;
    // First what was said before becomes known, or what is said now might be older.
    cluster.run(5000);
    for (const node of cluster.nodes.keys()) {
      const change = this.#gone.has(node) ? 'remove' : 'add';
      const via = this.#random.pick(cluster.up).self;
      cluster.ask(via, { type: 'reconfigure', change, node });
    }
    cluster.run(5000);
  }

  #runUntil(isDone: () => boolean, ms: Millis, what: string): void {
    const end = this.cluster.now + ms;
    while (!isDone()) {
      const state = this.cluster.up.map(({ self, replica }) => {
        const facts = replica.inspect().facts.map(([name, value]) => `${name} ${value}`);
        return `${self}: ${this.cluster.dump(self, true)} (${facts.join(', ')})`;
      });
      invariant(this.cluster.now < end, `not ${what} in time:\n${state.join('\n')}`);
      this.cluster.run(20);
    }
  }

  #judge(): void {
    invariant(this.#pending.size === 0, 'a client is left without an answer');
    invariant(this.#stabilizing.size === 0, 'a stabilize is left without an answer');
    for (const done of this.all) {
      // What a node that is gone for good has not passed on is gone with it.
      if (done.result === null || this.#gone.has(done.through)) continue;
      for (const { self } of this.cluster.up) {
        const lost = this.#lacks(self, done);
        invariant(lost === null, `in the end ${lost}`);
      }
    }
  }
}

/**
 * Random schedules over a cluster that is moved by hand: clients, and everything that may go wrong, in any order; then
 * healing; then the verdict of the checker on what the clients saw.
 */
import { judgeModels } from '../../check/check.js';
import type { ModelName } from '../../check/models.js';
import type { Millis, NodeId } from '../../core/ids.js';
import { invariant } from '../../core/invariant.js';
import type { Key } from '../../core/key.js';
import type {
  ClientRequest,
  ClientResult,
  KeyOperation,
  Transaction,
} from '../../core/operation.js';
import type { SeededRandom } from '../../core/random.js';
import type { ProtocolTypes, StoredEntry } from '../../core/replica.js';
import { compareVersions, isNewer, type Version } from '../../core/version.js';
import { noRules } from '../../faults/link-rules.js';
import { MemoryHistory } from '../../history/recorder/memory-history.js';
import { type ClientRecord, type RecordedCall, Recorder } from '../../history/recorder/recorder.js';
import type { Ticket } from '../../sim/manual.js';
import type { TestCluster } from './test-cluster.js';

export interface ScheduleSetup<P extends ProtocolTypes, Options> {
  /** Started; messages are held. */
  readonly cluster: TestCluster<P, Options>;
  readonly random: SeededRandom;
  readonly steps: number;
  readonly clients: number;
  /** What a client asks next; `value` is one that nobody has written. */
  readonly draw: (client: ScheduleClient, value: string) => Asking;
  /** Done before all others. */
  readonly initially?: Asking['operation'];
  /** What the history must show. */
  readonly models: readonly ModelName[];
  /** Each command is stamped, and asked again under its stamp until its result is known. */
  readonly retries?: boolean;
  /** Clients keep sessions: they tell what they have seen. `ordered`: their writes get greater and greater stamps. */
  readonly sessions?: 'ordered' | 'unordered';
  /** Messages are delivered in any order, not only in that of their direction. */
  readonly reorders?: boolean;
  /** Messages older than this are lost. */
  readonly messageLifeMs?: Millis;
  /** Come through at once, unless their link is cut, so that chance decides about what matters. */
  readonly prompt?: readonly P['message']['type'][];
  readonly skews?: boolean;
  /** Of the reads of every key through every node at the end. */
  readonly finalLevel?: ClientRequest['level'];
  /** Looks at the cluster after each step, and throws when it sees what may never be. */
  readonly observe?: () => void;
  /** Drawn as any other step: what only this mode has. */
  readonly extra?: (schedule: RandomSchedule<P, Options>) => void;
  /** Once all is healed, time going on: false while there is something that must still be done. */
  readonly isDone?: (schedule: RandomSchedule<P, Options>) => boolean;
}

interface Asking {
  readonly operation: KeyOperation | Transaction;
  readonly level?: ClientRequest['level'];
}

/** One operation at a time, through any node. */
export class ScheduleClient {
  /** Of its commands, the last. */
  sequence = 0;
  /** What it counts for itself. */
  counted = 0;
  asking: Asking | null = null;
  call: RecordedCall | null = null;
  ticket: Ticket | null = null;
  stamp = 0;
  readonly seen = new Map<Key, Version>();

  constructor(
    readonly name: string,
    readonly mindsReads: boolean,
    readonly ordersWrites: boolean,
    readonly record: ClientRecord,
  ) {}

  floorOf(operation: Asking['operation']): ClientRequest['floor'] {
    const version = 'key' in operation ? (this.seen.get(operation.key) ?? null) : null;
    return { version, stamp: this.ordersWrites ? this.stamp : 0 };
  }

  learn(operation: Asking['operation'], result: ClientResult): void {
    const version = 'version' in result ? result.version : null;
    if (version === null || !('key' in operation)) return;
    const seen = this.seen.get(operation.key) ?? null;
    const told = `${this.name} is shown ${version.stamp}/${version.node} of ${operation.key}`;
    if (this.ordersWrites && result.type === 'done') {
      invariant(version.stamp > this.stamp, `${told}, having seen ${this.stamp}`);
    } else if (this.mindsReads && result.type !== 'done' && seen !== null) {
      const isOld = compareVersions(version, seen) < 0;
      invariant(!isOld, `${told}, having seen ${seen.stamp}/${seen.node}`);
    }
    this.stamp = Math.max(this.stamp, version.stamp);
    if (isNewer(version, seen)) this.seen.set(operation.key, version);
  }
}

const silence: ClientResult = {
  ...{ type: 'error', code: 'timeout', definite: false, message: 'no answer' },
};

export class RandomSchedule<P extends ProtocolTypes, Options> {
  readonly cluster: TestCluster<P, Options>;
  readonly random: SeededRandom;
  /** Results by type, errors by code. */
  readonly counts = new Map<string, number>();
  /** Nodes that nobody starts or crashes any more but who put them here. */
  readonly reserved = new Set<NodeId>();
  /** Of whom clients ask: not of nodes that have left, or have not come yet. */
  serving: () => readonly NodeId[];
  readonly #setup: ScheduleSetup<P, Options>;
  readonly #history = new MemoryHistory();
  readonly #clients: readonly ScheduleClient[];
  #clock = 0;

  constructor(setup: ScheduleSetup<P, Options>) {
    this.#setup = setup;
    this.cluster = setup.cluster;
    this.random = setup.random;
    this.serving = () => this.cluster.up;
    const recorder = new Recorder({ sink: this.#history, now: () => ++this.#clock });
    if (setup.initially !== undefined) {
      const version = { stamp: 0, node: '' };
      const done: ClientResult =
        setup.initially.type === 'txn'
          ? { type: 'committed', version, values: [] }
          : { type: 'done', version, existed: false };
      recorder.client().invoke(setup.initially)?.end(done, null);
    }
    this.#clients = Array.from({ length: setup.clients }, (_, at) => {
      const name = `c${at}`;
      return new ScheduleClient(
        name,
        setup.sessions !== undefined,
        setup.sessions === 'ordered',
        recorder.client(setup.sessions ? name : null),
      );
    });
  }

  run(): void {
    for (let at = 0; at < this.#setup.steps; at++) {
      this.#step();
      for (const client of this.#clients) this.#look(client);
      this.#setup.observe?.();
    }
    this.#heal();
    this.#setup.observe?.();
    this.#judge();
  }

  get #servers(): NodeId[] {
    return this.serving().filter((node) => this.cluster.isUp(node));
  }

  #step(): void {
    const { cluster, random } = this;
    const { prompt = [] } = this.#setup;
    const ready = cluster.flights.filter(({ message }) => prompt.includes(message.type));
    if (ready.length > 0) cluster.deliver(...ready);
    const draw = random.below(1000);
    if (draw < 620) this.#move();
    else if (draw < 740) this.#pass(random.below(30));
    else if (draw < 920) this.#ask(random.pick(this.#clients));
    else if (draw < 930) this.#cut();
    else if (draw < 935 && this.#setup.skews) {
      const ms = random.pick([0, 3, -50, 2000, -5000]);
      cluster.apply({ do: 'skew', node: random.pick(cluster.nodes), ms });
    } else if (draw < 950) this.#setup.extra?.(this);
    else this.#disturb(random.pick(cluster.nodes), draw);
  }

  #disturb(node: NodeId, draw: number): void {
    const { cluster, random } = this;
    if (this.reserved.has(node)) return;
    if (draw < 965) {
      if (cluster.isUp(node)) {
        const how = random.chance(0.2) ? 'kill' : 'power';
        cluster.crash(node, random.pick(['lost', 'torn', 'kept']), how);
        if (random.chance(0.3)) cluster.start(node);
      } else cluster.start(node);
    } else if (!cluster.isUp(node)) return;
    else if (draw < 975) {
      cluster.apply({ do: cluster.host(node).isPaused ? 'resume' : 'pause', node });
    } else if (draw < 985) {
      cluster.apply({ do: random.chance(0.5) ? 'hold syncs' : 'release syncs', node });
    } else if (draw < 992) cluster.apply({ do: 'sync', node });
    else cluster.apply({ do: 'snapshot', node });
  }

  /** Messages arrive, one or all of a direction in one turn; or are lost; or arrive and come again. */
  #move(): void {
    const { cluster, random } = this;
    const { flights } = cluster;
    const picked = flights.length === 0 ? undefined : random.pick(flights);
    if (picked === undefined) return this.#pass(5);
    const life = this.#setup.messageLifeMs ?? Number.POSITIVE_INFINITY;
    const old = flights.filter(({ sentAt }) => cluster.now - sentAt > life);
    if (old.length > 0) return cluster.drop(...old);
    const direction = flights.filter(({ from, to }) => from === picked.from && to === picked.to);
    const first = this.#setup.reorders ? picked : (direction[0] ?? picked);
    const draw = random.next();
    if (draw < 0.05) cluster.drop(first);
    else if (draw < 0.6) cluster.deliver(...direction);
    else {
      if (draw < 0.65) cluster.double(first);
      cluster.deliver(first);
    }
  }

  #pass(ms: Millis): void {
    const { cluster, random } = this;
    cluster.wait(ms);
    for (const node of cluster.up) {
      if (cluster.heldSyncs(node) > 0 && random.chance(0.3)) cluster.apply({ do: 'sync', node });
    }
  }

  #cut(): void {
    const { cluster, random } = this;
    const node = random.pick(cluster.nodes);
    const others = cluster.nodes.filter((other) => other !== node && random.chance(0.7));
    const cuts = others.flatMap((other) => [
      { from: node, to: other },
      ...(random.chance(0.7) ? [{ from: other, to: node }] : []),
    ]);
    cluster.setRules(random.chance(0.5) ? noRules : { ...noRules, cuts });
  }

  #ask(client: ScheduleClient): void {
    const nodes = this.#servers;
    if (nodes.length === 0 || client.ticket !== null) return;
    const { draw, retries, sessions } = this.#setup;
    if (client.asking === null) {
      client.sequence += 1;
      client.asking = draw(client, `${client.name}-${client.sequence}`);
      client.call = client.record.invoke(client.asking.operation);
    }
    const { operation, level = null } = client.asking;
    const isStamped = retries === true && operation.type !== 'get';
    client.ticket = this.cluster.request(this.random.pick(nodes), operation, {
      level,
      session: isStamped ? { client: client.name, sequence: client.sequence } : null,
      floor: sessions ? client.floorOf(operation) : null,
      timeoutMs: 300 + 1000 * this.random.below(2),
    });
    this.#look(client);
  }

  #look(client: ScheduleClient): void {
    const { ticket, asking } = client;
    if (ticket === null || asking === null) return;
    if (ticket.result === null && !ticket.isOrphaned) return;
    client.ticket = null;
    const result = ticket.result ?? silence;
    const name = result.type === 'error' ? result.code : result.type;
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
    const isWrite = asking.operation.type !== 'get';
    // Unknown or unavailable: again, under the same stamp.
    if (result.type === 'error' && this.#setup.retries && isWrite) return;
    client.call?.end(result, ticket.node);
    client.asking = null;
    client.learn(asking.operation, result);
    if (asking.operation.type === 'cas' && result.type === 'done') client.counted += 1;
  }

  /** Everybody is up again and nothing is lost any more: what is under way must come to its end. */
  #heal(): void {
    const { cluster } = this;
    cluster.setRules(noRules);
    for (const node of cluster.nodes) {
      cluster.apply({ do: 'skew', node, ms: 0 });
      cluster.apply({ do: 'release syncs', node });
      if (cluster.host(node).isPaused) cluster.apply({ do: 'resume', node });
      if (!cluster.isUp(node) && !this.reserved.has(node)) cluster.start(node);
    }
    cluster.fate = () => [1];
    cluster.deliver(...cluster.flights);
    const isOpen = (client: ScheduleClient) => client.asking !== null;
    const end = cluster.now + 40_000;
    const isDone = () => this.#setup.isDone?.(this) !== false;
    while (!isDone() || this.#clients.some(isOpen) || !this.#isQuiet()) {
      invariant(cluster.now < end, `not quiet and in agreement in time: ${this.#state()}`);
      cluster.wait(50);
      for (const client of this.#clients) {
        this.#look(client);
        if (isOpen(client)) this.#ask(client);
      }
    }
  }

  #isQuiet(): boolean {
    const { cluster } = this;
    return (
      this.#servers.every((node) => cluster.view(node).unsettledCount === 0) &&
      this.disagreements().length === 0
    );
  }

  /** Keys whose replicas hold different versions. */
  disagreements(): string[] {
    const { cluster } = this;
    const found = new Set<string>();
    const nodes = this.#servers;
    const show = (held: StoredEntry | undefined) =>
      held === undefined || held.value === null
        ? 'nothing'
        : `${held.version.stamp}/${held.version.node}`;
    for (const node of nodes) {
      const view = cluster.view(node);
      for (const { key } of view.entries()) {
        const owners = view.ownersOf(key).filter((owner) => nodes.includes(owner));
        const held = owners.map((owner) => show(cluster.view(owner).lookup(key)));
        if (new Set(held).size > 1) found.add(`${key}: ${owners} hold ${held}`);
      }
    }
    return [...found];
  }

  #judge(): void {
    // Whoever reads now sees the end of it all.
    for (const node of this.#servers) {
      for (const [at, key] of [...this.#keys()].entries()) {
        const client = this.#clients[at % this.#clients.length] as ScheduleClient;
        client.asking = { operation: { type: 'get', key } };
        client.call = client.record.invoke(client.asking.operation);
        client.ticket = this.cluster.request(node, client.asking.operation, {
          level: this.#setup.finalLevel ?? null,
          floor: this.#setup.sessions ? client.floorOf(client.asking.operation) : null,
        });
        const { ticket } = client;
        this.cluster.waitUntil(() => ticket.result !== null, 6000);
        this.#look(client);
      }
    }
    for (const report of judgeModels(this.#history.history(), this.#setup.models)) {
      invariant(report.verdict === 'holds', `${report.model}: ${JSON.stringify(report)}`);
    }
  }

  #keys(): Set<Key> {
    const keys = new Set<Key>();
    for (const node of this.#servers) {
      for (const { key } of this.cluster.view(node).entries()) keys.add(key);
    }
    return keys;
  }

  #state(): string {
    const { cluster } = this;
    const nodes = cluster.up.map((node) => {
      const { role } = cluster.view(node);
      return `${node} (${role}): ${cluster.view(node).unsettled().join(', ')}`;
    });
    const open = this.#clients.filter(({ asking }) => asking !== null);
    const waiting = open.map((client) => `${client.name} at ${client.ticket?.node}`);
    return [...nodes, ...this.disagreements(), ...waiting].join('; ');
  }
}

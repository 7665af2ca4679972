/** Ports under a test's hand, for the tests of the runtime itself: nothing happens until the test says so. */
import type { Millis, NodeId } from '../core/ids.js';
import type { Key } from '../core/key.js';
import type { ClientRequest, Operation } from '../core/operation.js';
import { SeededRandom } from '../core/random.js';
import type { Context, ProtocolTypes, Replica, ReplicaView, StoredEntry } from '../core/replica.js';
import { Node } from './node.js';
import type { Reply } from './outbox.js';
import type { Clock, Journal, Link, Position, Recovery } from './ports.js';
import type { RequestSource } from './request-queue.js';

export class ManualClock implements Clock {
  time: Millis = 1000;
  wallTime: Millis = 1_767_225_600_000;
  #soon: (() => void)[] = [];
  #alarms: { readonly deadline: Millis; readonly run: () => void }[] = [];

  now(): Millis {
    return this.time;
  }

  wallClock(): Millis {
    return this.wallTime;
  }

  get alarmCount(): number {
    return this.#alarms.length;
  }

  at(deadline: Millis, run: () => void): () => void {
    const alarm = { deadline, run };
    this.#alarms.push(alarm);
    return () => {
      this.#alarms = this.#alarms.filter((other) => other !== alarm);
    };
  }

  soon(run: () => void): void {
    this.#soon.push(run);
  }

  /** Runs what was asked for soon, and what that asks for, until nothing is left. Returns how much it was. */
  settle(): number {
    for (let ran = 0; ; ran++) {
      const run = this.#soon.shift();
      if (run === undefined) return ran;
      run();
    }
  }

  advance(byMs: Millis): void {
    this.time += byMs;
    const due = this.#alarms.filter(({ deadline }) => deadline <= this.time);
    this.#alarms = this.#alarms.filter(({ deadline }) => deadline > this.time);
    for (const { run } of due) run();
    this.settle();
  }
}

export class ManualJournal implements Journal<TestProtocol['record']> {
  readonly records: TestProtocol['record'][] = [];
  readonly snapshots: TestProtocol['record'][][] = [];
  recovered: readonly TestProtocol['record'][] = [];
  appended: Position = 0;
  durable: Position = 0;
  flushCount = 0;
  wantsSnapshot = false;
  logBytes = 0;
  isClosed = false;
  #onDurable: () => void = () => {};
  #onFailure: (error: Error) => void = () => {};
  #drawing: Iterator<TestProtocol['record']> | null = null;

  recover(
    visit: (record: TestProtocol['record']) => void,
    accept: (recovery: Recovery) => void = () => {},
  ): Recovery {
    this.recovered.forEach(visit);
    const end = { segment: 0, bytes: 0 };
    const recovery = { end, isFresh: true, previousIncarnation: 0, incarnation: 1, cuts: [] };
    accept(recovery);
    return recovery;
  }

  append(record: TestProtocol['record']): void {
    this.records.push(record);
    this.appended++;
  }

  flush(): void {
    this.flushCount++;
  }

  onDurable(handler: () => void): void {
    this.#onDurable = handler;
  }

  onFailure(handler: (error: Error) => void): void {
    this.#onFailure = handler;
  }

  beginSnapshot(records: Iterable<TestProtocol['record']>): void {
    this.wantsSnapshot = false;
    this.snapshots.push([]);
    this.#drawing = records[Symbol.iterator]();
  }

  snapshotStep(): boolean {
    if (this.isClosed) throw new Error('a closed journal takes no snapshot');
    const next = this.#drawing?.next();
    if (next === undefined || next.done) {
      this.#drawing = null;
      return false;
    }
    this.snapshots.at(-1)?.push(next.value);
    return true;
  }

  close(): void {
    this.isClosed = true;
  }

  /** The disk has synced everything appended before the record at `position`, or all. */
  sync(position: Position = this.appended): void {
    this.durable = position;
    this.#onDurable();
  }

  fail(error: Error): void {
    this.#onFailure(error);
  }
}

export class ManualLink implements Link<TestProtocol['message']> {
  readonly sent: { readonly to: NodeId; readonly texts: readonly string[] }[] = [];
  /** Peers that the node does not read at present. */
  readonly held = new Set<NodeId>();
  bytesWaiting = 0;
  isClosed = false;
  onReliefHandler: () => void = () => {};
  #handler: Parameters<Link<TestProtocol['message']>['onReceive']>[0] = () => {};

  send(to: NodeId, messages: readonly TestProtocol['message'][]): void {
    if (this.isClosed) throw new Error('sent on a closed link');
    this.sent.push({ to, texts: messages.map(({ text }) => text) });
  }

  onReceive(handler: Parameters<Link<TestProtocol['message']>['onReceive']>[0]): void {
    this.#handler = handler;
  }

  hold(from: NodeId, held: boolean): void {
    if (held) this.held.add(from);
    else this.held.delete(from);
  }

  onRelief(handler: () => void): void {
    this.onReliefHandler = handler;
  }

  close(): void {
    this.isClosed = true;
  }

  deliver(from: NodeId, ...texts: string[]): void {
    this.deliverLarge(from, 0, ...texts);
  }

  /** As if the messages had taken so many bytes on the way. */
  deliverLarge(from: NodeId, bytes: number, ...texts: string[]): void {
    this.#handler(
      from,
      texts.map((text) => ({ type: 'note', text })),
      bytes,
    );
  }
}

export interface TestProtocol extends ProtocolTypes {
  readonly message: { readonly type: 'note'; readonly text: string };
  readonly record: { readonly type: 'line'; readonly text: string };
  readonly timer: 'tick' | 'tock';
}

type Ctx = Context<TestProtocol>;

/** A replica whose every reaction is the test's to say. Logs its inputs. */
export class ScriptedReplica implements Replica<TestProtocol> {
  readonly log: string[] = [];
  lines: readonly string[] = [];
  readonly held = new Map<Key, StoredEntry>();
  readonly lookedUp: Key[] = [];
  largestValueBytes = Number.POSITIVE_INFINITY;
  started: (ctx: Ctx) => void = () => {};
  message: (text: string, ctx: Ctx, from: NodeId) => void = () => {};
  request: (request: ClientRequest, ctx: Ctx) => void = () => {};
  timer: (timer: TestProtocol['timer'], ctx: Ctx) => void = () => {};
  turnEnd: (ctx: Ctx) => void = () => {};

  recover(record: TestProtocol['record']): void {
    this.log.push(`recover ${record.text}`);
  }

  onStart(ctx: Ctx): void {
    this.log.push('start');
    this.started(ctx);
  }

  onMessage(from: NodeId, { text }: TestProtocol['message'], ctx: Ctx): void {
    this.log.push(`${from}: ${text}`);
    this.message(text, ctx, from);
  }

  onRequest(request: ClientRequest, ctx: Ctx): void {
    this.log.push(`request ${request.id}`);
    this.request(request, ctx);
  }

  onTimer(timer: TestProtocol['timer'], ctx: Ctx): void {
    this.log.push(`timer ${timer}`);
    this.timer(timer, ctx);
  }

  onTurnEnd(ctx: Ctx): void {
    this.log.push('end');
    this.turnEnd(ctx);
  }

  *snapshot(): Iterable<TestProtocol['record']> {
    for (const text of this.lines) yield { type: 'line', text };
  }

  /** Only what the runtime asks for: how large a value is. */
  inspect(): ReplicaView {
    const lookup: ReplicaView['lookup'] = (key) => {
      this.lookedUp.push(key);
      return this.held.get(key);
    };
    return { lookup, largestValueBytes: () => this.largestValueBytes } as ReplicaView;
  }
}

/** A node over ports under the test's hand. */
export class TestBench {
  readonly clock = new ManualClock();
  readonly journal = new ManualJournal();
  readonly link = new ManualLink();
  readonly replica = new ScriptedReplica();
  readonly replies: Reply[] = [];
  readonly failures: Error[] = [];
  onReplies: (replies: readonly Reply[]) => void = (replies) => this.replies.push(...replies);
  readonly node = new Node<TestProtocol>({
    self: 'n1',
    nodes: ['n1', 'n2', 'n3'],
    replica: this.replica,
    clock: this.clock,
    link: this.link,
    journal: this.journal,
    random: new SeededRandom(1),
    onReplies: (replies) => this.onReplies(replies),
    onFailure: (error) => this.failures.push(error),
  });

  /** Started, with an empty log. */
  start(): this {
    this.node.start();
    this.clock.settle();
    this.replica.log.length = 0;
    return this;
  }

  /** One message from `n2`, and all turns that follow from it. */
  receive(...texts: string[]): void {
    this.link.deliver('n2', ...texts);
    this.clock.settle();
  }

  request(id: number, source?: RequestSource, operation: Operation = deletion): void {
    const options = { level: null, session: null, floor: null, timeoutMs: 1000 };
    this.node.request({ id, operation, ...options }, source);
  }

  get sentTexts(): string[] {
    return this.link.sent.flatMap(({ to, texts }) => texts.map((text) => `${to}: ${text}`));
  }
}

const deletion: Operation = { type: 'delete', key: 'k' as Key };

export function line(text: string): TestProtocol['record'] {
  return { type: 'line', text };
}

export function note(text: string): TestProtocol['message'] {
  return { type: 'note', text };
}

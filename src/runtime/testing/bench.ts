/** A node on the simulator's clock and disk, with a link under the test's hand and a replica that does what the test says. */
import type { Millis, NodeId } from '../../core/ids.js';
import type { Key } from '../../core/key.js';
import type { ClientRequest, Operation } from '../../core/operation.js';
import { SeededRandom } from '../../core/random.js';
import type {
  Context,
  ProtocolTypes,
  Replica,
  ReplicaView,
  StoredEntry,
} from '../../core/replica.js';
import * as wire from '../../core/wire.js';
import { SimClock, WallClock } from '../../sim/clock.js';
import { Process } from '../../sim/process.js';
import { SimStorage } from '../../sim/storage.js';
import { hashed } from '../../sim/trace.js';
import { World } from '../../sim/world.js';
import { Node } from '../node.js';
import type { Reply } from '../outbox.js';
import type { Link } from '../ports.js';
import type { RequestSource } from '../request-queue.js';

/** What is sent is written down; what comes in, the test says. */
export class RecordingLink implements Link<TestProtocol['message']> {
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
  /** What it would have in a snapshot. */
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

const shape = wire.union<TestProtocol['record']>({ line: { text: wire.text } });

/** The machine: its disk, on which syncs wait for the test, and its clock. */
class Machine {
  readonly world = new World({
    seed: 1,
    eventsMax: 1_000_000,
  });
  readonly process = new Process(this.world);
  readonly clock = new SimClock({
    ...{ world: this.world, process: this.process, random: null, turnMs: 0 },
    wallClock: new WallClock(this.world, null),
    node: { id: 'n1', index: 0 },
  });
  readonly storage = new SimStorage({
    ...{ world: this.world, node: { id: 'n1', index: 0 }, shape },
    limits: { segmentBytesMax: 1024 * 1024, snapshotFloorBytes: Number.POSITIVE_INFINITY },
    after: (_, end) => this.#syncs.push(end),
  });
  turnCount = 0;
  /** Syncs begun. */
  syncCount = 0;
  readonly #syncs: (() => void)[] = [];

  constructor() {
    const { trace } = this.world;
    const note = trace.note.bind(trace);
    trace.note = (type, ...what) => {
      if (type === hashed.turn) this.turnCount += 1;
      if (type === hashed.sync) this.syncCount += 1;
      note(type, ...what);
    };
  }

  /** Syncs that wait end now; with a failing disk they fail. */
  sync(): void {
    for (const end of this.#syncs.splice(0)) end();
  }

  /** Runs what was asked for soon, and what that asks for. Returns how many turns it was. */
  settle(): number {
    const before = this.turnCount;
    this.world.runUntil(this.world.now);
    return this.turnCount - before;
  }

  /** Time passes. */
  advance(byMs: Millis): void {
    this.world.runUntil(this.world.now + byMs);
  }
}

export class TestBench {
  readonly machine = new Machine();
  readonly link = new RecordingLink();
  readonly replica = new ScriptedReplica();
  readonly replies: Reply[] = [];
  readonly failures: Error[] = [];
  onReplies: (replies: readonly Reply[]) => void = (replies) => this.replies.push(...replies);
  readonly journal = this.machine.storage.open(this.machine.process);
  readonly node = new Node<TestProtocol>({
    self: 'n1',
    nodes: ['n1', 'n2', 'n3'],
    replica: this.replica,
    clock: this.machine.clock,
    link: this.link,
    journal: this.journal,
    random: new SeededRandom(1),
    onReplies: (replies) => this.onReplies(replies),
    onFailure: (error) => this.failures.push(error),
  });

  /** Started, with an empty log. */
  start(): this {
    this.node.start();
    this.machine.settle();
    this.replica.log.length = 0;
    return this;
  }

  /** One message from `n2`, and all turns that follow from it. */
  receive(...texts: string[]): void {
    this.link.deliver('n2', ...texts);
    this.machine.settle();
  }

  request(id: number, source?: RequestSource, operation: Operation = deletion): void {
    const options = { level: null, session: null, floor: null, timeoutMs: 1000 };
    this.node.request({ id, operation, ...options }, source);
  }

  get sentTexts(): string[] {
    return this.link.sent.flatMap(({ to, texts }) => texts.map((text) => `${to}: ${text}`));
  }

  /** What an earlier start of this machine has left. */
  recordBefore(...lines: string[]): void {
    const journal = this.machine.storage.open(this.machine.process);
    journal.recover(() => {});
    journal.onDurable(() => {});
    for (const text of lines) journal.append(line(text));
    journal.flush();
    this.machine.sync();
    journal.close();
  }

  /** What the next start of this machine would read. */
  recordedLines(): string[] {
    this.machine.storage.crash('kill');
    const lines: string[] = [];
    const journal = this.machine.storage.open(this.machine.process);
    journal.recover(({ text }) => lines.push(text));
    journal.close();
    return lines;
  }
}

const deletion: Operation = { type: 'delete', key: 'k' as Key };

export function line(text: string): TestProtocol['record'] {
  return { type: 'line', text };
}

export function note(text: string): TestProtocol['message'] {
  return { type: 'note', text };
}

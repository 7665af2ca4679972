import { Client } from '../client/client.js';
import type { Endpoint, Timing } from '../client/endpoint.js';
import { Session } from '../client/session.js';
import type { Millis, NodeId } from '../core/ids.js';
import type { ClientResult } from '../core/operation.js';
import type { SessionSupport } from '../core/session.js';
import type { ClientRecord } from '../history/recorder/recorder.js';
import { hashed, resultNumber } from '../sim/trace.js';
import type { World } from '../sim/world.js';
import type { AskedOperation } from './decisions.js';
import { type HistoryEntry, outcomeOf } from './history.js';
import type { OperationSource } from './operation-source.js';
import type { Workload } from './workload.js';

export interface SwarmClientSetup {
  readonly world: World;
  readonly index: number;
  readonly workload: Workload;
  readonly source: OperationSource;
  readonly timing: Timing;
  /** Those that it may ask at present. */
  readonly endpoints: () => readonly Endpoint[];
  readonly history: HistoryEntry[];
  readonly asked: AskedOperation[];
  /** Hears of every operation that was answered. */
  readonly onAnswer: (entry: HistoryEntry) => void;
  readonly record: ClientRecord;
  /** `null`: sessions are not kept here. */
  readonly sessionSupport: SessionSupport | null;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** A closed loop: asks, waits for the answer or gives up, thinks, asks again. */
export class SwarmClient {
  /** When it gives up, further attempts included. */
  patienceMs: Millis;
  readonly #setup: SwarmClientSetup;
  readonly #client: Client;
  /** The node that it begins with as long as that one answers. */
  #home: number;
  #stopped = false;
  #startCount = 0;
  #isIdle = true;

  constructor(setup: SwarmClientSetup) {
    const { workload, index, timing, endpoints, record, sessionSupport } = setup;
    this.#setup = setup;
    this.#home = index;
    this.patienceMs = workload.clientTimeoutMs;
    const { sessions, exactlyOnce } = workload;
    this.#client = new Client(endpoints, {
      ...{ timing, record, exactlyOnce },
      session: sessions === null ? null : new Session(sessions),
      ...(sessionSupport === null ? {} : { sessionSupport }),
    });
  }

  /** Nothing is under way. */
  get isIdle(): boolean {
    return this.#isIdle;
  }

  /** Also anew, once it is idle. */
  start(): void {
    this.#stopped = false;
    this.#startCount++;
    this.#think();
  }

  /** Asks nothing new from now on; what is under way may still be answered. */
  stop(): void {
    this.#stopped = true;
  }

  /** An operation has ended. */
  settled(entry: Writable<HistoryEntry>, result: ClientResult, node: NodeId | null): void {
    const { world } = this.#setup;
    entry.result = result;
    entry.node = node ?? '';
    if (outcomeOf(entry) !== 'info') entry.returnedAt = world.now;
    if (outcomeOf(entry) !== 'ok') this.#home++;
    this.#isIdle = true;
    this.#setup.source.saw(entry.operation, result);
    world.trace.note(hashed.return, entry.client, resultNumber(result));
    this.#setup.onAnswer(entry);
    this.#think();
  }

  #think(): void {
    const { world, source } = this.#setup;
    const atMs = source.nextAt(world.now);
    if (atMs === null) return;
    // What was to be asked before it was stopped is not asked when it is started anew.
    const started = this.#startCount;
    world.at(atMs, () => {
      if (!this.#stopped && started === this.#startCount) this.#ask();
    });
  }

  #ask(): void {
    const { world, index, source, endpoints, history, asked } = this.#setup;
    const nodes = endpoints().map(({ node }) => node);
    const { operation, level, node } = source.take(nodes, this.#home);
    const entry: Writable<HistoryEntry> = {
      client: index,
      node: '',
      operation,
      level,
      invokedAt: world.now,
      returnedAt: Number.POSITIVE_INFINITY,
      result: null,
    };
    this.#isIdle = false;
    history.push(entry);
    asked.push({ client: index, atMs: world.now, operation, level, node });
    world.trace.note(hashed.call, index, history.length);
    const start = Math.max(0, nodes.indexOf(node));
    this.#client.submit(operation, { level, start, timeoutMs: this.patienceMs }, this, entry);
  }
}

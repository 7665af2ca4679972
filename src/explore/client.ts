import { Client } from '../client/client.js';
import type { Endpoint, Timing } from '../client/endpoint.js';
import { Session } from '../client/session.js';
import type { Millis, NodeId } from '../core/ids.js';
import type { Key } from '../core/key.js';
import type { ClientResult } from '../core/operation.js';
import type { Random } from '../core/random.js';
import type { SessionSupport } from '../core/session.js';
import type { ClientRecord } from '../history/recorder/recorder.js';
import { resultNumber } from '../sim/trace.js';
import type { World } from '../sim/world.js';
import { OperationGenerator } from '../workload/generator.js';
import { type HistoryEntry, outcomeOf } from './history.js';
import type { Workload } from './workload.js';

export interface SwarmClientSetup {
  readonly world: World;
  readonly index: number;
  readonly workload: Workload;
  readonly timing: Timing;
  /** Those that it may ask at present. */
  readonly endpoints: () => readonly Endpoint[];
  readonly history: HistoryEntry[];
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
  readonly #random: Random;
  readonly #generator: OperationGenerator;
  readonly #client: Client;
  /** The node that it begins with as long as that one answers. */
  #home: number;
  /** The key of the last operation; `null`: it had several, or there was none. */
  #last: Key | null = null;
  #stopped = false;
  #isIdle = true;

  constructor(setup: SwarmClientSetup) {
    const { world, workload, index, timing, endpoints, record, sessionSupport } = setup;
    this.#setup = setup;
    this.#random = world.chance(`client ${index}`);
    this.#home = index;
    this.patienceMs = workload.clientTimeoutMs;
    this.#generator = new OperationGenerator(workload, `c${index}`, this.#random);
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
    this.#generator.saw(entry.operation, result);
    world.trace.note('return', entry.client, resultNumber(result));
    this.#setup.onAnswer(entry);
    this.#think();
  }

  #think(): void {
    const { world, workload } = this.#setup;
    const { thinkMsMean, burstMs, rereading } = workload;
    const again = this.#random.chance(rereading) ? this.#last : null;
    const askAt = world.now - thinkMsMean * Math.log(1 - this.#random.next());
    const atMs = burstMs === 0 ? askAt : Math.ceil(askAt / burstMs) * burstMs;
    world.at(again === null ? atMs : world.now, () => {
      if (!this.#stopped) this.#ask(again);
    });
  }

  /** `again`: the key to look at once more. */
  #ask(again: Key | null): void {
    const { world, index, workload, endpoints, history } = this.#setup;
    const operation =
      again === null ? this.#generator.next() : ({ type: 'get', key: again } as const);
    this.#last = operation.type === 'txn' ? null : operation.key;
    const isRead = operation.type === 'get';
    const level = this.#random.pick(isRead ? workload.readLevels : workload.writeLevels);
    const count = endpoints().length;
    const roams = again !== null || this.#random.chance(workload.roaming);
    const start = roams ? this.#random.below(count) : this.#home;
    const entry: Writable<HistoryEntry> = {
      ...{ client: index, node: '', operation, level, result: null },
      invokedAt: world.now,
      returnedAt: Number.POSITIVE_INFINITY,
    };
    this.#isIdle = false;
    history.push(entry);
    world.trace.note('call', index, history.length);
    this.#client.submit(operation, { level, start, timeoutMs: this.patienceMs }, this, entry);
  }
}

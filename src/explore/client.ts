import type { Millis, NodeId } from '../core/ids.js';
import type { Key } from '../core/key.js';
import type { ClientRequest, ClientResult, SessionFloor } from '../core/operation.js';
import type { Random } from '../core/random.js';
import { isNewer, type Version } from '../core/version.js';
import type { World } from '../sim/world.js';
import { type HistoryEntry, outcomeOf, writtenValue } from './history.js';
import { OperationGenerator, type Workload } from './workload.js';

/** One way between a client and a node. */
const wayMsMax = 0.3;

/** What a client needs of a host. */
export interface FrontDoor {
  readonly id: NodeId;
  request(request: Omit<ClientRequest, 'id'>, answer: (result: ClientResult | null) => void): void;
}

export interface ClientSetup {
  readonly world: World;
  readonly index: number;
  readonly workload: Workload;
  readonly doors: readonly FrontDoor[];
  readonly history: HistoryEntry[];
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** A closed-loop client: asks, waits for the answer or gives up, thinks, asks again. */
export class SimClient {
  readonly #setup: ClientSetup;
  readonly #random: Random;
  readonly #generator: OperationGenerator;
  /** The node that it asks as long as that one is there. */
  #home: number;
  readonly #seen = new Seen();
  #stopped = false;

  constructor(setup: ClientSetup) {
    this.#setup = setup;
    this.#random = setup.world.random.fork();
    this.#home = setup.index;
    this.#generator = new OperationGenerator(setup.workload, setup.index, this.#random);
  }

  start(): void {
    this.#think();
  }

  /** Asks nothing new from now on; what is under way may still be answered. */
  stop(): void {
    this.#stopped = true;
  }

  #think(): void {
    const thinkMs = -this.#setup.workload.thinkMsMean * Math.log(1 - this.#random.next());
    this.#setup.world.after(thinkMs, () => {
      if (!this.#stopped) this.#ask();
    });
  }

  #ask(): void {
    const { world, index, workload, doors, history } = this.#setup;
    const roams = this.#random.chance(workload.roaming);
    const home = doors[this.#home % doors.length] as FrontDoor;
    const door = roams ? this.#random.pick(doors) : home;
    const operation = this.#generator.next();
    const entry: Writable<HistoryEntry> = {
      client: index,
      node: door.id,
      operation,
      level: this.#random.pick(workload.levels),
      invokedAt: world.now,
      returnedAt: Number.POSITIVE_INFINITY,
      result: null,
    };
    history.push(entry);
    world.trace.call(entry, history.length);
    const giveUp = this.#await(entry, workload.clientTimeoutMs);
    this.#way(() => {
      const { requestTimeoutMs: timeoutMs } = workload;
      const floor = workload.sessions ? this.#seen.floorOf(operation.key) : null;
      const request = { operation, level: entry.level, session: null, floor, timeoutMs };
      door.request(request, (result) => this.#way(() => giveUp(result)));
    });
  }

  /** Ends the operation by whatever comes first, the function returned or the client's patience. */
  #await(entry: Writable<HistoryEntry>, patienceMs: Millis): (result: ClientResult | null) => void {
    const { world } = this.#setup;
    let pending = true;
    const end = (result: ClientResult | null) => {
      if (!pending) return;
      pending = false;
      cancel();
      this.#return(entry, result);
      this.#think();
    };
    const cancel = world.after(patienceMs, () => end(null));
    return end;
  }

  #return(entry: Writable<HistoryEntry>, result: ClientResult | null): void {
    entry.result = result;
    if (result !== null) entry.returnedAt = this.#setup.world.now;
    if (outcomeOf(entry) !== 'ok') this.#home++;
    const { key } = entry.operation;
    const version = result === null ? null : versionIn(result);
    if (version !== null) this.#seen.saw(key, version);
    if (result?.type === 'value') this.#generator.saw(key, result.value);
    else if (result?.type === 'refused') this.#generator.saw(key, result.actual);
    else if (result?.type === 'done') this.#generator.saw(key, writtenValue(entry.operation));
    this.#setup.world.trace.return(entry, result);
  }

  #way(then: () => void): void {
    this.#setup.world.after(this.#random.next() * wayMsMax, then);
  }
}

/** What a client has written and read, as its session says it to nodes. */
class Seen {
  readonly #newest = new Map<Key, Version>();
  #stamp = 0;

  saw(key: Key, version: Version): void {
    if (isNewer(version, this.#newest.get(key) ?? null)) this.#newest.set(key, version);
    this.#stamp = Math.max(this.#stamp, version.stamp);
  }

  floorOf(key: Key): SessionFloor {
    return { version: this.#newest.get(key) ?? null, stamp: this.#stamp };
  }
}

function versionIn(result: ClientResult): Version | null {
  return 'version' in result ? result.version : null;
}

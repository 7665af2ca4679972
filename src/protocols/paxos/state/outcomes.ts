/**
 * The results of the newest commands over all clients, oldest first: a ring of numbers.
 *
 * Each command of the cluster leaves something here and takes something away, so nothing is made for that. What most
 * commands are told is a version and whether there was a value before: numbers, and a name that all share. A client's
 * results are chained from its newest back, because mostly nobody looks for one: a client's next command has a greater
 * number than all before it. For a client that asks for others there is a table from then on.
 */
import type { ClientResult } from '../../../core/operation.js';
import { resultBytes } from '../../../core/operation-bytes.js';
import { itemOverheadBytes } from '../command.js';

export interface Outcome {
  readonly type: 'outcome';
  readonly client: string;
  readonly sequence: number;
  readonly result: ClientResult;
}

export function outcomeBytes({ client, result }: Outcome): number {
  return itemOverheadBytes + client.length + resultBytes(result);
}

/** Sessions are linked in the order of their use: a Map whose oldest entries go one by one is slow to iterate. */
export class Session {
  readonly client: string;
  older: Session | null = null;
  newer: Session | null = null;
  floor = 0;
  /** No command of a greater number was executed. */
  newest = 0;
  /** Of its results: how many, their bytes, and where the last one is. */
  count = 0;
  bytes = 0;
  last = -1;
  /** Where each is; `null` until asked for. */
  places: Map<number, number> | null = null;
  /** The how manieth client to be forgotten it was. */
  goneAt = Number.POSITIVE_INFINITY;

  constructor(client: string) {
    this.client = client;
  }

  raiseFloor(floor: number): void {
    this.floor = Math.max(this.floor, floor);
    this.newest = Math.max(this.newest, floor);
  }
}

/** What a `done` is kept as; any other result as it is. */
type Kept = ClientResult | boolean | null;

const capacityMin = 16;
/** Numbers of a result: of the command, of its version, and the place of the client's result before it. */
const sequenceAt = 0;
const stampAt = 1;
const previousAt = 2;
const width = 3;

/** Places count up; where they are in the arrays is what is left of them by the capacity, a power of two. */
class Ring {
  readonly #mask: number;
  readonly sessions: (Session | null)[];
  readonly results: Kept[];
  /** Of the versions, where there is one. */
  readonly nodes: string[];
  readonly numbers: Float64Array;

  constructor(
    readonly capacity: number,
    copied?: Ring,
  ) {
    this.#mask = capacity - 1;
    this.sessions = copied?.sessions.slice() ?? new Array(capacity).fill(null);
    this.results = copied?.results.slice() ?? new Array(capacity).fill(null);
    this.nodes = copied?.nodes.slice() ?? new Array(capacity).fill('');
    this.numbers = copied?.numbers.slice() ?? new Float64Array(capacity * width);
  }

  at(place: number): number {
    return place & this.#mask;
  }

  number(place: number, which: number): number {
    return this.numbers[this.at(place) * width + which] as number;
  }

  result(place: number): ClientResult {
    const kept = this.results[this.at(place)] as Kept;
    if (typeof kept === 'object' && kept !== null) return kept;
    const node = this.nodes[this.at(place)] as string;
    const version = { stamp: this.number(place, stampAt), node };
    return { type: 'done', version, existed: kept };
  }
}

export class Outcomes {
  #ring = new Ring(capacityMin);
  #first = 0;
  #next = 0;
  /** Without those of clients that are gone. */
  #count = 0;
  #bytes = 0;
  #goneCount = 0;
  #lastNode = '';

  get count(): number {
    return this.#count;
  }

  get bytes(): number {
    return this.#bytes;
  }

  find(session: Session, sequence: number): ClientResult | null {
    session.places ??= this.#placesOf(session);
    const place = session.places.get(sequence);
    return place === undefined ? null : this.#ring.result(place);
  }

  keep(session: Session, sequence: number, result: ClientResult): void {
    if (this.#next - this.#first === this.#ring.capacity) this.#makeRoom();
    const place = this.#next++;
    this.#put(place, session, sequence);
    const ring = this.#ring;
    const at = ring.at(place);
    if (result.type === 'done') {
      const { stamp, node } = result.version;
      // One string for all: each batch brings its own.
      if (node !== this.#lastNode) this.#lastNode = node;
      ring.results[at] = result.existed;
      ring.nodes[at] = this.#lastNode;
      ring.numbers[at * width + stampAt] = stamp;
    } else {
      ring.results[at] = result;
    }
    const bytes = itemOverheadBytes + session.client.length + resultBytes(result);
    session.newest = Math.max(session.newest, sequence);
    session.count += 1;
    session.bytes += bytes;
    this.#count += 1;
    this.#bytes += bytes;
  }

  forgetOldest(): void {
    for (;;) {
      const place = this.#first++;
      const at = this.#ring.at(place);
      const session = this.#ring.sessions[at] as Session;
      const kept = this.#ring.results[at] as Kept;
      this.#ring.sessions[at] = null;
      this.#ring.results[at] = null;
      if (session.goneAt <= this.#goneCount) continue;
      const sequence = this.#ring.number(place, sequenceAt);
      session.raiseFloor(sequence);
      session.places?.delete(sequence);
      const ofValue = typeof kept === 'object' && kept !== null ? resultBytes(kept) : 0;
      const bytes = itemOverheadBytes + session.client.length + ofValue;
      session.count -= 1;
      session.bytes -= bytes;
      this.#count -= 1;
      this.#bytes -= bytes;
      return;
    }
  }

  forgetAllOf(session: Session): void {
    session.goneAt = ++this.#goneCount;
    this.#count -= session.count;
    this.#bytes -= session.bytes;
  }

  /** As they are now. Copying numbers takes no time; what they stand for is made as it is drawn. */
  capture(): Iterable<Outcome> {
    const ring = new Ring(this.#ring.capacity, this.#ring);
    const [first, next, goneCount] = [this.#first, this.#next, this.#goneCount];
    function* draw(): Generator<Outcome> {
      for (let place = first; place < next; place++) {
        const { client, goneAt } = ring.sessions[ring.at(place)] as Session;
        if (goneAt <= goneCount) continue;
        const sequence = ring.number(place, sequenceAt);
        yield { type: 'outcome', client, sequence, result: ring.result(place) };
      }
    }
    return { [Symbol.iterator]: draw };
  }

  #put(place: number, session: Session, sequence: number): void {
    const { sessions, numbers } = this.#ring;
    const at = this.#ring.at(place);
    sessions[at] = session;
    numbers[at * width + sequenceAt] = sequence;
    numbers[at * width + previousAt] = session.last;
    session.last = place;
    session.places?.set(sequence, place);
  }

  #placesOf(session: Session): Map<number, number> {
    const places = new Map<number, number>();
    for (let place = session.last; place >= this.#first; ) {
      places.set(this.#ring.number(place, sequenceAt), place);
      place = this.#ring.number(place, previousAt);
    }
    return places;
  }

  /** A larger ring, or one without what clients that are gone have left. */
  #makeRoom(): void {
    const old = this.#ring;
    const isMostlyLive = this.#count > (3 * old.capacity) / 4;
    const ring = new Ring(isMostlyLive ? 2 * old.capacity : old.capacity);
    const [first, next] = [this.#first, this.#next];
    this.#ring = ring;
    // Places go on, so that one of before is never taken for a new one.
    this.#first = next;
    for (let place = first; place < next; place++) {
      const from = old.at(place);
      const session = old.sessions[from] as Session;
      if (session.goneAt <= this.#goneCount) continue;
      // The first of it that is met here has nothing before it.
      if (old.number(place, previousAt) < first) session.last = -1;
      session.places = null;
      const to = ring.at(this.#next);
      this.#put(this.#next++, session, old.number(place, sequenceAt));
      ring.results[to] = old.results[from] as Kept;
      ring.nodes[to] = old.nodes[from] as string;
      ring.numbers[to * width + stampAt] = old.number(place, stampAt);
    }
  }
}

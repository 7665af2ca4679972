/** Finds what is in view among a million events without looking at all of them. */
import { lowerBound, pushTo } from '../../core/lookup.js';
import { type Lanes, laneEventKinds, messageFates, noEvent } from '../../trace/lanes.js';

/** Where all of a density's counts of an event kind go. */
export const densityClasses = ['messages', 'clients', 'disk', 'timers', 'life'] as const;

const classOf: readonly number[] = laneEventKinds.map((kind) => {
  if (kind === 'sent' || kind === 'delivered') return 0;
  if (kind === 'call' || kind === 'return') return 1;
  if (kind === 'persist' || kind === 'sync' || kind === 'durable') return 2;
  return kind === 'timer' ? 3 : 4;
});

const blockEvents = 64;
const fanOut = 64;

/** How many rows of bars these lanes have. */
export interface BarRows {
  readonly clients: number;
  readonly faults: number;
}

export class LanesIndex {
  readonly lanes: Lanes;
  readonly rows: BarRows;
  /** Messages that never came, in their order. */
  readonly lost: Uint32Array;
  readonly #messages: Intervals;
  readonly #spans: Intervals;
  /** Deliveries of messages that had come before. */
  readonly #again: ReadonlyMap<number, readonly number[]>;
  /** By block of events, lane and class: how many came before the block. */
  readonly #before: Uint32Array;
  /** Counts of a block. */
  readonly cells: number;

  constructor(lanes: Lanes) {
    this.lanes = lanes;
    const { events, messages, spans } = lanes;
    const at = (event: number): number => events.atMs[event] as number;
    this.#messages = new Intervals(messages.count, (message) => [
      at(messages.sent[message] as number),
      messages.endMs[message] as number,
    ]);
    this.#spans = new Intervals(spans.count, (span) => {
      const end = spans.end[span] as number;
      return [at(spans.begin[span] as number), end === noEvent ? lanes.durationMs : at(end)];
    });
    this.rows = { clients: rowsOf(lanes, 0), faults: rowsOf(lanes, lanes.names.length - 1) };
    this.cells = lanes.names.length * densityClasses.length;
    this.#before = this.#countBlocks();
    this.#again = deliveredAgain(lanes);
    const lostFate = messageFates.indexOf('lost');
    this.lost = Uint32Array.from(
      messages.fate.reduce<number[]>((found, fate, message) => {
        if (fate === lostFate) found.push(message);
        return found;
      }, []),
    );
  }

  /** The events from one moment to another: the first, and the one after the last. */
  eventsIn(fromMs: number, toMs: number): readonly [first: number, end: number] {
    const { atMs } = this.lanes.events;
    return [lowerBound(atMs, fromMs), lowerBound(atMs, toMs + 1e-9)];
  }

  messagesIn(fromMs: number, toMs: number, visit: (message: number) => void): void {
    this.#messages.in(fromMs, toMs, visit);
  }

  spansIn(fromMs: number, toMs: number, visit: (span: number) => void): void {
    this.#spans.in(fromMs, toMs, visit);
  }

  beginOfSpan(span: number): number {
    return this.#spans.begins[span] as number;
  }

  endOfSpan(span: number): number {
    return this.#spans.ends[span] as number;
  }

  /** Events that take the message once more. */
  deliveredAgain(message: number): readonly number[] {
    return this.#again.get(message) ?? [];
  }

  /** Adds to `counts` (by lane, then class) the events from `first` to before `end`. */
  count(first: number, end: number, counts: Uint32Array): void {
    const [from, to] = [Math.ceil(first / blockEvents), Math.floor(end / blockEvents)];
    if (from >= to) {
      this.#countEach(first, end, counts);
      return;
    }
    this.#countEach(first, from * blockEvents, counts);
    for (let cell = 0; cell < this.cells; cell++) {
      const until = this.#before[to * this.cells + cell] as number;
      const before = this.#before[from * this.cells + cell] as number;
      counts[cell] = (counts[cell] as number) + until - before;
    }
    this.#countEach(to * blockEvents, end, counts);
  }

  #countEach(first: number, end: number, counts: Uint32Array): void {
    const { lane, kind } = this.lanes.events;
    for (let event = first; event < end; event++) {
      const cell =
        (lane[event] as number) * densityClasses.length +
        (classOf[kind[event] as number] as number);
      counts[cell] = (counts[cell] as number) + 1;
    }
  }

  #countBlocks(): Uint32Array {
    const { count } = this.lanes.events;
    const blocks = Math.floor(count / blockEvents) + 1;
    const before = new Uint32Array(blocks * this.cells);
    const counts = new Uint32Array(this.cells);
    for (let block = 0; block < blocks; block++) {
      before.set(counts, block * this.cells);
      const first = block * blockEvents;
      this.#countEach(first, Math.min(count, first + blockEvents), counts);
    }
    return before;
  }
}

function rowsOf({ spans }: Lanes, lane: number): number {
  let rows = 0;
  for (let span = 0; span < spans.count; span++) {
    if (spans.lane[span] === lane) rows = Math.max(rows, (spans.row[span] as number) + 1);
  }
  return rows;
}

function deliveredAgain({ events, messages }: Lanes): Map<number, number[]> {
  const again = new Map<number, number[]>();
  const delivered = laneEventKinds.indexOf('delivered');
  for (let event = 0; event < events.count; event++) {
    const message = events.message[event] as number;
    if (events.kind[event] !== delivered || message === noEvent) continue;
    if (messages.delivered[message] === event) continue;
    pushTo(again, message, event);
  }
  return again;
}

/**
 * Intervals in the order of their begins. Over them stands a tree of their latest ends, so that whoever asks for a stretch
 * of time passes over all that had ended before.
 */
class Intervals {
  readonly begins: Float64Array;
  readonly ends: Float64Array;
  /** By level: of so many of the level below, the latest end. */
  readonly #levels: Float64Array[] = [];

  constructor(count: number, of: (each: number) => readonly [begin: number, end: number]) {
    this.begins = new Float64Array(count);
    this.ends = new Float64Array(count);
    for (let each = 0; each < count; each++) {
      [this.begins[each], this.ends[each]] = of(each) as [number, number];
    }
    for (let below = this.ends; below.length > 1; ) {
      const level = new Float64Array(Math.ceil(below.length / fanOut)).fill(-Infinity);
      for (let at = 0; at < below.length; at++) {
        const above = Math.floor(at / fanOut);
        level[above] = Math.max(level[above] as number, below[at] as number);
      }
      this.#levels.push(level);
      below = level;
    }
  }

  in(from: number, to: number, visit: (each: number) => void): void {
    const end = lowerBound(this.begins, to);
    let at = end;
    while (at < this.begins.length && this.begins[at] === to) at++;
    this.#visit(this.#levels.length, 0, at, from, visit);
  }

  /** What ends at `from` or later below this node of the tree, up to place `end`. */
  #visit(
    level: number,
    node: number,
    end: number,
    from: number,
    visit: (each: number) => void,
  ): void {
    const ends = level === 0 ? this.ends : (this.#levels[level - 1] as Float64Array);
    if (!((ends[node] as number) >= from)) return;
    if (level === 0) {
      visit(node);
      return;
    }
    const size = fanOut ** (level - 1);
    for (let child = node * fanOut; child < (node + 1) * fanOut; child++) {
      if (child * size >= end) return;
      this.#visit(level - 1, child, end, from, visit);
    }
  }
}

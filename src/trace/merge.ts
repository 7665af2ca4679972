/**
 * The events of all nodes as one sequence in which none comes before one that it knows of (a linear extension of
 * happened-before: Lamport 1978); where both orders would do, the earlier one by its clock comes first, then the lesser node.
 *
 * Each source has its node's events in their order, so an event may go as soon as every source is past what the event knows
 * of its node. Only the next event of each source is held.
 */
import { definiteError } from '../core/errors.js';
import type { NodeId } from '../core/ids.js';
import { compareNodes } from '../core/node-order.js';
import type { TraceEvent } from '../core/trace-event.js';
import { knownOf } from './line.js';

/** The events of one node in their order. One source alone may also have all of them, merged before. */
export interface TraceSource {
  /** Whose they are, if that is known before the first. */
  readonly node: NodeId | null;
  /** Whether its last event is cut off. */
  readonly isCut: boolean;
  /** `later`: there is none at present. `null`: nor will there be. */
  next(): TraceEvent | 'later' | null;
}

/** Events that are not in the trace. */
export interface TraceGap {
  readonly node: NodeId;
  /**
   * `begin`: what came first. `killed`: what came before a start. `end`: what came last. `late`: nothing; what follows
   * happened before what has gone already.
   */
  readonly gap: 'begin' | 'killed' | 'between' | 'end' | 'late';
}

export type Merged = TraceEvent | TraceGap;

export const isGap = (either: object): either is TraceGap => 'gap' in either;

/** What became of a message has the place of its `sent` in the order, and is no event of its own. */
export function isFate({ data: { type } }: TraceEvent): boolean {
  return type === 'lost' || type === 'held' || type === 'doubled';
}

export const ownOf = ({ node, clock }: TraceEvent): number => knownOf(clock, node);

interface Stream {
  readonly source: TraceSource;
  /** Whose events it has, once that is known. */
  node: NodeId | null;
  head: TraceEvent | null;
  state: 'more' | 'later' | 'ended';
}

export class Merge {
  readonly #streams: Stream[] = [];
  /** How many events of each node have gone, gaps counted. */
  readonly #seen = new Map<NodeId, number>();
  /** How many events of each node those that have gone know of. */
  readonly #known = new Map<NodeId, number>();
  readonly #gaps: TraceGap[] = [];
  #next: TraceEvent | null = null;
  #isOver = false;

  constructor(sources: readonly TraceSource[]) {
    for (const source of sources) this.add(source);
  }

  add(source: TraceSource): void {
    this.#streams.push({ source, node: source.node, head: null, state: 'more' });
  }

  /** An event is there and has to wait for others. */
  get isWaiting(): boolean {
    return this.#streams.some(({ head }) => head !== null);
  }

  /**
   * The next event or gap; `null` when there will be no more; `later` when some source may have one at any time that must go
   * first. `isPatient` false: whatever is there goes.
   */
  next(isPatient = true): Merged | 'later' | null {
    const gap = this.#gaps.shift();
    if (gap !== undefined) return gap;
    if (this.#next !== null) {
      const event = this.#next;
      this.#next = null;
      return event;
    }
    for (const stream of this.#streams) this.#fill(stream);
    const chosen = this.#choose(isPatient);
    if (chosen === null) return this.#end();
    if (chosen === 'later') return 'later';
    const event = chosen.head as TraceEvent;
    chosen.head = null;
    if (!isFate(event)) this.#count(event);
    if (this.#gaps.length === 0) return event;
    this.#next = event;
    return this.#gaps.shift() as TraceGap;
  }

  #fill(stream: Stream): void {
    if (stream.head !== null || stream.state === 'ended') return;
    const event = stream.source.next();
    if (event === null) stream.state = 'ended';
    else if (event === 'later') stream.state = 'later';
    else {
      stream.state = 'more';
      stream.head = event;
      if (isFate(event)) return;
      stream.node ??= event.node;
      if (stream.node === event.node || this.#streams.length === 1) return;
      throw definiteError(
        'config',
        `one of several files has events of ${stream.node} and of ${event.node}`,
        'Give one file for each node, or one alone that has all in order.',
      );
    }
  }

  /** The earliest that nothing has to go before. */
  #choose(isPatient: boolean): Stream | 'later' | null {
    let isWaiting = false;
    let best: Stream | null = null;
    let least: Stream | null = null;
    for (const stream of this.#streams) {
      const { head, state } = stream;
      isWaiting ||= state === 'later';
      if (head === null) continue;
      if (least === null || isEarlier(head, least.head as TraceEvent)) least = stream;
      if (best !== null && !isEarlier(head, best.head as TraceEvent)) continue;
      if (!this.#isBlocked(stream, isPatient)) best = stream;
    }
    if (best !== null) return best;
    if (isWaiting && (isPatient || least === null)) return 'later';
    // Clocks that contradict each other: no order is right.
    return least;
  }

  #isBlocked(stream: Stream, isPatient: boolean): boolean {
    const event = stream.head as TraceEvent;
    for (const other of this.#streams) {
      const { node, head, state } = other;
      if (other === stream || node === null || state === 'ended') continue;
      const known = knownOf(event.clock, node);
      // What is known already of events that have not come was not waited for.
      if (known <= Math.max(this.#seen.get(node) ?? 0, this.#known.get(node) ?? 0)) continue;
      if (head === null ? isPatient : isFate(head) || ownOf(head) <= known) return true;
    }
    return false;
  }

  #count(event: TraceEvent): void {
    const { node, clock, data } = event;
    const own = ownOf(event);
    const seen = this.#seen.get(node) ?? 0;
    if (own <= seen) {
      throw definiteError(
        'config',
        `event ${own} of ${node} comes after its event ${seen}: these are several traces, or none`,
      );
    }
    if (own > seen + 1) {
      const isFirst = !this.#seen.has(node);
      const gap = isFirst ? 'begin' : data.type === 'start' ? 'killed' : 'between';
      this.#gaps.push({ node, gap });
    }
    if (own <= (this.#known.get(node) ?? 0)) this.#gaps.push({ node, gap: 'late' });
    this.#seen.set(node, own);
    for (const other in clock) {
      const known = clock[other] as number;
      if (other !== node && known > (this.#known.get(other) ?? 0)) this.#known.set(other, known);
    }
  }

  #end(): TraceGap | null {
    if (this.#isOver) return null;
    this.#isOver = true;
    const cut = this.#streams.filter(({ source }) => source.isCut).map(({ node }) => node);
    const told = [...this.#known].filter(([node, known]) => known > (this.#seen.get(node) ?? 0));
    for (const node of new Set([...told.map(([name]) => name), ...cut])) {
      if (node !== null) this.#gaps.push({ node, gap: 'end' });
    }
    return this.#gaps.shift() ?? null;
  }
}

function isEarlier(a: TraceEvent, b: TraceEvent): boolean {
  return a.atMs === b.atMs ? compareNodes(a.node, b.node) < 0 : a.atMs < b.atMs;
}

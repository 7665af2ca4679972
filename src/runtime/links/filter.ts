import type { NodeId } from '../../core/ids.js';
import type { Random } from '../../core/random.js';
import type { TracedFate } from '../../core/trace-event.js';
import { type LinkRules, noRules, ruleCount, rulesFrom } from '../../faults/link-rules.js';
import type { Clock, Link } from '../ports.js';
import { Path } from './path.js';
import { MessageCounts } from './single-messages.js';

type Fate = TracedFate['type'];

export interface FilterOptions<M> {
  /** About how many bytes a message takes on its way; asked only of what does not leave at once. */
  readonly weigh?: (message: M) => number;
  /** Told what becomes of messages that do not arrive at once and as they are. */
  readonly onFate?: FateObserver<M>;
  /** Of rules about single messages, where they outlive this link. */
  readonly counts?: MessageCounts;
}

export type FateObserver<M> = (
  fate: Fate,
  from: NodeId,
  to: NodeId,
  message: M,
  why: string,
) => void;

/**
 * The one fault filter, whatever the link beneath: a node's link to its peers with the cluster's {@link LinkRules} in
 * force. Cuts are looked at on both ends, so that a partition also stops what is already on its way.
 */
export class FilteredLink<M> implements Link<M> {
  readonly #self: NodeId;
  readonly #inner: Link<M>;
  readonly #clock: Clock;
  readonly #randomTo: (to: NodeId) => Random;
  readonly #options: FilterOptions<M>;
  readonly #counts: MessageCounts;
  /** To those on the way to whom a rule does something, or something is still held back. */
  readonly #paths = new Map<NodeId, Path<M>>();
  #cutTo = new Set<NodeId>();
  #cutFrom = new Set<NodeId>();
  /** Whatever this node sends leaves at once and as it is. */
  #isClear = true;
  #sentCount = 0;
  #lostCount = 0;
  receivedCount = 0;
  receivedBytes = 0;

  constructor(
    self: NodeId,
    inner: Link<M>,
    clock: Clock,
    randomTo: (to: NodeId) => Random,
    options: FilterOptions<M> = {},
  ) {
    this.#self = self;
    this.#inner = inner;
    this.#clock = clock;
    this.#randomTo = randomTo;
    this.#options = options;
    this.#counts = options.counts ?? new MessageCounts();
  }

  /** Messages that have left. */
  get sentCount(): number {
    return this.#sentCount;
  }

  /** Messages that rules have lost, on their way from here or to here. */
  get lostCount(): number {
    return this.#lostCount;
  }

  /** Rules hold something back on its way from here, or did when they were taken away. */
  get isHolding(): boolean {
    for (const path of this.#paths.values()) if (!path.isIdle) return true;
    return false;
  }

  /** What a node tells of it in its status. */
  get facts(): readonly (readonly [string, number])[] {
    return this.#lostCount === 0 ? [] : [['lost by faults', this.#lostCount]];
  }

  setRules(rules: LinkRules): void {
    const self = this.#self;
    this.#cutTo = new Set();
    this.#cutFrom = new Set();
    for (const { from, to } of rules.cuts) {
      if (from === self) this.#cutTo.add(to);
      if (to === self) this.#cutFrom.add(from);
    }
    this.#counts.keep(rules.singles);
    // Mostly there are cuts only, and simulations change them all the time.
    if (this.#paths.size > 0 || ruleCount(rules) > rules.cuts.length) this.#setPaths(rules);
    this.#isClear = this.#cutTo.size + this.#paths.size === 0;
  }

  send(to: NodeId, messages: readonly M[]): void {
    if (this.#isClear) this.#pass(to, messages);
    else if (this.#cutTo.has(to)) {
      this.#paths.get(to)?.skip(messages);
      this.#note(messages, 'lost', this.#self, to, cutWords);
    } else {
      const path = this.#paths.get(to);
      if (path === undefined) this.#pass(to, messages);
      else path.send(messages);
    }
  }

  #pass(to: NodeId, messages: readonly M[]): void {
    this.#sentCount += messages.length;
    this.#inner.send(to, messages);
  }

  onReceive(handler: (from: NodeId, messages: readonly M[], bytes: number) => void): void {
    this.#inner.onReceive((from, messages, bytes) => {
      if (this.#cutFrom.has(from)) this.#note(messages, 'lost', from, this.#self, cutWords);
      else {
        this.receivedCount += messages.length;
        this.receivedBytes += bytes;
        handler(from, messages, bytes);
      }
    });
  }

  hold(from: NodeId, held: boolean): void {
    this.#inner.hold(from, held);
  }

  get bytesWaiting(): number {
    return this.#inner.bytesWaiting;
  }

  onRelief(handler: () => void): void {
    this.#inner.onRelief(handler);
  }

  close(): void {
    for (const path of this.#paths.values()) path.clear();
    this.#inner.close();
  }

  #setPaths(rules: LinkRules): void {
    const ruled = rulesFrom(this.#self, rules);
    for (const to of new Set([...ruled.keys(), ...this.#paths.keys()])) {
      const path = this.#paths.get(to) ?? this.#pathTo(to);
      path.setRules(ruled.get(to) ?? noRules);
      if (ruled.has(to) || !path.isIdle) this.#paths.set(to, path);
      else this.#paths.delete(to);
    }
  }

  #pathTo(to: NodeId): Path<M> {
    return new Path({
      counts: this.#counts,
      clock: this.#clock,
      random: this.#randomTo(to),
      weigh: this.#options.weigh ?? (() => 0),
      deliver: (messages) => {
        if (this.#cutTo.has(to)) this.#note(messages, 'lost', this.#self, to, cutWords);
        else this.#pass(to, messages);
      },
      onFate: (messages, fate, why) => this.#note(messages, fate, this.#self, to, why),
    });
  }

  #note(messages: readonly M[], fate: Fate, from: NodeId, to: NodeId, why: string): void {
    if (fate === 'lost') this.#lostCount += messages.length;
    const { onFate } = this.#options;
    if (onFate !== undefined) for (const message of messages) onFate(fate, from, to, message, why);
  }
}

const cutWords = 'cut';

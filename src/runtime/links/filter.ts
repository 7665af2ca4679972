import type { Millis, NodeId } from '../../core/ids.js';
import type { Random } from '../../core/random.js';
import { type Direction, type LinkRules, noRules } from '../../faults/link-rules.js';
import type { Clock, Link } from '../ports.js';

/** How much one direction may hold back; past it messages are lost, as on a full router. */
const heldBatchesMax = 65_536;

const nowhere = new Map<NodeId, never>();

/**
 * The one fault filter, whatever the link beneath: a node's link to its peers with the cluster's {@link LinkRules} in
 * force. Cuts are looked at on both ends, so that a partition also stops what is already on its way.
 */
export class FilteredLink<M> implements Link<M> {
  readonly #self: NodeId;
  readonly #inner: Link<M>;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #held = new Map<NodeId, DelayLine<M>>();
  #cutTo = new Set<NodeId>();
  #cutFrom = new Set<NodeId>();
  #meanDelayTo: ReadonlyMap<NodeId, Millis> = nowhere;
  #lossTo: ReadonlyMap<NodeId, number> = nowhere;
  #duplicationTo: ReadonlyMap<NodeId, number> = nowhere;
  #reorderingTo: ReadonlyMap<NodeId, LinkRules['reorderings'][number]> = nowhere;
  /** Whether some message may be lost, doubled or overtaken. */
  #isUnsteady = false;
  /** Of messages that others are overtaking. */
  readonly #cancelOvertaken = new Set<() => void>();
  rules: LinkRules = noRules;

  constructor(self: NodeId, inner: Link<M>, clock: Clock, random: Random) {
    this.#self = self;
    this.#inner = inner;
    this.#clock = clock;
    this.#random = random;
  }

  setRules(rules: LinkRules): void {
    const self = this.#self;
    this.rules = rules;
    this.#cutTo = new Set(rules.cuts.filter((cut) => cut.from === self).map((cut) => cut.to));
    this.#cutFrom = new Set(rules.cuts.filter((cut) => cut.to === self).map((cut) => cut.from));
    this.#meanDelayTo = from(self, rules.delays, ({ meanMs }) => meanMs);
    this.#lossTo = from(self, rules.losses, ({ chance }) => chance);
    this.#duplicationTo = from(self, rules.duplications, ({ chance }) => chance);
    this.#reorderingTo = from(self, rules.reorderings, (rule) => rule);
    this.#isUnsteady = this.#lossTo.size + this.#duplicationTo.size + this.#reorderingTo.size > 0;
  }

  send(to: NodeId, messages: readonly M[]): void {
    if (this.#cutTo.has(to)) return;
    if (this.#isUnsteady) this.#pass(to, this.#disturbed(to, messages));
    else this.#pass(to, messages);
  }

  #pass(to: NodeId, messages: readonly M[]): void {
    if (messages.length === 0) return;
    const meanMs = this.#meanDelayTo.get(to) ?? 0;
    const line = this.#held.get(to);
    // While earlier batches are held back, later ones queue behind them even if the delay is gone by now.
    if (meanMs === 0 && (line === undefined || line.isEmpty)) this.#inner.send(to, messages);
    else this.#hold(to, messages, this.#random.next() * 2 * meanMs);
  }

  onReceive(handler: (from: NodeId, messages: readonly M[], bytes: number) => void): void {
    this.#inner.onReceive((from, messages, bytes) => {
      if (!this.#cutFrom.has(from)) handler(from, messages, bytes);
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
    for (const line of this.#held.values()) line.clear();
    for (const cancel of this.#cancelOvertaken) cancel();
    this.#inner.close();
  }

  /** What is left of a batch when messages were lost and doubled, and some are to be overtaken. */
  #disturbed(to: NodeId, messages: readonly M[]): M[] {
    const loss = this.#lossTo.get(to) ?? 0;
    const duplication = this.#duplicationTo.get(to) ?? 0;
    const reordering = this.#reorderingTo.get(to);
    const kept: M[] = [];
    for (const message of messages) {
      if (this.#random.chance(loss)) continue;
      const copies = this.#random.chance(duplication) ? 2 : 1;
      for (let copy = 0; copy < copies; copy++) {
        if (reordering === undefined || !this.#random.chance(reordering.chance)) kept.push(message);
        else this.#holdBack(to, message, reordering.heldMsMax);
      }
    }
    return kept;
  }

  #holdBack(to: NodeId, message: M, heldMsMax: Millis): void {
    if (this.#cancelOvertaken.size >= heldBatchesMax) return;
    const dueAt = this.#clock.now() + this.#random.next() * heldMsMax;
    const cancel = this.#clock.at(dueAt, () => {
      this.#cancelOvertaken.delete(cancel);
      if (!this.#cutTo.has(to)) this.#inner.send(to, [message]);
    });
    this.#cancelOvertaken.add(cancel);
  }

  #hold(to: NodeId, messages: readonly M[], delayMs: Millis): void {
    let line = this.#held.get(to);
    if (line === undefined) {
      line = new DelayLine(this.#clock, (batch) => {
        if (!this.#cutTo.has(to)) this.#inner.send(to, batch);
      });
      this.#held.set(to, line);
    }
    line.push(messages, this.#clock.now() + delayMs);
  }
}

/** What rules say of the directions that begin here, by where they lead. */
function from<D extends Direction, T>(
  self: NodeId,
  directions: readonly D[],
  ruleOf: (direction: D) => T,
): ReadonlyMap<NodeId, T> {
  // Mostly there is none, and a Map for it would be made at every change of the rules.
  if (directions.length === 0) return nowhere;
  const own = directions.filter((direction) => direction.from === self);
  return new Map(own.map((direction) => [direction.to, ruleOf(direction)]));
}

/** Batches on their way in one direction, in order, on one alarm of the clock. */
class DelayLine<M> {
  readonly #clock: Clock;
  readonly #deliver: (messages: readonly M[]) => void;
  #queue: { readonly due: Millis; readonly messages: readonly M[] }[] = [];
  #cancelAlarm: (() => void) | null = null;

  constructor(clock: Clock, deliver: (messages: readonly M[]) => void) {
    this.#clock = clock;
    this.#deliver = deliver;
  }

  get isEmpty(): boolean {
    return this.#queue.length === 0;
  }

  push(messages: readonly M[], due: Millis): void {
    if (this.#queue.length >= heldBatchesMax) return;
    const last = this.#queue[this.#queue.length - 1];
    this.#queue.push({ due: last === undefined ? due : Math.max(due, last.due), messages });
    if (this.#queue.length === 1) this.#arm();
  }

  clear(): void {
    this.#queue = [];
    this.#cancelAlarm?.();
    this.#cancelAlarm = null;
  }

  #arm(): void {
    const first = this.#queue[0];
    if (first === undefined) return;
    this.#cancelAlarm = this.#clock.at(first.due, () => {
      this.#cancelAlarm = null;
      this.#deliverDue();
      this.#arm();
    });
  }

  #deliverDue(): void {
    const now = this.#clock.now();
    let due = 0;
    for (const { due: at } of this.#queue) {
      if (at > now) break;
      due++;
    }
    for (const { messages } of this.#queue.splice(0, due)) this.#deliver(messages);
  }
}

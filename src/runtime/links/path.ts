/** What rules do to what one direction carries: loss, doubling, overtaking, delay, bandwidth; to all, or to one message. */
import type { Millis } from '../../core/ids.js';
import { linkLimits } from '../../core/limits.js';
import type { Random } from '../../core/random.js';
import type { TracedFate } from '../../core/trace-event.js';
import {
  type BandwidthRule,
  type DelayRule,
  drawDelayMs,
  type LinkRules,
  linkRuleKinds,
  type ReorderRule,
  type RuleScope,
  type SingleRule,
} from '../../faults/link-rules.js';
import type { Clock } from '../ports.js';
import { MessageCounts, SingleMessages } from './single-messages.js';

/** How many batches one line, and how many bytes one direction may hold back; past it messages are lost, as on a full router. */
const heldBatchesMax = 65_536;
const heldBytesMax = linkLimits.bytesWaitingMax;

type Fate = TracedFate['type'];

type LineClock = Pick<Clock, 'now' | 'at'>;

export interface PathSetup<M> {
  readonly clock: LineClock;
  readonly random: Pick<Random, 'next' | 'chance'>;
  /** About how many bytes a message takes on its way; asked only of what does not leave at once. */
  readonly weigh: (message: M) => number;
  readonly deliver: (messages: readonly M[]) => void;
  readonly onFate: (messages: readonly M[], fate: Fate, why: string) => void;
  /** Of rules about single messages; absent: there are none. */
  readonly counts?: MessageCounts;
}

/** What is done to messages of one type, or to those whose type no rule names. */
interface Treatment {
  readonly loss: number;
  readonly duplication: number;
  readonly reordering: ReorderRule | null;
  readonly delay: DelayRule | null;
  readonly pipe: Pipe | null;
  /** In which they wait, in order: one for all, or one of their type. */
  readonly line: string;
}

const all = '';

const typeOf = (message: unknown): string => (message as { readonly type: string }).type;

const unharmed: Treatment = {
  loss: 0,
  duplication: 0,
  reordering: null,
  delay: null,
  pipe: null,
  line: all,
};

/** One direction of a link, with what is on its way. */
export class Path<M> {
  readonly #setup: PathSetup<M>;
  readonly #lines = new Map<string, Line<M>>();
  readonly #pipes = new Map<string, Pipe>();
  /** Of messages that others are overtaking. */
  readonly #cancelOvertaken = new Set<() => void>();
  /** Of what waits in lines and of what is being overtaken. */
  #heldBytes = 0;
  readonly #treatments = new Map<string, Treatment>();
  #treatmentOfOthers: Treatment = unharmed;
  readonly #singles: SingleMessages;
  /** Every message fares alike but for single ones, and a batch may stay one. */
  #isWholesale = true;

  constructor(setup: PathSetup<M>) {
    this.#setup = setup;
    this.#singles = new SingleMessages(setup.counts ?? new MessageCounts());
  }

  /** Those of this direction. What is held back stays so, and what follows does not overtake it. */
  setRules(rules: LinkRules): void {
    const ruled = linkRuleKinds.flatMap((kind): readonly RuleScope[] =>
      kind === 'singles' ? [] : rules[kind],
    );
    const waiting = [...this.#lines].filter(([, line]) => !line.isEmpty).map(([name]) => name);
    this.#singles.setRules(rules.singles);
    this.#treatments.clear();
    this.#treatmentOfOthers = this.#treatmentOf(all, rules);
    for (const name of [...ruled.map(({ type = all }) => type), ...waiting]) {
      if (name !== all) this.#treatments.set(name, this.#treatmentOf(name, rules));
    }
    const { loss, duplication, reordering, pipe } = this.#treatmentOfOthers;
    this.#isWholesale =
      loss + duplication === 0 &&
      reordering === null &&
      pipe === null &&
      this.#treatments.size === 0;
  }

  /** It holds nothing back. */
  get isIdle(): boolean {
    if (this.#cancelOvertaken.size > 0) return false;
    for (const line of this.#lines.values()) if (!line.isEmpty) return false;
    return true;
  }

  send(messages: readonly M[]): void {
    if (this.#isWholesale && this.#singles.isOver) this.#pass(messages, this.#treatmentOfOthers);
    else this.#sort(messages);
  }

  /** They are sent, and the direction carries nothing: they count. */
  skip(messages: readonly M[]): void {
    if (!this.#singles.isOver) for (const message of messages) this.#singles.next(typeOf(message));
  }

  clear(): void {
    for (const line of this.#lines.values()) line.clear();
    for (const cancel of this.#cancelOvertaken) cancel();
    this.#cancelOvertaken.clear();
    this.#heldBytes = 0;
  }

  #treatmentOf(name: string, rules: LinkRules): Treatment {
    const ruleIn = <R extends RuleScope>(list: readonly R[]): R | null =>
      list.find(({ type = all }) => type === name) ??
      list.find(({ type = all }) => type === all) ??
      null;
    const delay = ruleIn(rules.delays);
    const bandwidth = ruleIn(rules.bandwidths);
    const isApart =
      delay?.type === name || bandwidth?.type === name || this.#lines.get(name)?.isEmpty === false;
    return {
      loss: ruleIn(rules.losses)?.chance ?? 0,
      duplication: ruleIn(rules.duplications)?.chance ?? 0,
      reordering: ruleIn(rules.reorderings),
      delay: delay !== null && delay.meanMs > 0 ? delay : null,
      pipe: bandwidth === null ? null : this.#pipe(bandwidth),
      line: isApart ? name : all,
    };
  }

  #pipe(rule: BandwidthRule): Pipe {
    const { type = all } = rule;
    const pipe = this.#pipes.get(type) ?? new Pipe(rule);
    pipe.rule = rule;
    this.#pipes.set(type, pipe);
    return pipe;
  }

  /** Passes on what is neither lost nor overtaken, those that fare alike together. */
  #sort(messages: readonly M[]): void {
    const { random, onFate } = this.#setup;
    let kept: M[] = [];
    let treatment = this.#treatmentOfOthers;
    for (const message of messages) {
      const own = this.#treatments.get(typeOf(message)) ?? this.#treatmentOfOthers;
      if (own !== treatment) {
        this.#pass(kept, treatment);
        kept = [];
        treatment = own;
      }
      const meant = this.#singles.next(typeOf(message));
      if (meant.length > 0) {
        kept.push(...this.#single(message, meant));
        continue;
      }
      if (own.loss > 0 && random.chance(own.loss)) {
        onFate([message], 'lost', 'dropped');
        continue;
      }
      const copies = own.duplication > 0 && random.chance(own.duplication) ? 2 : 1;
      if (copies === 2) onFate([message], 'doubled', 'duplicated');
      for (let copy = 0; copy < copies; copy++) {
        const { reordering } = own;
        if (reordering !== null && random.chance(reordering.chance)) {
          this.#holdBack(message, () => random.next() * reordering.heldMsMax, 'overtaken');
        } else kept.push(message);
      }
    }
    this.#pass(kept, treatment);
  }

  /** What becomes of a message that rules mean alone: how often it goes on at once. */
  #single(message: M, rules: readonly SingleRule[]): M[] {
    const { onFate } = this.#setup;
    const of = (fate: SingleRule['fate']) => rules.find((rule) => rule.fate === fate);
    const [lost, doubled, held] = [of('lost'), of('doubled'), of('held')];
    if (lost !== undefined) {
      onFate([message], 'lost', `dropped, ${numbered(lost)}`);
      return [];
    }
    if (doubled !== undefined) onFate([message], 'doubled', `duplicated, ${numbered(doubled)}`);
    const copies = doubled === undefined ? [message] : [message, message];
    if (held === undefined) return copies;
    for (const copy of copies) {
      this.#holdBack(copy, () => held.heldMs, `delayed, ${numbered(held)}`);
    }
    return [];
  }

  #pass(messages: readonly M[], { delay, pipe, line }: Treatment): void {
    if (messages.length === 0) return;
    const waiting = this.#lines.get(line);
    // While earlier ones are held back, later ones queue behind them even if the delay is gone by now.
    if (delay === null && pipe === null && (waiting === undefined || waiting.isEmpty)) {
      this.#setup.deliver(messages);
    } else if (pipe === null) {
      this.#hold(messages, line, this.#setup.clock.now() + this.#drawMs(delay), 'delayed');
    } else for (const message of messages) this.#squeeze(message, pipe, delay, line);
  }

  #squeeze(message: M, pipe: Pipe, delay: DelayRule | null, line: string): void {
    const { clock, weigh, onFate } = this.#setup;
    const leavesAt = pipe.admit(weigh(message), clock.now());
    if (leavesAt === null) onFate([message], 'lost', 'no room on a slow link');
    else this.#hold([message], line, leavesAt + this.#drawMs(delay), 'on a slow link');
  }

  #drawMs(rule: DelayRule | null): Millis {
    const { random } = this.#setup;
    return rule === null ? 0 : drawDelayMs(rule, () => random.next());
  }

  #hold(messages: readonly M[], name: string, due: Millis, why: string): void {
    const { clock, weigh, onFate } = this.#setup;
    let line = this.#lines.get(name);
    if (line === undefined) {
      line = new Line(clock, this.#release);
      this.#lines.set(name, line);
    }
    let bytes = 0;
    for (const message of messages) bytes += weigh(message);
    if (this.#hasRoom(bytes) && line.push({ messages, bytes, due })) {
      this.#heldBytes += bytes;
      onFate(messages, 'held', why);
    } else onFate(messages, 'lost', 'too many are held back');
  }

  readonly #release = ({ messages, bytes }: Held<M>): void => {
    this.#heldBytes -= bytes;
    this.#setup.deliver(messages);
  };

  #hasRoom(bytes: number): boolean {
    return this.#heldBytes + bytes <= heldBytesMax;
  }

  /** Others overtake it meanwhile. */
  #holdBack(message: M, drawMs: () => Millis, why: string): void {
    const { clock, weigh, onFate } = this.#setup;
    const bytes = weigh(message);
    if (this.#cancelOvertaken.size >= heldBatchesMax || !this.#hasRoom(bytes)) {
      onFate([message], 'lost', 'too many are held back');
      return;
    }
    const due = clock.now() + drawMs();
    const cancel = clock.at(due, () => {
      this.#cancelOvertaken.delete(cancel);
      this.#release({ messages: [message], bytes, due });
    });
    this.#cancelOvertaken.add(cancel);
    this.#heldBytes += bytes;
    onFate([message], 'held', why);
  }
}

const numbered = ({ nth }: SingleRule): string => `number ${nth}`;

/** A limited bandwidth: messages leave through it one after the other. */
class Pipe {
  rule: BandwidthRule;
  #freeAt: Millis = 0;

  constructor(rule: BandwidthRule) {
    this.rule = rule;
  }

  /** When a message of so many bytes has left, should it come now; `null`: too many wait. */
  admit(bytes: number, now: Millis): Millis | null {
    const { bytesPerSecond, queueBytes } = this.rule;
    const msPerByte = 1000 / bytesPerSecond;
    const waitsMs = Math.max(0, this.#freeAt - now);
    if (waitsMs > 0 && waitsMs / msPerByte + bytes > queueBytes) return null;
    this.#freeAt = now + waitsMs + bytes * msPerByte;
    return this.#freeAt;
  }
}

interface Held<M> {
  readonly messages: readonly M[];
  readonly bytes: number;
  readonly due: Millis;
}

/** Batches on their way, in order, on one alarm of the clock. */
class Line<M> {
  readonly #clock: LineClock;
  readonly #release: (held: Held<M>) => void;
  #queue: Held<M>[] = [];
  #cancelAlarm: (() => void) | null = null;

  constructor(clock: LineClock, release: (held: Held<M>) => void) {
    this.#clock = clock;
    this.#release = release;
  }

  get isEmpty(): boolean {
    return this.#queue.length === 0;
  }

  /** False: there is no room. */
  push(held: Held<M>): boolean {
    if (this.#queue.length >= heldBatchesMax) return false;
    const last = this.#queue[this.#queue.length - 1];
    this.#queue.push(
      last === undefined || last.due <= held.due ? held : { ...held, due: last.due },
    );
    if (this.#queue.length === 1) this.#arm();
    return true;
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
    for (const held of this.#queue.splice(0, due)) this.#release(held);
  }
}

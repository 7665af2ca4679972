import { type SingleRule, scopeName } from '../../faults/link-rules.js';

/** How many messages each rule about single ones has seen. It lasts as long as rules do: they go on counting where they were. */
export class MessageCounts {
  readonly #onDone: (rule: SingleRule) => void;
  readonly #seen = new Map<string, number>();

  /** `onDone`: the message that a rule means is here. */
  constructor(onDone: (rule: SingleRule) => void = () => {}) {
    this.#onDone = onDone;
  }

  isDone(rule: SingleRule): boolean {
    return (this.#seen.get(scopeName(rule)) ?? 0) >= rule.nth;
  }

  /** One message more; whether it is the one. */
  count(rule: SingleRule): boolean {
    const name = scopeName(rule);
    const seen = (this.#seen.get(name) ?? 0) + 1;
    this.#seen.set(name, seen);
    if (seen === rule.nth) this.#onDone(rule);
    return seen >= rule.nth;
  }

  /** Forgets those of other rules. */
  keep(rules: readonly SingleRule[]): void {
    if (this.#seen.size === 0) return;
    const names = new Set(rules.map(scopeName));
    for (const name of this.#seen.keys()) if (!names.has(name)) this.#seen.delete(name);
  }
}

const nobody: readonly SingleRule[] = [];

/** Which messages of one direction are those that rules about single ones mean. */
export class SingleMessages {
  readonly #counts: MessageCounts;
  /** Whose message is still to come. */
  #pending: readonly SingleRule[] = nobody;

  constructor(counts: MessageCounts) {
    this.#counts = counts;
  }

  get isOver(): boolean {
    return this.#pending.length === 0;
  }

  setRules(rules: readonly SingleRule[]): void {
    this.#pending = rules.filter((rule) => !this.#counts.isDone(rule));
  }

  /** Counts one message that is sent, and says who meant it. */
  next(type: string): readonly SingleRule[] {
    const isAbout = (rule: SingleRule): boolean => (rule.type ?? type) === type;
    const due = this.#pending.filter((rule) => isAbout(rule) && this.#counts.count(rule));
    if (due.length > 0) this.#pending = this.#pending.filter((rule) => !due.includes(rule));
    return due;
  }
}

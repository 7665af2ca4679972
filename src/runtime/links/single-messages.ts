import { type SingleRule, scopeName } from '../../faults/link-rules.js';

/** How many messages each rule about single ones has seen, by its name. */
export type MessageCounts = Map<string, number>;

interface Pending {
  readonly rule: SingleRule;
  readonly name: string;
}

const nobody: readonly SingleRule[] = [];

/** Which messages of one direction are those that rules about single ones mean. */
export class SingleMessages {
  readonly #counts: MessageCounts;
  /** Whose message is still to come. */
  #pending: readonly Pending[] = [];

  /** `counts` lasts as long as rules do: they go on counting where they were. */
  constructor(counts: MessageCounts) {
    this.#counts = counts;
  }

  get isOver(): boolean {
    return this.#pending.length === 0;
  }

  setRules(rules: readonly SingleRule[]): void {
    this.#pending = rules
      .map((rule) => ({ rule, name: scopeName(rule) }))
      .filter(({ rule, name }) => this.#countOf(name) < rule.nth);
  }

  /** Counts one message that is sent, and says who meant it. */
  next(type: string): readonly SingleRule[] {
    if (this.isOver) return nobody;
    const about = this.#pending.filter(({ rule }) => (rule.type ?? type) === type);
    for (const { name } of about) this.#counts.set(name, this.#countOf(name) + 1);
    const isDue = ({ rule, name }: Pending): boolean => this.#countOf(name) >= rule.nth;
    const due = about.filter(isDue);
    if (due.length === 0) return nobody;
    this.#pending = this.#pending.filter((each) => !due.includes(each));
    return due.map(({ rule }) => rule);
  }

  #countOf(name: string): number {
    return this.#counts.get(name) ?? 0;
  }
}

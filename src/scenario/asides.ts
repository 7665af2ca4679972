import type { Timing } from '../client/endpoint.js';
import type { Statement } from './program.js';

export type AtStatement = Extract<Statement, { type: 'at' }>;

/** What a script does at moments of its own, aside of what it does one after another. */
export class Asides {
  readonly #statements: readonly AtStatement[];
  readonly #act: (statement: AtStatement) => Promise<void>;
  #cancels: readonly (() => void)[] | null = null;
  readonly #begun: Promise<void>[] = [];

  /** `act` does one, and rejects never. */
  constructor(
    statements: readonly Statement[],
    act: (statement: AtStatement) => Promise<void> = async () => {},
  ) {
    this.#statements = statements.filter((statement) => statement.type === 'at');
    this.#act = act;
  }

  /** From now on their times count; said again, it says nothing. */
  begin(timing: Timing): void {
    this.#cancels ??= this.#statements.map((statement) => {
      // Not a sleep: whoever waits keeps virtual time going. Whoever has waited makes it stand still until it is done.
      const run = (): Promise<void> =>
        timing.wait<void>((resolve) => resolve()).then(() => this.#act(statement), worldIsOver);
      return timing.after(statement.atMs, () => this.#begun.push(run()));
    });
  }

  /** Those to come are left undone, those that have begun come to their end. */
  async end(): Promise<void> {
    for (const cancel of this.#cancels ?? []) cancel();
    await Promise.all(this.#begun);
  }
}

/** Whoever waits is told. */
const worldIsOver = (): void => {};

/**
 * Lines of a script that may be under way together, because nobody could tell: whatever outcome they have side by side,
 * they can have one after the other, too.
 */

/** Past it a line waits although nothing stands in its way. */
const linesMax = 64;

interface Line {
  readonly number: number;
  readonly claims: ReadonlySet<string>;
  /** Resolves, always, when the line is over; then {@link problem} or {@link bug} says how it went. */
  readonly over: Promise<void>;
  isOver: boolean;
  problem: string | null;
  bug: unknown;
}

export class LinesUnderWay {
  readonly #report: (number: number, problem: string) => void;
  /** In the script's order. */
  #lines: Line[] = [];

  /** `report` hears of problems in the order of their lines. */
  constructor(report: (number: number, problem: string) => void) {
    this.#report = report;
  }

  /**
   * Begins a line once no line that claims the same is under way; of one that claims `null`, everything, returns when it
   * is over. `run` resolves to what went wrong. Rejects with what an earlier line, or this one, was rejected with.
   */
  async run(
    number: number,
    claims: readonly string[] | null,
    run: () => Promise<string | null>,
  ): Promise<void> {
    if (claims === null) {
      await this.all();
      const problem = await run();
      if (problem !== null) this.#report(number, problem);
      return;
    }
    const isFull = this.#lines.length >= linesMax;
    const inTheWay = this.#lines.filter((line) => isFull || claims.some((c) => line.claims.has(c)));
    if (inTheWay.length > 0) await Promise.all(inTheWay.map(({ over }) => over));
    this.#settle();
    this.#begin(number, new Set(claims), run);
  }

  /** Returns when nothing is under way. */
  async all(): Promise<void> {
    if (this.#lines.length > 0) await Promise.all(this.#lines.map(({ over }) => over));
    this.#settle();
  }

  #begin(number: number, claims: ReadonlySet<string>, run: () => Promise<string | null>): void {
    const end = (problem: string | null, bug: unknown): void => {
      Object.assign(line, { isOver: true, problem, bug });
    };
    const over = run().then(
      (problem) => end(problem, undefined),
      (bug) => end(null, bug),
    );
    const line: Line = { number, claims, over, isOver: false, problem: null, bug: undefined };
    this.#lines.push(line);
  }

  #settle(): void {
    let count = 0;
    for (const { number, isOver, problem, bug } of this.#lines) {
      if (!isOver) break;
      count += 1;
      if (bug !== undefined) throw bug;
      if (problem !== null) this.#report(number, problem);
    }
    if (count > 0) this.#lines = this.#lines.slice(count);
  }
}

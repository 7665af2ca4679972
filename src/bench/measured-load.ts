/** The part of a bench that is measured: all parts of the load at once, and what is broken meanwhile. */
import type { Timing } from '../client/endpoint.js';
import type { Millis } from '../core/ids.js';
import type { LoadFaults } from './load-faults.js';
import type { LoadPart, PartEnd } from './part.js';
import type { Interval, Results } from './results.js';

const takeMs: Millis = 200;
const intervalMs: Millis = 1_000;

export interface MeasuredBy {
  readonly timing: Timing;
  /** Hears of each second of the load. */
  readonly onInterval?: (interval: Interval) => void;
}

/** What goes on while there is load, until the signal is aborted. Never rejects. */
export type Meanwhile = (signal: AbortSignal) => Promise<void>;

export class MeasuredLoad {
  readonly #parts: readonly LoadPart[];
  readonly #results: Results;
  readonly #faults: LoadFaults;
  readonly #by: MeasuredBy;
  beganAt: Millis = 0;
  elapsedMs: Millis = 0;

  constructor(parts: readonly LoadPart[], results: Results, faults: LoadFaults, by: MeasuredBy) {
    this.#parts = parts;
    this.#results = results;
    this.#faults = faults;
    this.#by = by;
  }

  async run(): Promise<PartEnd> {
    const { timing } = this.#by;
    const over = new AbortController();
    this.beganAt = timing.now();
    const running = this.#parts.map((part) => this.#runPart(part));
    this.#begin(this.#faults.isBroken, 0);
    this.#faults.onChange = (isBroken) => this.#begin(isBroken);
    const taking = this.#keepTaking(over.signal);
    try {
      const ends = await Promise.all(running);
      this.elapsedMs = timing.now() - this.beganAt;
      return togetherOf(ends, this.elapsedMs);
    } finally {
      this.#faults.onChange = () => {};
      over.abort();
      await taking;
    }
  }

  async #runPart(part: LoadPart): Promise<PartEnd> {
    const end = await part.run();
    if (end.failure !== null) for (const each of this.#parts) each.stop();
    return end;
  }

  #begin(isFault: boolean, fromMs = this.#by.timing.now() - this.beganAt): void {
    const phase = this.#results.begin(isFault, fromMs);
    for (const part of this.#parts) part.begin(phase, isFault);
  }

  /** Now and then, and once more at the end. */
  async #keepTaking(over: AbortSignal): Promise<void> {
    const { timing, onInterval = () => {} } = this.#by;
    let endsAt = intervalMs;
    const take = async (): Promise<void> => {
      const news = await Promise.all(this.#parts.map((part) => part.take()));
      for (const each of news) this.#results.add(each);
      const now = timing.now() - this.beganAt;
      if (now < endsAt && !over.aborted) return;
      onInterval(this.#results.endInterval(over.aborted ? this.elapsedMs : now));
      while (endsAt <= now) endsAt += intervalMs;
    };
    while (!over.aborted) {
      await timing.sleep(takeMs, over);
      await take();
    }
  }
}

function togetherOf(ends: readonly PartEnd[], elapsedMs: Millis): PartEnd {
  const sum = (of: (end: PartEnd) => number): number =>
    ends.reduce((total, each) => total + of(each), 0);
  return {
    elapsedMs,
    unfinishedCount: sum(({ unfinishedCount }) => unfinishedCount),
    overdueCount: sum(({ overdueCount }) => overdueCount),
    failure: ends.find(({ failure }) => failure !== null)?.failure ?? null,
    busyShare: Math.max(...ends.map(({ busyShare }) => busyShare)),
  };
}

/** What goes on meanwhile is over before anything is verified. */
export async function beside(
  load: MeasuredLoad,
  meanwhile: Meanwhile | undefined,
): Promise<PartEnd> {
  const over = new AbortController();
  const other = meanwhile?.(over.signal);
  try {
    return await load.run();
  } finally {
    over.abort();
    await other;
  }
}

/** What all parts of a load have told, put together: as a whole, by phase, by second. */
import type { Millis } from '../core/ids.js';
import type { LatencySummary } from './latencies.js';
import type { LoadFault } from './load-faults.js';
import { slotMs, type TallyNews } from './phased-tally.js';
import { Tally } from './tally.js';

/** A stretch of the load in which something was broken all the time, or nothing was. */
interface LoadPhase {
  readonly isFault: boolean;
  /** From the start of the load. */
  readonly fromMs: Millis;
}

export interface LoadWindow extends LoadPhase {
  readonly toMs: Millis;
  readonly doneCount: number;
  readonly errorCount: number;
  readonly latencyMs: LatencySummary | null;
  /** What was broken in it; empty when nothing was. */
  readonly faults: readonly string[];
  /** The longest time without any answer, to a tenth of a second. */
  readonly silenceMs: Millis;
  /** Of faults: there was enough time before to know how clients are served when nothing is broken. */
  readonly isComparable: boolean;
  /** Of faults: until clients were served again, from the beginning; `null`: not while it was broken, or nobody can tell. */
  readonly servedAgainMs: Millis | null;
  /** Of faults: the same from their end, or `null`; of those that last until the load ends, `servedAgainMs`. */
  readonly recoverMs: Millis | null;
}

/** A second or so. */
export interface Interval {
  readonly fromMs: Millis;
  readonly toMs: Millis;
  readonly isFault: boolean;
  readonly tally: Tally;
}

/** Clients are served again once they get so much of what they got before, for so long. */
const servedShare = 0.8;
const servedSlots = 5;
/** The rate before is that of so long at most; over less than this nobody can tell it. */
const beforeSlotsMax = 100;
const beforeSlotsMin = 5;

export class Results {
  readonly total = new Tally();
  readonly #phases: (LoadPhase & { readonly tally: Tally })[] = [];
  readonly #slots: number[] = [];
  #interval = new Tally();
  #intervalFrom: Millis = 0;

  /** From now on; returns its number. */
  begin(isFault: boolean, fromMs: Millis): number {
    return this.#phases.push({ isFault, fromMs, tally: new Tally() }) - 1;
  }

  add({ phases, slots }: TallyNews): void {
    for (const { phase, tally } of phases) {
      this.total.add(tally);
      this.#interval.add(tally);
      this.#phases[phase]?.tally.add(tally);
    }
    for (const { slot, doneCount } of slots) {
      this.#slots[slot] = (this.#slots[slot] ?? 0) + doneCount;
    }
  }

  /** All that came since the last one. */
  endInterval(toMs: Millis): Interval {
    const { isFault } = this.#phases.at(-1) ?? { isFault: false };
    const interval = { fromMs: this.#intervalFrom, toMs, isFault, tally: this.#interval };
    this.#interval = new Tally();
    this.#intervalFrom = toMs;
    return interval;
  }

  /** None when nothing was broken. */
  windows(endMs: Millis, faults: readonly LoadFault[]): LoadWindow[] {
    if (this.#phases.every(({ isFault }) => !isFault)) return [];
    return this.#phases.flatMap(({ tally, ...phase }, at) => {
      const toMs = Math.min(endMs, this.#phases[at + 1]?.fromMs ?? endMs);
      const length = toMs - phase.fromMs;
      if (length <= 0) return [];
      const { doneCount, errorCount } = tally;
      const figures = { doneCount, errorCount, latencyMs: tally.latencies().summary() };
      const silenceMs = this.#silence(phase.fromMs, toMs);
      const recovery = this.#recovery(at, toMs, endMs);
      return {
        ...phase,
        toMs,
        ...figures,
        faults: wordsIn(faults, phase, toMs),
        silenceMs,
        ...recovery,
      };
    });
  }

  #recovery(
    at: number,
    toMs: Millis,
    endMs: Millis,
  ): Pick<LoadWindow, 'isComparable' | 'servedAgainMs' | 'recoverMs'> {
    const phase = this.#phases[at];
    const rate = this.#rateBefore(at);
    if (!phase?.isFault || rate === null) {
      return { isComparable: false, servedAgainMs: null, recoverMs: null };
    }
    const isComparable = true;
    const enough = rate * servedShare;
    const servedAgainMs = this.#servedFrom(phase.fromMs, toMs, enough);
    if (toMs === endMs) return { isComparable, servedAgainMs, recoverMs: servedAgainMs };
    return { isComparable, servedAgainMs, recoverMs: this.#servedFrom(toMs, endMs, enough) };
  }

  /** Answers a slot in the last time before this phase in which nothing was broken. */
  #rateBefore(at: number): number | null {
    for (let before = at - 1; before >= 0; before--) {
      const [phase, next] = [this.#phases[before], this.#phases[before + 1]];
      if (phase === undefined || next === undefined || phase.isFault) continue;
      const to = Math.floor(next.fromMs / slotMs);
      const from = Math.max(Math.ceil(phase.fromMs / slotMs), to - beforeSlotsMax);
      if (to - from >= beforeSlotsMin) return this.#doneIn(from, to) / (to - from);
    }
    return null;
  }

  #servedFrom(fromMs: Millis, toMs: Millis, enough: number): Millis | null {
    const first = Math.floor(fromMs / slotMs);
    const last = Math.floor(toMs / slotMs) - servedSlots;
    for (let slot = first; slot <= last; slot++) {
      // Such a time does not begin with a slot in which nothing happened.
      if (this.#doneIn(slot, slot + 1) < enough / 2) continue;
      if (this.#doneIn(slot, slot + servedSlots) < enough * servedSlots) continue;
      return Math.max(0, slot * slotMs - fromMs);
    }
    return null;
  }

  #silence(fromMs: Millis, toMs: Millis): Millis {
    let [longest, length] = [0, 0];
    for (let slot = Math.ceil(fromMs / slotMs); slot < Math.floor(toMs / slotMs); slot++) {
      length = this.#doneIn(slot, slot + 1) === 0 ? length + 1 : 0;
      longest = Math.max(longest, length);
    }
    return longest * slotMs;
  }

  #doneIn(from: number, to: number): number {
    let sum = 0;
    for (let slot = from; slot < to; slot++) sum += this.#slots[slot] ?? 0;
    return sum;
  }
}

function wordsIn(
  faults: readonly LoadFault[],
  { isFault, fromMs }: LoadPhase,
  toMs: Millis,
): string[] {
  if (!isFault) return [];
  const during = faults.filter((each) => each.fromMs < toMs && (each.toMs ?? toMs) > fromMs);
  return [...new Set(during.map(({ words }) => words))];
}

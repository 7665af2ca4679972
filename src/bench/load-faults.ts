/** What was broken on purpose while a load ran. */
import type { Millis } from '../core/ids.js';
import type { FaultListener, RecordedFault } from '../history/faults.js';

export interface LoadFault {
  readonly words: string;
  readonly by: string | null;
  /** From the start of the load; 0: it was on before. */
  readonly fromMs: Millis;
  /** `null`: it was on when the load ended. */
  readonly toMs: Millis | null;
}

interface Span extends RecordedFault {
  readonly from: Millis;
  to: Millis;
}

/** Past it no more are kept. */
const spansMax = 10_000;

export class LoadFaults implements FaultListener {
  /** Whether anything is broken has changed. */
  onChange: (isBroken: boolean) => void = () => {};
  readonly #now: () => Millis;
  readonly #spans: Span[] = [];
  readonly #open = new Map<RecordedFault['id'], Span>();

  constructor(now: () => Millis) {
    this.#now = now;
  }

  faultBegan({ id, words, by }: RecordedFault): void {
    if (this.#spans.length === spansMax) return;
    const span = { id, words, by, from: this.#now(), to: Number.POSITIVE_INFINITY };
    this.#spans.push(span);
    this.#open.set(id, span);
    if (this.#open.size === 1) this.onChange(true);
  }

  get isBroken(): boolean {
    return this.#open.size > 0;
  }

  faultEnded({ id }: RecordedFault): void {
    const span = this.#open.get(id);
    if (span !== undefined) span.to = this.#now();
    if (this.#open.delete(id) && !this.isBroken) this.onChange(false);
  }

  during(began: Millis, ended: Millis): LoadFault[] {
    const during = this.#spans.filter(({ from, to }) => from <= ended && to >= began);
    return during.map(({ words, by, from, to }) => ({
      ...{ words, by, fromMs: Math.max(0, from - began), toMs: to > ended ? null : to - began },
    }));
  }
}

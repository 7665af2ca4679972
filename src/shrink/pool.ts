/** Small scenarios that came near a failure: with the bug something was not as it is without. From them others are drawn. */
import type { Random } from '../core/random.js';
import type { Attempted } from './attempt.js';
import type { Small } from './small.js';

/** What was different, in few words; `null`: nothing was. */
export function differenceOf(made: Attempted, right: Attempted): string | null {
  if (made.traceHash === right.traceHash) return null;
  const answers = new Set([
    ...surplusOf(made.answers, right.answers),
    ...surplusOf(right.answers, made.answers),
  ]);
  return [...answers].sort().slice(0, 2).join(', ');
}

/** Those that are not among the others as often. */
function surplusOf(some: readonly string[], others: readonly string[]): string[] {
  const left = [...others];
  return some.flatMap((answer) => {
    const at = left.indexOf(answer);
    if (at !== -1) left.splice(at, 1);
    return at === -1 ? answer.replaceAll(/\d+/g, '') : [];
  });
}

export interface NearMiss {
  readonly small: Small;
  readonly seed: number;
}

interface Kept extends NearMiss {
  tries: number;
}

/** So many are kept that differ in one way. */
const alikeMax = 8;
const comparedMax = 3;

export class Pool {
  readonly #random: Random;
  readonly #kept = new Map<string, Kept[]>();

  constructor(random: Random) {
    this.#random = random;
  }

  /** New ones take the place of those from which much was drawn, and of long ones. */
  add(miss: NearMiss, how: string): void {
    const alike = this.#kept.get(how) ?? [];
    this.#kept.set(how, alike);
    alike.push({ ...miss, tries: 0 });
    if (alike.length <= alikeMax) return;
    alike.sort((a, b) => sizeOf(a) - sizeOf(b));
    alike.pop();
  }

  /** Rather one from which little was drawn so far. */
  pick(): NearMiss | null {
    const ways = [...this.#kept.values()];
    if (ways.length === 0) return null;
    const some = Array.from({ length: comparedMax }, () =>
      this.#random.pick(this.#random.pick(ways)),
    );
    const [first] = some.sort((a, b) => a.tries - b.tries) as [Kept];
    first.tries++;
    return first;
  }
}

const sizeOf = ({ small, tries }: Kept): number => tries + 3 * small.steps.length;

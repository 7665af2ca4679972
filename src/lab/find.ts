/**
 * "Find me a bug": runs of random clients under random faults, a seed each, until one is not as its mode promises; that one is
 * made as small as time allows, and becomes a scenario of a few lines (shrink/shrink.ts).
 */
import type { Millis } from '../core/ids.js';
import { simulate } from '../explore/simulate.js';
import { type ShrunkFailure, shrinkFailure } from '../shrink/shrink.js';
import type { ShrinkBudget } from '../shrink/shrink-budget.js';

export interface FindRequest {
  readonly mode: string;
  /** `null`: none is planted. Then finding one would be news. */
  readonly bug: string | null;
  readonly firstSeed: number;
  readonly seedsMax: number;
  /** For drawing, and as long again for making it small. */
  readonly forMs: Millis;
}

export interface FindProgress {
  readonly doing: 'drawing' | 'shrinking';
  /** How many runs were drawn. */
  readonly seeds: number;
  /** Of the one that failed: small scenarios tried, and lines of the smallest that fails alike; `null`: there is none yet. */
  readonly runs: number;
  readonly lines: number | null;
  readonly elapsedMs: Millis;
}

export type FindResult =
  | { readonly type: 'nothing' | 'cancelled'; readonly seeds: number }
  | {
      readonly type: 'found';
      readonly seeds: number;
      /** Of the run that failed: `kvx sim --mode M --bug B --seed N`. */
      readonly seed: number;
      readonly sentence: string;
      /** `null`: in that time no scenario of a few lines was found that fails alike. */
      readonly shrunk: ShrunkFailure | null;
    };

export interface FindSetting extends Pick<ShrinkBudget, 'now' | 'afterPromises'> {
  says(progress: FindProgress): void;
  isCancelled(): boolean;
}

/** Throws `bad-request` (definite) for an unknown mode or bug. */
export async function findBug(request: FindRequest, setting: FindSetting): Promise<FindResult> {
  const { mode, bug, firstSeed, seedsMax, forMs } = request;
  const { now, afterPromises, says, isCancelled } = setting;
  const beganAt = now();
  const options = bug === null ? { mode } : { mode, bug };
  let seeds = 0;
  const tell = (doing: FindProgress['doing'], runs = 0, lines: number | null = null): void =>
    says({ doing, seeds, runs, lines, elapsedMs: now() - beganAt });
  while (seeds < seedsMax && now() - beganAt < forMs) {
    if (isCancelled()) return { type: 'cancelled', seeds };
    const report = simulate({ ...options, seed: firstSeed + seeds++ });
    tell('drawing');
    // Whoever cancels is heard between two runs.
    await new Promise<void>((resume) => afterPromises(resume));
    const [first] = report.violations;
    if (first === undefined) continue;
    const shrunk = await shrinkFailure(options, report, {
      ...{ forMs, afterPromises },
      now: () => (isCancelled() ? Number.POSITIVE_INFINITY : now()),
      says: (lines, runs) => tell('shrinking', runs, lines),
    });
    const sentence = `${first.check}: ${first.message}`;
    return { type: 'found', seeds, seed: report.seed, sentence, shrunk };
  }
  return { type: 'nothing', seeds };
}

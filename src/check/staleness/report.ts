/** The staleness of a whole history: that of its worst key. */
import { evidenceOperation } from '../evidence/evidence.js';
import { nanoseconds } from '../evidence/time.js';
import type { Judge } from '../judge.js';
import type { Budget } from '../register/operations.js';
import type { Staleness } from '../report.js';
import { type KeyStaleness, stalenessOf } from './staleness.js';

/**
 * `null` when no read returned what had surely been overwritten, and all keys are linearizable; and when there was no
 * time to look at all of them.
 */
export function stalenessIn(judge: Judge, budget: Budget): Staleness | null {
  if (judge.traits.hasTransactions) return null;
  // Only the keys about which linearizability has been asked are known to be fresh.
  const found: KeyStaleness[] = [];
  for (const key of judge.otherKeys) {
    if (budget.spent(0) !== null) return null;
    found.push(stalenessOf(key, budget));
  }
  const stale = found.filter(({ staleReads, deltaNs }) => staleReads > 0 || (deltaNs ?? 0) > 0);
  const [first] = stale;
  if (first === undefined) return null;
  const worst = stale.reduce((a, b) => (b.ageNs > a.ageNs ? b : a), first);
  const deltas = stale.map(({ deltaNs }) => deltaNs);
  const summary = {
    staleReads: stale.reduce((sum, { staleReads }) => sum + staleReads, 0),
    versions: stale.reduce((most, { versions }) => Math.max(most, versions), 0),
    ageNs: worst.ageNs,
    deltaNs: deltas.includes(null) ? null : Math.max(...deltas.map((delta) => delta ?? 0)),
  };
  return {
    ...summary,
    worst: worst.worst === -1 ? null : evidenceOperation(judge.narrator, worst.worst, true),
    sentence: sentenceOf(summary),
  };
}

function sentenceOf({ ageNs, versions, deltaNs }: Omit<KeyStaleness, 'worst'>): string {
  const age = nanoseconds(Math.max(ageNs, deltaNs ?? 0));
  if (versions === 0) return `values were still read up to ${age} after newer ones had been`;
  return `reads were up to ${age} and ${versions} ${versions === 1 ? 'version' : 'versions'} old`;
}

/** How stale the reads of a whole history were. */
import type { Budget } from '../budget.js';
import { evidenceOperation } from '../evidence/evidence.js';
import { nanoseconds } from '../evidence/time.js';
import type { Judge } from '../judge.js';
import { readsAt } from '../register/split.js';
import type { Spread, Staleness } from '../report.js';
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
  const stale = found.filter(({ agesNs, deltaNs }) => agesNs.length > 0 || (deltaNs ?? 0) > 0);
  const [first] = stale;
  if (first === undefined) return null;
  const greatestAge = ({ agesNs }: KeyStaleness): number => spreadOf(agesNs).max;
  const worst = stale.reduce((a, b) => (greatestAge(b) > greatestAge(a) ? b : a), first);
  const deltas = stale.map(({ deltaNs }) => deltaNs);
  const summary = {
    reads: readsIn(judge),
    staleReads: stale.reduce((sum, { agesNs }) => sum + agesNs.length, 0),
    versions: spreadOf(stale.flatMap(({ versions }) => versions)),
    ageNs: spreadOf(stale.flatMap(({ agesNs }) => agesNs)),
    deltaNs: deltas.includes(null) ? null : Math.max(...deltas.map((delta) => delta ?? 0)),
  };
  return {
    ...summary,
    worst: worst.worst === -1 ? null : evidenceOperation(judge.narrator, worst.worst, true),
    sentence: sentenceOf(summary),
  };
}

/** Those that say what they found, over all keys. */
function readsIn({ keys }: Judge): number {
  let count = 0;
  for (const { register } of keys) {
    for (let at = 0; at < register.count; at++) if (readsAt(register, at)) count++;
  }
  return count;
}

function spreadOf(numbers: readonly number[]): Spread {
  const sorted = Float64Array.from(numbers).sort();
  const at = (share: number): number =>
    sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}

function sentenceOf(staleness: Omit<Staleness, 'worst' | 'sentence'>): string {
  const { reads, staleReads, ageNs, versions, deltaNs } = staleness;
  if (staleReads === 0) {
    return `values were still read up to ${nanoseconds(deltaNs ?? 0)} after newer ones had been`;
  }
  const counts = `${staleReads.toLocaleString('en-US')} of ${reads.toLocaleString('en-US')}`;
  const share = `${percent(staleReads / reads)} of reads (${counts}) returned what had been overwritten`;
  const oldest = plural(versions.max, 'version');
  if (staleReads === 1) return `${share}: ${nanoseconds(ageNs.max)} and ${oldest} old`;
  const age = `age p50 ${nanoseconds(ageNs.p50)}, p99 ${nanoseconds(ageNs.p99)}, max ${nanoseconds(ageNs.max)}`;
  return `${share}; ${age}; p50 ${plural(versions.p50, 'version')}, p99 ${versions.p99}, max ${versions.max}`;
}

/** Two digits that count, so that one read of a million is not none. */
const percent = (share: number): string => `${Number((share * 100).toPrecision(2))} %`;

const plural = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;

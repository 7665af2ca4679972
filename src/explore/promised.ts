/** The history of a script's clients, judged as that of simulated ones is. */
import type { Level } from '../core/operation.js';
import type { Guarantee } from '../core/session.js';
import { modeNamed } from '../protocols/registry.js';
import { checkReadsWritten, checkVersionsUnique } from './invariants.js';
import { type HistoryVerdict, judgeHistory } from './judge.js';
import type { KeptHistory } from './kept-history.js';
import { subjectOf, weakest } from './simulate.js';

/** The cluster that a history is of. */
export interface Promising {
  readonly mode: string;
  readonly options: Readonly<Record<string, unknown>>;
  /** What all sessions keep to; `null`: there are none. */
  readonly sessions: readonly Guarantee[] | null;
}

/** By the strongest models that the mode promises for the levels used, and by what no mode may ever show. */
export function promisedVerdict(
  kept: KeptHistory,
  { mode, options, sessions }: Promising,
): HistoryVerdict {
  const subject = subjectOf(modeNamed(mode));
  const { entries } = kept;
  const levelsOf = (areReads: boolean): (Level | null)[] => {
    const some = entries.filter(({ operation: { type } }) => (type === 'get') === areReads);
    return [...new Set(some.map(({ level }) => level))];
  };
  const [readLevels, writeLevels] = [levelsOf(true), levelsOf(false)];
  const writes = writeLevels.length > 0 ? writeLevels : [null];
  const judged = judgeHistory(kept.history(), entries, {
    ...{ profile: subject.profile, workload: { readLevels, sessions }, mayLose: false },
    consistencyAt: (read) =>
      weakest(writes.map((write) => subject.consistencyOf(read, write, options))),
  });
  const always = [...checkReadsWritten(entries), ...checkVersionsUnique(entries, [])];
  return { ...judged, violations: [...judged.violations, ...always] };
}

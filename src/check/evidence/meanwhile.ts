/** What was broken on purpose while the operations of an evidence were under way. */
import { faultTitle } from '../../history/faults.js';
import type { History } from '../../history/history.js';
import type { Evidence, EvidenceFault, EvidenceOperation } from '../report.js';
import { shownText } from './narrator.js';
import { nanoseconds } from './time.js';

/** More of them nobody reads. */
const namedMax = 6;
const lettersMax = 60;

export function faultsDuring(
  { faults }: History,
  operations: readonly EvidenceOperation[],
): EvidenceFault[] {
  const { from, to } = boundsOf(operations);
  return faults
    .filter(({ beganAt, endedAt }) => beganAt <= to && endedAt >= from)
    .map((fault) => ({ ...fault, endedAt: Number.isFinite(fault.endedAt) ? fault.endedAt : null }));
}

/** From the first beginning to the last that is known of. */
function boundsOf(operations: readonly EvidenceOperation[]): { from: number; to: number } {
  let from = Number.POSITIVE_INFINITY;
  let to = 0;
  for (const { invokedAt, returnedAt } of operations) {
    from = Math.min(from, invokedAt);
    to = Math.max(to, returnedAt ?? invokedAt);
  }
  return { from, to };
}

/** On one line. */
export const shownFault = (words: string): string => shownText(faultTitle(words), lettersMax);

/** One sentence; `null`: the history tells of no fault at all. Times are counted from the first beginning. */
export function meanwhile(
  { operations, faults }: Pick<Evidence, 'operations' | 'faults'>,
  hasTimes: boolean,
): string | null {
  if (faults === undefined) return null;
  if (faults.length === 0) return 'Meanwhile nothing was broken on purpose.';
  const { from, to } = boundsOf(operations);
  const named = faults.slice(0, namedMax).map((fault) => {
    const about = [
      ...(fault.by === null || fault.by === 'user' ? [] : [shownText(fault.by, lettersMax)]),
      ...(hasTimes ? [spanOf(fault, from, to)] : []),
    ];
    return `${shownFault(fault.words)}${about.length === 0 ? '' : ` (${about.join(', ')})`}`;
  });
  const more = faults.length - named.length;
  return `Meanwhile: ${named.join(', ')}${more > 0 ? ` and ${more.toLocaleString('en')} more` : ''}.`;
}

/** Between what comes one after the other while a clock stands still lie nanoseconds that are none. */
const momentNs = 1000;

function spanOf({ beganAt, endedAt }: EvidenceFault, from: number, to: number): string {
  const after = (time: number): string =>
    time - from < momentNs ? '0' : `+${nanoseconds(time - from)}`;
  if (beganAt === endedAt) return `at ${after(beganAt)}`;
  const isBefore = from - beganAt >= momentNs;
  const began = `since ${isBefore ? `${nanoseconds(from - beganAt)} before` : after(beganAt)}`;
  return endedAt === null || endedAt > to ? began : `${began}, until ${after(endedAt)}`;
}

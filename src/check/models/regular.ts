/** Regular: a read returns the last write that had ended when it began, or one that was under way meanwhile. */
import type { Narrator } from '../evidence/narrator.js';
import { holds, type ModelVerdict, unknownBecause, violated } from '../finding.js';
import { allWritesOf, foundAt, type KeyOperations } from '../register/split.js';
import { noWriter, type Overtaken, overtakenReadings } from '../staleness/overtaken.js';
import { vagueness } from './guarantees.js';

export function regular(
  narrator: Narrator,
  operations: KeyOperations,
  vagueCount: number,
): ModelVerdict {
  const [worst] = overtakenReadings(operations);
  if (worst !== undefined) return tell(narrator, operations, worst);
  const { index } = operations;
  return vagueCount > 0 ? unknownBecause(vagueness(narrator.key(index[0] as number) ?? '')) : holds;
}

function tell(narrator: Narrator, operations: KeyOperations, found: Overtaken): ModelVerdict {
  const { index } = operations;
  const reading = index[found.reading] as number;
  const who = narrator.who(reading);
  if (found.writer === noWriter) {
    return violated({
      anomaly: 'future read',
      sentence: `${who} ${narrator.did(reading)} before anybody had begun to write that`,
      operations: [reading, ...writersOf(operations, found.reading)],
      culprit: reading,
    });
  }
  const by = index[found.by] as number;
  const writer = found.writer < 0 ? null : (index[found.writer] as number);
  return violated({
    anomaly: 'stale read',
    sentence: `${who} ${narrator.did(reading)} after ${narrator.deed(by)} ${narrator.ended(by)}`,
    because: [
      writer === null
        ? narrator.atFirst(operations.values[0])
        : `${narrator.deed(writer)} ${narrator.ended(writer)} before ${narrator.deed(by)} began`,
    ],
    operations: [...(writer === null ? [] : [writer]), by, reading],
    culprit: reading,
  });
}

/** Who wrote what the reading found, too late. */
function writersOf({ register, index }: KeyOperations, reading: number): number[] {
  const value = foundAt(register, reading);
  const late = allWritesOf(register).find((at) => register.value[at] === value);
  return late === undefined ? [] : [index[late] as number];
}

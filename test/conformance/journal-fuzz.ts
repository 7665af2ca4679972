import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Disk } from '../../src/runtime/journal/disk.js';
import { JournalError } from '../../src/runtime/journal/journal-errors.js';
import { type MakeDiskHarness, readFile, writeFile } from './disk-harness.js';
import {
  flip,
  makeSample,
  names,
  type Outcome,
  recoverCopy,
  splice,
  zero,
} from './journal-sample.js';

const places = fc.tuple(fc.nat(1000), fc.nat(1000)).map(([one, other]) => {
  return [Math.min(one, other), Math.max(one, other)] as const;
});
const edit = fc.record({
  kind: fc.constantFrom('flip', 'zero', 'remove', 'repeat', 'insert', 'cut', 'unlink', 'rename'),
  name: fc.constantFrom(...names),
  other: fc.constantFrom(...names, '00000008.wal', '00000004.wal'),
  places,
});
type AnyEdit = typeof edit extends fc.Arbitrary<infer E> ? E : never;
const apply = (disk: Disk, { kind, name, other, places: [from, to] }: AnyEdit) => {
  if (!disk.list().includes(name)) return;
  const bytes = readFile(disk, name);
  const [start, end] = [from, to].map((at) => at % (bytes.length + 1)).sort((a, b) => a - b) as [
    number,
    number,
  ];
  const theirs = disk.list().includes(other) ? readFile(disk, other).slice(from, to) : bytes;
  if (kind === 'unlink') disk.remove(name);
  else if (kind === 'rename') disk.rename(name, other);
  else {
    const edits = {
      flip: flip(Math.min(start, bytes.length - 1)),
      zero: zero(start, end),
      remove: splice(start, end),
      repeat: splice(start, start, bytes.slice(start, end)),
      insert: splice(start, start, theirs),
      cut: splice(start, bytes.length),
    };
    writeFile(disk, name, bytes.length === 0 ? theirs : edits[kind](bytes));
  }
};

/** What a journal must make of files after any few edits; tried `runs` times. */
export function describeFuzz(makeHarness: MakeDiskHarness, runs: number): void {
  it('takes in a prefix or nothing, whatever was done to its files', async () => {
    const files = await makeSample(makeHarness);
    const whole = (recoverCopy(makeHarness, files, () => {}) as Outcome).records;
    const tried = fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), (edits) => {
      const outcome = recoverCopy(makeHarness, files, ({ disk }) => {
        for (const one of edits) apply(disk, one);
      });
      if (outcome instanceof JournalError) return;
      expect(outcome.records).toEqual(whole.slice(0, outcome.records.length));
    });
    fc.assert(tried, { numRuns: runs });
  }, 60_000);
}

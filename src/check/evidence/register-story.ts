/** Why a few operations on one key are impossible together, in words. */
import type { Finding } from '../finding.js';
import type { RegisterAnomaly, RegisterOperations } from '../register/operations.js';
import { allWritesOf, foundAt, type KeyOperations, readsAt, writesAt } from '../register/split.js';
import type { Narrator } from './narrator.js';

/** `core`: as numbered in the key's register. `anytime`: the clock plays no part in it. */
export function registerStory(
  narrator: Narrator,
  operations: KeyOperations,
  core: readonly number[],
  anomaly: RegisterAnomaly,
  anytime = false,
): Finding {
  const story =
    fromNowhere(narrator, operations, core) ??
    (core.length > toldMax ? null : storyOf(narrator, operations, core, anytime));
  const indices = core.map((at) => operations.index[at] as number);
  if (story !== null) return { ...story, operations: [...indices, ...story.operations] };
  return {
    // Which update was lost would have been told.
    anomaly: anomaly === 'lost update' ? 'contradiction' : anomaly,
    sentence: `these ${core.length} operations can't have happened one after another in any order${anytime ? '' : ' that keeps to when they began and ended'}`,
    operations: indices,
    culprit: -1,
  };
}

type Story = Finding | null;

/** A few operations of a core that is larger than this say too little of why it is impossible. */
const toldMax = 12;

function storyOf(
  narrator: Narrator,
  operations: KeyOperations,
  core: readonly number[],
  anytime: boolean,
): Story {
  const lost = twoReplacements(narrator, operations, core);
  if (lost !== null || anytime) return lost;
  return tooEarly(narrator, operations, core) ?? tooLate(narrator, operations, core);
}

/** A value that nobody wrote, or only somebody who surely failed. */
export function fromNowhere(
  narrator: Narrator,
  { register, index, values, failedWriters }: KeyOperations,
  core: readonly number[],
): Story {
  const written = new Set(allWritesOf(register).map((at) => register.value[at] as number));
  for (const at of core) {
    if (!readsAt(register, at)) continue;
    const value = foundAt(register, at);
    if (value === register.initial || written.has(value)) continue;
    const reading = index[at] as number;
    const failed = failedWriters.get(value);
    const found = narrator.value(values[value] as number);
    const said = narrator.whoDid(reading);
    const why =
      failed === undefined
        ? `nobody ever wrote ${found}`
        : failed === reading
          ? `nobody else ever wrote ${found}`
          : `${narrator.who(failed)}'s ${narrator.asked(failed)} surely did not happen`;
    return {
      anomaly: failed === undefined ? 'phantom read' : 'aborted read',
      sentence: `${said}, but ${why}`,
      operations: failed === undefined || failed === reading ? [reading] : [failed, reading],
      culprit: reading,
    };
  }
  return null;
}

function twoReplacements(
  narrator: Narrator,
  { register, index }: KeyOperations,
  core: readonly number[],
): Story {
  const replacements = core.filter((at) => writesAt(register, at) && readsAt(register, at));
  for (const [place, one] of replacements.entries()) {
    const other = replacements
      .slice(place + 1)
      .find((at) => register.expected[at] === register.expected[one]);
    if (other === undefined) continue;
    // What was there more than once may be found more than once.
    if (timesThere(register, register.expected[one] as number) > 1) continue;
    const [first, second] = [index[one] as number, index[other] as number];
    return {
      anomaly: 'lost update',
      sentence: `${narrator.whoDid(first)}, and ${narrator.whoDid(second)}: only one of them can have found it`,
      operations: [],
      culprit: second,
    };
  }
  return null;
}

function timesThere(register: RegisterOperations, value: number): number {
  return writersOf(register, value).length + (value === register.initial ? 1 : 0);
}

const writersOf = (register: RegisterOperations, value: number): number[] =>
  allWritesOf(register).filter((at) => register.value[at] === value);

/** A reading that ended before the write that it saw began. */
function tooEarly(
  narrator: Narrator,
  { register, index }: KeyOperations,
  core: readonly number[],
): Story {
  for (const at of core) {
    if (!readsAt(register, at)) continue;
    const value = foundAt(register, at);
    if (value === register.initial) continue;
    const writers = writersOf(register, value);
    const [writer] = writers;
    const isEarly = (other: number) =>
      (register.start[other] as number) <= (register.end[at] as number);
    if (writer === undefined || writers.some(isEarly)) continue;
    const [reading, write] = [index[at] as number, index[writer] as number];
    return {
      anomaly: 'future read',
      sentence: `${narrator.whoDid(reading)} before ${narrator.deed(write)} had begun`,
      operations: [write],
      culprit: reading,
    };
  }
  return null;
}

/** A reading that began after something newer was there for all to see. */
function tooLate(narrator: Narrator, operations: KeyOperations, core: readonly number[]): Story {
  const { register, index } = operations;
  const { start, end } = register;
  const readings = core.filter((at) => readsAt(register, at));
  readings.sort((a, b) => (start[b] as number) - (start[a] as number));
  for (const at of readings) {
    const value = foundAt(register, at);
    const newer = core.filter(
      (other) =>
        (end[other] as number) < (start[at] as number) && leftBy(operations, other) !== value,
    );
    const reasons = newer.flatMap((other) => whyOlder(narrator, operations, core, at, other));
    const [best] = reasons.sort((a, b) => b.weight - a.weight);
    if (best === undefined) continue;
    const reading = index[at] as number;
    return {
      anomaly: 'stale read',
      sentence: `${narrator.whoDid(reading)} after ${hadHappened(narrator, operations, best.newer)}`,
      because: [best.because],
      operations: [],
      culprit: reading,
    };
  }
  return null;
}

/** What the key held when the operation had happened. */
const leftBy = ({ register }: KeyOperations, at: number): number => register.value[at] as number;

function hadHappened(narrator: Narrator, { register, index }: KeyOperations, at: number): string {
  const operation = index[at] as number;
  return writesAt(register, at)
    ? `${narrator.deed(operation)} had been acknowledged`
    : `${narrator.who(operation)} had already ${narrator.did(operation)}`;
}

interface Reason {
  /** What had left something newer before the reading began. */
  readonly newer: number;
  readonly because: string;
  /** Greater is easier to follow. */
  readonly weight: number;
}

/** Why what the reading found is older than what `newer` left, as far as these operations say so. */
function whyOlder(
  narrator: Narrator,
  operations: KeyOperations,
  core: readonly number[],
  reading: number,
  newer: number,
): Reason[] {
  const { register, index } = operations;
  const { start, end } = register;
  const value = foundAt(register, reading);
  const isOld = (at: number) => leftBy(operations, at) === value && at !== reading;
  const isNew = (at: number) => leftBy(operations, at) === leftBy(operations, newer);
  const writesNewer = writesAt(register, newer);
  if (value === register.initial && !core.some((at) => isOld(at) && writesAt(register, at))) {
    return [
      { newer, because: narrator.atFirst(operations.values[0]), weight: writesNewer ? 3 : 2 },
    ];
  }
  return core.filter(isOld).flatMap((old) =>
    core.filter(isNew).flatMap((fresh) => {
      if ((end[old] as number) >= (start[fresh] as number)) return [];
      const [one, other] = [index[old] as number, index[fresh] as number];
      return {
        newer,
        because: `${narrator.deed(one)} ${narrator.ended(one)} before ${narrator.deed(other)} began`,
        // That a write came after the other is plain; that a read did says something of its write only with the rest.
        weight:
          (writesAt(register, fresh) ? 4 : 0) + (fresh === newer ? 2 : 0) + (writesNewer ? 1 : 0),
      };
    }),
  );
}

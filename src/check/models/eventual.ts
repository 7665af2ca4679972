/**
 * Eventual convergence, as far as a history alone can tell: once nothing has been written to a key for a while, all who
 * read it read the same, and that is no acknowledged write's loss.
 *
 * "For a while" is a choice: readings that differ sooner may still have agreed later, so they prove nothing.
 */
import { outcomeCode } from '../../history/event.js';
import { type History, unsaid } from '../../history/history.js';
import type { Narrator } from '../evidence/narrator.js';
import { holds, type ModelVerdict, unknownBecause, violated } from '../finding.js';
import { registerKinds } from '../register/operations.js';
import { allWritesOf, foundAt, type KeyOperations } from '../register/split.js';
import { overtakenReadings } from '../staleness/overtaken.js';
import { initialOrigin, type Origins } from './origins.js';

export function eventual(
  narrator: Narrator,
  operations: KeyOperations,
  origins: Origins,
  quietNs: number,
  gone: ReadonlySet<number>,
): ModelVerdict {
  const { history } = narrator;
  const { register, index } = operations;
  const lastWrite = lastWriteOf(history, operations);
  const lastReadings = lastReadingsOf(history, operations, lastWrite, gone);
  const name = narrator.key(index[0] as number) ?? '';
  const [first, ...others] = lastReadings;
  if (first === undefined) return unknownBecause(`nobody read ${name} after the last write to it`);
  const differing = others.filter((at) => foundAt(register, at) !== foundAt(register, first));
  const quietSince = lastWrite.ended + quietNs;
  if (differing.length > 0) {
    const late = [first, ...differing].filter((at) => (register.start[at] as number) >= quietSince);
    const other = late.find((at) => foundAt(register, at) !== foundAt(register, late[0] as number));
    if (other !== undefined) {
      return disagreement(narrator, operations, late[0] as number, other, lastWrite);
    }
    return unknownBecause(
      `when the history ends, readers of ${name} still differ; it does not say whether they would have agreed later`,
    );
  }
  return nothingLost(narrator, operations, origins, lastReadings.at(-1) as number, quietSince);
}

interface LastWrite {
  readonly at: number;
  readonly ended: number;
}

/** A write that nobody answered counts as done when it began: whether it came later nobody can tell. */
function lastWriteOf(history: History, { register, index }: KeyOperations): LastWrite {
  let last: LastWrite = { at: -1, ended: Number.NEGATIVE_INFINITY };
  for (const at of allWritesOf(register)) {
    const isOpen = history.outcome[index[at] as number] === outcomeCode.info;
    const ended = (isOpen ? register.start[at] : register.end[at]) as number;
    if (ended > last.ended) last = { at, ended };
  }
  return last;
}

/** Nodes that were there for a while only: what they would have come to hold, nobody can ask. */
export function goneNodes({ faults, nodes }: History): ReadonlySet<number> {
  const ended = faults.filter(({ endedAt }) => Number.isFinite(endedAt));
  const names = new Set(ended.map(({ words }) => /^node add (\S+)/.exec(words)?.[1]));
  return new Set(nodes.flatMap((node, at) => (names.has(node) ? [at] : [])));
}

/** The last reading after the last write by each node, or each client where nodes were not recorded. */
function lastReadingsOf(
  history: History,
  { register, index }: KeyOperations,
  lastWrite: LastWrite,
  gone: ReadonlySet<number>,
): number[] {
  const byReader = new Map<string, number>();
  for (let at = 0; at < register.count; at++) {
    if (register.kind[at] !== registerKinds.read) continue;
    if ((register.start[at] as number) <= lastWrite.ended) continue;
    const operation = index[at] as number;
    const node = history.node[operation] as number;
    if (gone.has(node)) continue;
    byReader.set(node === unsaid ? `client ${history.process[operation]}` : `node ${node}`, at);
  }
  return [...byReader.values()].sort((a, b) => a - b);
}

function disagreement(
  narrator: Narrator,
  { index }: KeyOperations,
  one: number,
  other: number,
  lastWrite: LastWrite,
): ModelVerdict {
  const [first, second] = [index[one] as number, index[other] as number];
  const write = lastWrite.at === -1 ? [] : [index[lastWrite.at] as number];
  return violated({
    anomaly: 'divergence',
    sentence: `long after the last write ${narrator.whoDid(first)}, but ${narrator.whoDid(second)}`,
    operations: [...write, first, second],
    culprit: second,
  });
}

/** What everybody reads in the end must be as new as all that was acknowledged, and have had the time to be. */
function nothingLost(
  narrator: Narrator,
  operations: KeyOperations,
  { of, rank }: Origins,
  reading: number,
  quietSince: number,
): ModelVerdict {
  const { register, index } = operations;
  const name = narrator.key(index[0] as number) ?? '';
  const origin = of[reading] as number;
  const overtaken = overtakenReadings(operations).find((found) => found.reading === reading);
  let newer = -1;
  if (rank !== null && origin >= 0) {
    const newest = newestOf(rank);
    if (newest === origin) return holds;
    newer = newest;
  } else {
    if (overtaken === undefined) return holds;
    // Nothing is older than what was there before all.
    if (origin === initialOrigin) newer = overtaken.by;
  }
  if (newer === -1) {
    return unknownBecause(
      `readers of ${name} agree on what was overwritten; without versions it is not sure that the newer write was lost`,
    );
  }
  if ((register.start[reading] as number) >= quietSince) {
    return lost(narrator, operations, reading, newer);
  }
  return unknownBecause(
    `when the history ends, readers of ${name} had not seen the newest write; it does not say whether they would have later`,
  );
}

function lost(
  narrator: Narrator,
  { index }: KeyOperations,
  reading: number,
  newest: number,
): ModelVerdict {
  const [read, write] = [index[reading] as number, index[newest] as number];
  return violated({
    anomaly: 'lost write',
    sentence: `in the end ${narrator.whoDid(read)}, although ${narrator.deed(write)} is newer`,
    operations: [write, read],
    culprit: read,
  });
}

function newestOf(rank: Int32Array): number {
  let newest = 0;
  for (let at = 1; at < rank.length; at++) {
    if ((rank[at] as number) > (rank[newest] as number)) newest = at;
  }
  return newest;
}

/**
 * The order in which a list was appended to, as the longest list read tells it: one block of appends a transaction. What
 * others read ends with such a block, for nothing else was ever committed.
 */
import { type Access, asList, isPrefix, type ReadAccess, type Written } from './access.js';
import { type DirectAnomaly, directAnomaly } from './anomaly.js';

export interface Chain {
  readonly key: number;
  /** Transactions, each of which appended right after the one before it. */
  readonly order: readonly number[];
  /** By place in the order: how long the list was then. */
  readonly ends: readonly number[];
  /** Those whose appends nobody saw: they come after the others. */
  readonly unseen: readonly Unseen[];
  /** The longest list, and who read it; -1 when nobody did. */
  readonly list: readonly number[];
  readonly reader: number;
}

export interface Unseen {
  readonly by: number;
  /** The first that it appended. */
  readonly value: number;
}

export interface Chained {
  readonly by: number;
  readonly key: number;
  /** How many transactions of the chain had appended to the list before; without the reader itself. */
  readonly blocks: number;
}

export interface ListUse {
  readonly key: number;
  readonly reads: readonly ReadAccess[];
  readonly longest: ReadAccess | null;
  /** All that appended to it. */
  readonly by: readonly number[];
  /** Whose appends the longest list shows, where that has been chosen. */
  readonly chosen: readonly number[] | undefined;
}

export interface FoundChain {
  readonly chain: Chain;
  readonly reads: readonly Chained[];
  readonly anomalies: readonly DirectAnomaly[];
}

export const appendsOf = ({ writes }: Access, key: number): number[] =>
  writes.flatMap((write) => (write.isAppend && write.key === key ? [write.value] : []));

/** `null` when some element may be an append of one or of another transaction. */
export function chainOf(
  use: ListUse,
  access: readonly Access[],
  written: Written,
): FoundChain | null {
  const list = asList(use.longest?.shown ?? []);
  const anomalies: DirectAnomaly[] = [];
  for (const { by, shown } of use.reads) {
    if (isPrefix(asList(shown), list)) continue;
    const both = [by, (use.longest as ReadAccess).by];
    const told = '{0} and {1} read lists neither of which the other one continues';
    anomalies.push(directAnomaly('incompatible order', 'read-committed', both, told));
  }
  const blocks = blocksOf(use, list, access, written);
  if (blocks === null) return anomalies.length === 0 ? null : { ...nothing(use, list), anomalies };
  anomalies.push(...blocks.anomalies);
  const { order, ends } = blocks;
  const isSeen = new Set(order);
  const unseen = use.by.flatMap((by) => {
    const [value] = isSeen.has(by) ? [] : appendsOf(access[by] as Access, use.key);
    return value === undefined ? [] : [{ by, value }];
  });
  const chain = { ...{ key: use.key, order, ends, unseen, list }, reader: use.longest?.by ?? -1 };
  const reads = anomalies.length === 0 ? placed(use.reads, chain, anomalies) : [];
  return { chain, reads, anomalies };
}

/** Of what contradicts itself, nothing follows. */
function nothing({ key }: ListUse, list: readonly number[]) {
  return { chain: { key, order: [], ends: [], unseen: [], list, reader: -1 }, reads: [] };
}

interface Blocks {
  readonly order: number[];
  readonly ends: number[];
  readonly anomalies: DirectAnomaly[];
}

function blocksOf(
  { key, longest, chosen }: ListUse,
  list: readonly number[],
  access: readonly Access[],
  written: Written,
): Blocks | null {
  const blocks: Blocks = { order: [], ends: [], anomalies: [] };
  const known = new Set<number>();
  let end = 0;
  while (end < list.length) {
    const appends = written.appends(key, list[end] as number);
    const by = chosen?.[blocks.order.length] ?? appends[0]?.by;
    // Told already: nobody wrote it.
    if (by === undefined) return blocks;
    if (chosen === undefined && appends.length > 1) return null;
    const own = appendsOf(access[by] as Access, key);
    const shown = list.slice(end, end + own.length);
    if (known.has(by) || !isPrefix(shown, own)) {
      const name = known.has(by) ? 'duplicate or divided appends' : 'G1b: intermediate read';
      const both = [(longest as ReadAccess).by, by];
      const told =
        '{0} read a list that does not show the appends of {1} once, together and in order';
      blocks.anomalies.push(directAnomaly(name, 'read-committed', both, told));
      return blocks;
    }
    known.add(by);
    blocks.order.push(by);
    end += own.length;
    blocks.ends.push(end);
  }
  return blocks;
}

function placed(
  reads: readonly ReadAccess[],
  { key, order, ends }: Chain,
  anomalies: DirectAnomaly[],
): Chained[] {
  const blocksAt = new Map(ends.map((end, place) => [end, place + 1]));
  const placeOf = new Map(order.map((by, place) => [by, place]));
  return reads.flatMap(({ by, value, isBase }) => {
    const { length } = asList(value);
    const blocks = length === 0 ? 0 : blocksAt.get(length);
    const own = placeOf.get(by) ?? order.length;
    if (blocks === undefined) {
      const other = order[ends.findIndex((end) => end > length)] as number;
      const told = '{0} read what {1} itself still appended to';
      anomalies.push(
        other === by
          ? futureRead(by)
          : directAnomaly('G1b: intermediate read', 'read-committed', [by, other], told),
      );
      return [];
    }
    if (own < blocks || (isBase && own !== blocks)) {
      anomalies.push(futureRead(by));
      return [];
    }
    return [{ by, key, blocks }];
  });
}

const futureRead = (by: number): DirectAnomaly => {
  const told = '{0} read in a list what it appended itself only afterwards';
  return directAnomaly('future read', 'read-committed', [by], told);
};

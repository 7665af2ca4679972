/** What is wrong with single reads: A. Adya, "Weak consistency", 1999, G1a and G1b; and what Elle adds. */
import { absent } from '../../history/history.js';
import { type Access, listOf, type Read } from './access.js';
import type { DirectAnomaly } from './anomaly.js';
import { type Committed, valuesOf } from './written.js';

/** Per key the longest list read, and those it does not continue; single values all. What is left out tells no more. */
export function tellingReads(reads: Iterable<Read>): Read[] {
  const all = [...reads];
  const longest = new Map<number, Read>();
  const lengthOf = ({ value }: Read) => listOf(value).length;
  for (const read of all) {
    const known = longest.get(read.key);
    if (known === undefined || lengthOf(read) > lengthOf(known)) longest.set(read.key, read);
  }
  return all.filter((read) => {
    const known = longest.get(read.key) as Read;
    if (typeof read.value === 'number' || read === known) return true;
    const order = listOf(known.value);
    return read.value.some((value, place) => value !== order[place]);
  });
}

export function directAnomalies(committed: Committed): DirectAnomaly[] {
  const { transactions, access, written } = committed;
  const anomalies: DirectAnomaly[] = [];
  const at = (by: number) => transactions[by]?.at as number;
  access.forEach(({ internal }, by) => {
    if (internal === null) return;
    anomalies.push({
      ...{ name: 'internal', forbiddenBy: 'snapshot-isolation', operations: [at(by)] },
      told: '{0} did not read what it had read or written itself before',
    });
  });
  const reads = access.flatMap((one) => one.reads);
  for (const read of tellingReads(reads)) {
    for (const value of valuesOf(read)) {
      if (value === absent || written.writer(read.key, value) !== undefined) continue;
      anomalies.push(readOfNothing(committed, read, value));
    }
  }
  for (const read of reads) {
    const last = listOf(read.value).at(-1);
    const write = last === undefined ? undefined : written.writer(read.key, last);
    if (write === undefined || !write.isIntermediate || write.by === read.by) continue;
    anomalies.push({
      ...{ name: 'G1b: intermediate read', forbiddenBy: 'read-committed' },
      operations: [at(read.by), at(write.by)],
      told: '{0} read what {1} itself wrote over',
    });
  }
  return [...anomalies, ...lostUpdates(committed)];
}

function readOfNothing(committed: Committed, read: Read, value: number): DirectAnomaly {
  const reader = committed.transactions[read.by]?.at as number;
  const aborted = committed.written.abortedWriter(read.key, value);
  if (aborted !== undefined) {
    return {
      ...{ name: 'G1a: aborted read', forbiddenBy: 'read-committed' },
      operations: [reader, aborted.at],
      told: '{0} read what {1}, which failed, did not write',
    };
  }
  return {
    ...{ name: 'phantom read', forbiddenBy: 'read-uncommitted', operations: [reader] },
    told: '{0} read what nobody wrote',
  };
}

/** Two that read the same and each put something in its place: at most one of them can have been the next. */
function lostUpdates({ transactions, access, written }: Committed): DirectAnomaly[] {
  const anomalies: DirectAnomaly[] = [];
  const deleted = new Set<number>();
  for (const { writes } of access) {
    for (const { key, value } of writes) if (value === absent) deleted.add(key);
  }
  const first = new Map<string, number>();
  access.forEach((one, by) => {
    for (const read of one.reads) {
      if (!writesTo(one, read.key) || deleted.has(read.key)) continue;
      const list = listOf(read.value);
      if (list.length > 0 && written.writer(read.key, list.at(-1) as number) === undefined)
        continue;
      const name = `${read.key} ${list.length} ${list.at(-1)}`;
      const other = first.get(name);
      if (other === undefined) first.set(name, by);
      else {
        anomalies.push({
          ...{ name: 'lost update', forbiddenBy: 'snapshot-isolation' },
          operations: [transactions[other]?.at as number, transactions[by]?.at as number],
          told: '{0} and {1} read the same and both wrote in its place',
        });
      }
    }
  });
  return anomalies;
}

function writesTo({ writes }: Access, key: number): boolean {
  return writes.some((write) => write.key === key);
}

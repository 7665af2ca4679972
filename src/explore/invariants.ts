/**
 * What replicas must hold in the end, whatever a history alone can tell: pure functions that share no code with any
 * protocol. They go by versions, which every protocol gives out in the order in which its writes take effect.
 */
import type { NodeId } from '../core/ids.js';
import { type Key, keyFromBytes } from '../core/key.js';
import type { StoredEntry } from '../core/replica.js';
import { compareVersions, isNewer, type Version } from '../core/version.js';
import {
  type HistoryEntry,
  outcomeOf,
  type ToldVersion,
  versionsTold,
  writesOf,
} from './history.js';

export interface Violation {
  readonly check: string;
  /** The key concerned; `null` when it is about no key in particular. */
  readonly key: Key | null;
  readonly message: string;
}

/** One replica's raw state in the end. */
export interface ReplicaState {
  readonly node: NodeId;
  readonly entries: ReadonlyMap<Key, StoredEntry>;
  ownersOf(key: Key): readonly NodeId[];
}

/** Of each key all its owners among `replicas` hold the same. A tombstone, of whatever version, equals absence. */
export function checkAgreement(replicas: readonly ReplicaState[]): Violation[] {
  const violations: Violation[] = [];
  const keys = new Set(replicas.flatMap((replica) => [...replica.entries.keys()]));
  for (const key of keys) {
    const seen = ownersAmong(replicas, key).map(({ node, entries }) => {
      const entry = entries.get(key);
      return [node, entry === undefined || entry.value === null ? 'absent' : describeHeld(entry)];
    });
    if (new Set(seen.map(([, what]) => what)).size > 1) {
      const message = seen.map(([node, what]) => `${node} holds ${what}`).join(', ');
      violations.push({ check: 'agreement', key, message });
    }
  }
  return violations;
}

/**
 * Nothing that a client has been told is lost: in the end the owners hold the newest version that was acknowledged or
 * read, or something newer. Absence is fine after a delete, and when a delete of unknown outcome may have taken effect
 * and been collected.
 */
export function checkNothingLost(
  history: readonly HistoryEntry[],
  replicas: readonly ReplicaState[],
): Violation[] {
  const newest = new Map<Key, ToldVersion & { readonly by: HistoryEntry }>();
  const mayBeDeleted = new Set<Key>();
  for (const entry of history) {
    for (const told of versionsTold(entry)) {
      if (isNewer(told.version, newest.get(told.key)?.version ?? null)) {
        newest.set(told.key, { ...told, by: entry });
      }
    }
    if (outcomeOf(entry) !== 'info') continue;
    for (const [key, value] of writesOf(entry.operation)) if (value === null) mayBeDeleted.add(key);
  }
  const violations: Violation[] = [];
  for (const [key, told] of newest) {
    const final = finalEntry(replicas, key);
    if (final !== null && compareVersions(final.version, told.version) >= 0) continue;
    const isAbsent = final === null || final.value === null;
    if (isAbsent && (told.value === null || mayBeDeleted.has(key))) continue;
    const { by } = told;
    const message =
      `c${by.client} at ${by.node} (${spanOf(by)}) was told of ${describeHeld(told)}, ` +
      `but in the end the owners hold ${final === null ? 'nothing' : describeHeld(final)}`;
    violations.push({ check: 'lost write', key, message });
  }
  return violations;
}

/** At whatever level: a value that is read was written there, began to be before the read ended, and did not surely fail. */
export function checkReadsWritten(history: readonly HistoryEntry[]): Violation[] {
  const writers = new Map<string, HistoryEntry>();
  for (const entry of history) {
    const hasWritten = ['done', 'committed'].includes(entry.result?.type ?? '');
    if (!hasWritten && outcomeOf(entry) !== 'info') continue;
    for (const [key, value] of writesOf(entry.operation)) {
      const name = value === null ? null : `${key} ${describeValue(value)}`;
      // Of those who wrote the same the first.
      if (name !== null && !writers.has(name)) writers.set(name, entry);
    }
  }
  return history.flatMap((read) => {
    const seen = seenBy(read);
    if (seen === null) return [];
    const writer = writers.get(`${seen.key} ${describeValue(seen.value)}`);
    if (writer !== undefined && writer.invokedAt <= read.returnedAt) return [];
    const message = `c${read.client} at ${read.node} (${spanOf(read)}) read ${describeValue(seen.value)}, which nobody had written`;
    return [{ check: 'reads', key: seen.key, message }];
  });
}

function seenBy({ operation, result }: HistoryEntry) {
  if (operation.type === 'txn' || result === null) return null;
  const value =
    result.type === 'value' ? result.value : result.type === 'refused' ? result.actual : null;
  return value === null ? null : { key: operation.key, value };
}

/** One version never stands for two writes of a key, whoever shows it: an acknowledgement, a read, a replica. */
export function checkVersionsUnique(
  history: readonly HistoryEntry[],
  replicas: readonly ReplicaState[],
): Violation[] {
  const violations: Violation[] = [];
  const values = new Map<string, string>();
  const look = ({ key, version, value }: ToldVersion, who: string) => {
    // A transaction gives all that it writes one version.
    const name = `${describeVersion(version)} of ${key}`;
    const shown = describeValue(value);
    const before = values.get(name);
    if (before === undefined) values.set(name, shown);
    else if (before !== shown) {
      const message = `version ${name} is ${before}, and ${shown} as ${who} shows it`;
      violations.push({ check: 'unique versions', key, message });
    }
  };
  for (const entry of history) {
    for (const told of versionsTold(entry)) look(told, `c${entry.client} at ${spanOf(entry)}`);
  }
  for (const { node, entries } of replicas) {
    for (const entry of entries.values()) look(entry, node);
  }
  return violations;
}

/**
 * What an answer told of is on at least `least` of the key's owners by then. Of an owner that can't be asked nobody knows;
 * who holds nothing may have collected a tombstone.
 */
export function checkCopies(
  entry: HistoryEntry,
  least: number,
  owners: readonly { readonly node: NodeId; readonly held: StoredEntry | null | 'unknown' }[],
): Violation[] {
  return versionsTold(entry).flatMap(({ key, version, value }) => {
    const lacking = owners.filter(({ held }) => {
      if (held === 'unknown') return false;
      return held === null ? value !== null : compareVersions(held.version, version) < 0;
    });
    if (owners.length - lacking.length >= least) return [];
    const message =
      `c${entry.client} was told of ${describeHeld({ version, value })} by ${entry.node} at level ${entry.level}, ` +
      `for which ${least} of ${owners.map(({ node }) => node).join(', ')} must hold it; ` +
      `${lacking.map(({ node }) => node).join(', ')} did not`;
    return [{ check: 'copies', key, message }];
  });
}

/** The owners of a key, as every node must name them, that are there. */
function ownersAmong(replicas: readonly ReplicaState[], key: Key): ReplicaState[] {
  const owners = replicas[0]?.ownersOf(key) ?? [];
  return owners.flatMap((owner) => replicas.find(({ node }) => node === owner) ?? []);
}

function finalEntry(replicas: readonly ReplicaState[], key: Key): StoredEntry | null {
  let newest: StoredEntry | null = null;
  for (const { entries } of ownersAmong(replicas, key)) {
    const entry = entries.get(key);
    if (entry !== undefined && isNewer(entry.version, newest?.version ?? null)) newest = entry;
  }
  return newest;
}

export const spanOf = ({ invokedAt, returnedAt }: HistoryEntry): string =>
  `${invokedAt.toFixed(1)}…${returnedAt.toFixed(1)} ms`;

export function describeHeld({ version, value }: Pick<StoredEntry, 'version' | 'value'>): string {
  return `${describeValue(value)} in version ${describeVersion(version)}`;
}

const describeVersion = ({ stamp, node }: Version): string => `${stamp}/${node}`;

const describeValue = (value: Uint8Array | null): string =>
  value === null ? 'absent' : keyFromBytes(value);

/**
 * What a simulated run must have kept, judged from what the clients saw and what the replicas hold in the end.
 *
 * Pure functions that share no code with any protocol. All of them go by versions, which every protocol gives out in
 * the order in which its writes take effect.
 */
import type { Millis, NodeId } from '../core/ids.js';
import type { Key } from '../core/key.js';
import type { StoredEntry } from '../core/replica.js';
import { compareVersions, isNewer, type Version } from '../core/version.js';
import { type HistoryEntry, outcomeOf, writtenValue } from './history.js';

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

/** For each key all its owners hold the same version and value. A tombstone, of whatever version, equals absence. */
export function checkAgreement(replicas: readonly ReplicaState[]): Violation[] {
  const violations: Violation[] = [];
  const byNode = new Map(replicas.map((replica) => [replica.node, replica]));
  const keys = new Set(replicas.flatMap((replica) => [...replica.entries.keys()]));
  for (const key of keys) {
    const seen = ownersOf(replicas, key).map((node) => {
      const entry = byNode.get(node)?.entries.get(key);
      return [node, entry === undefined || entry.value === null ? 'absent' : describe(entry)];
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
  const violations: Violation[] = [];
  for (const [key, entries] of byKey(history)) {
    const newest = newestBy(completed(entries), versionOf);
    if (newest === null) continue;
    const final = finalEntry(replicas, key);
    const version = versionOf(newest) as Version;
    if (final !== null && compareVersions(final.version, version) >= 0) continue;
    const absent = final === null || final.value === null;
    const mayBeDeleted = shownValue(newest) === null || entries.some(isUncertainDelete);
    if (absent && mayBeDeleted) continue;
    const message = `${describeAny(newest)}, but in the end the owners hold ${
      final === null ? 'nothing' : describe(final)
    }`;
    violations.push({ check: 'lost write', key, message });
  }
  return violations;
}

/** One version never stands for two writes, whoever shows it: an acknowledgement, a read, a replica. */
export function checkVersionsUnique(
  history: readonly HistoryEntry[],
  replicas: readonly ReplicaState[],
): Violation[] {
  const violations: Violation[] = [];
  const values = new Map<string, string>();
  const look = (key: Key, version: Version | null, value: Uint8Array | null, who: string) => {
    if (version === null) return;
    const name = describeVersion(version);
    const shown = `${key} = ${describeValue(value)}`;
    const before = values.get(name);
    if (before === undefined) values.set(name, shown);
    else if (before !== shown) {
      const message = `version ${describeVersion(version)} is ${before}, and ${shown} as ${who} shows it`;
      violations.push({ check: 'unique versions', key, message });
    }
  };
  for (const entry of history) {
    if (entry.result === null || entry.result.type === 'error') continue;
    look(
      entry.operation.key,
      versionOf(entry),
      shownValue(entry),
      `c${entry.client} at ${at(entry)}`,
    );
  }
  for (const { node, entries } of replicas) {
    for (const entry of entries.values()) look(entry.key, entry.version, entry.value, node);
  }
  return violations;
}

/** Every value read was written, by an operation that did not surely fail and began before the read ended. */
export function checkReadsWritten(history: readonly HistoryEntry[]): Violation[] {
  const writers = new Map<string, HistoryEntry>();
  for (const entry of history) {
    const value = writtenValue(entry.operation);
    if (value !== null) writers.set(describeValue(value), entry);
  }
  const violations: Violation[] = [];
  for (const read of history.filter(isObservation)) {
    const value = observedValue(read);
    if (value === null) continue;
    const writer = writers.get(describeValue(value));
    const wrong =
      writer === undefined || writer.operation.key !== read.operation.key
        ? 'that nobody wrote there'
        : outcomeOf(writer) === 'fail'
          ? 'whose write surely did not happen'
          : writer.invokedAt > read.returnedAt
            ? 'before it was written'
            : null;
    if (wrong === null) continue;
    const message = `${describeRead(read)}, ${wrong}`;
    violations.push({ check: 'reads', key: read.operation.key, message });
  }
  return violations;
}

export interface StaleRead {
  readonly read: HistoryEntry;
  /** What had completed before the read began and is newer than what it returned. */
  readonly missed: HistoryEntry;
}

/**
 * Reads that return something older than what an operation of `missable` kind had completed with before they began.
 *
 * `writes`: what a regular register forbids. `all`: also what an earlier read had returned, as linearizability
 * forbids. A read of absence without a version (tombstones are collected) passes when what it missed is a delete, or
 * when some delete that it could have seen was newer.
 */
export function staleReads(
  history: readonly HistoryEntry[],
  missable: 'writes' | 'all',
): StaleRead[] {
  const stale: StaleRead[] = [];
  for (const entries of byKey(history).values()) {
    const known = completed(entries).filter((entry) => missable === 'all' || isDone(entry));
    for (const read of entries.filter(isObservation)) {
      const missed = newestBefore(known, read.invokedAt);
      if (missed === null || !isOlder(read, missed)) continue;
      if (!isCollectedAbsence(read, missed, entries)) stale.push({ read, missed });
    }
  }
  return stale;
}

/**
 * Regular, taking the versions for the order of the writes: a read returns nothing older than what was completely
 * written before it began, and a write that begins after another has ended is newer.
 */
export function checkRegular(history: readonly HistoryEntry[]): Violation[] {
  return [...staleViolations(history, 'writes'), ...checkWritesOrdered(history, 'writes')];
}

/** Linearizable likewise: what a read has returned counts as much as what was written. */
export function checkLinearizable(history: readonly HistoryEntry[]): Violation[] {
  return [...staleViolations(history, 'all'), ...checkWritesOrdered(history, 'all')];
}

function staleViolations(
  history: readonly HistoryEntry[],
  missable: 'writes' | 'all',
): Violation[] {
  return staleReads(history, missable).map((stale) => ({
    check: 'stale read',
    key: stale.read.operation.key,
    message: describeStale(stale),
  }));
}

function checkWritesOrdered(
  history: readonly HistoryEntry[],
  after: 'writes' | 'all',
): Violation[] {
  const violations: Violation[] = [];
  for (const [key, entries] of byKey(history)) {
    const known = completed(entries).filter((entry) => after === 'all' || isDone(entry));
    for (const write of entries.filter(isDone)) {
      const before = newestBefore(known, write.invokedAt);
      if (before === null || isNewer(versionOf(write) as Version, versionOf(before))) continue;
      const message = `${describeWrite(write)}, not newer than ${describeAny(before)}`;
      violations.push({ check: 'write order', key, message });
    }
  }
  return violations;
}

export function describeStale({ read, missed }: StaleRead): string {
  return `${describeRead(read)}, after ${describeAny(missed)}`;
}

/** The owners of a key, as every node must name them. */
function ownersOf(replicas: readonly ReplicaState[], key: Key): readonly NodeId[] {
  return replicas[0]?.ownersOf(key) ?? [];
}

function finalEntry(replicas: readonly ReplicaState[], key: Key): StoredEntry | null {
  const owners = ownersOf(replicas, key);
  const held = replicas
    .filter(({ node }) => owners.includes(node))
    .flatMap(({ entries }) => entries.get(key) ?? []);
  return newestBy(held, (entry) => entry.version);
}

function isOlder(read: HistoryEntry, missed: HistoryEntry): boolean {
  const version = versionOf(read);
  return version === null || compareVersions(version, versionOf(missed) as Version) < 0;
}

/** Whether `read` found nothing because what `missed` tells of had been deleted, and the tombstone collected. */
export function isCollectedAbsence(
  read: HistoryEntry,
  missed: HistoryEntry,
  entries: readonly HistoryEntry[],
): boolean {
  if (observedValue(read) !== null) return false;
  if (shownValue(missed) === null) return true;
  return entries.some(
    (entry) =>
      isDelete(entry) &&
      entry.invokedAt < read.returnedAt &&
      (isUncertainDelete(entry) ||
        (isDone(entry) && isNewer(versionOf(entry) as Version, versionOf(missed)))),
  );
}

/** Operations that ended with a version, in the order in which they ended. */
function completed(entries: readonly HistoryEntry[]): HistoryEntry[] {
  return entries
    .filter((entry) => versionOf(entry) !== null)
    .sort((a, b) => a.returnedAt - b.returnedAt);
}

/** The newest of `known` that ended before `time`. */
function newestBefore(known: readonly HistoryEntry[], time: Millis): HistoryEntry | null {
  let newest: HistoryEntry | null = null;
  for (const entry of known) {
    if (entry.returnedAt >= time) break;
    if (isNewer(versionOf(entry) as Version, newest && versionOf(newest))) newest = entry;
  }
  return newest;
}

function newestBy<T>(items: readonly T[], version: (item: T) => Version | null): T | null {
  let newest: T | null = null;
  for (const item of items) {
    if (isNewer(version(item) as Version, newest && version(newest))) newest = item;
  }
  return newest;
}

export function byKey(history: readonly HistoryEntry[]): Map<Key, HistoryEntry[]> {
  const groups = new Map<Key, HistoryEntry[]>();
  for (const entry of history) {
    const group = groups.get(entry.operation.key);
    if (group === undefined) groups.set(entry.operation.key, [entry]);
    else group.push(entry);
  }
  return groups;
}

export function isDone({ result }: HistoryEntry): boolean {
  return result?.type === 'done';
}

/** A read, or a conditional write that was refused and says what it saw. */
export function isObservation({ result }: HistoryEntry): boolean {
  return result?.type === 'value' || result?.type === 'refused';
}

function observedValue({ result }: HistoryEntry): Uint8Array | null {
  if (result?.type === 'value') return result.value;
  return result?.type === 'refused' ? result.actual : null;
}

/** The value that goes with {@link versionOf}. */
function shownValue(entry: HistoryEntry): Uint8Array | null {
  return isDone(entry) ? writtenValue(entry.operation) : observedValue(entry);
}

export function versionOf({ result }: HistoryEntry): Version | null {
  if (result?.type === 'done' || result?.type === 'value' || result?.type === 'refused')
    return result.version;
  return null;
}

function isDelete({ operation }: HistoryEntry): boolean {
  return operation.type === 'delete' || (operation.type === 'cas' && operation.value === null);
}

function isUncertainDelete(entry: HistoryEntry): boolean {
  return isDelete(entry) && outcomeOf(entry) === 'info';
}

function at(entry: HistoryEntry): string {
  return `${entry.invokedAt.toFixed(1)}…${entry.returnedAt.toFixed(1)} ms`;
}

function describeRead(read: HistoryEntry): string {
  const version = versionOf(read);
  const seen = describeValue(observedValue(read));
  const where = `c${read.client} at ${read.node} (${read.level}, ${at(read)})`;
  return `${where} read ${seen}${version === null ? '' : ` in version ${describeVersion(version)}`}`;
}

function describeWrite(write: HistoryEntry): string {
  const value = describeValue(writtenValue(write.operation));
  const version = describeVersion(versionOf(write) as Version);
  return `c${write.client} at ${write.node} (${write.level}, ${at(write)}) ${write.operation.type} ${value} in version ${version}`;
}

export function describeAny(entry: HistoryEntry): string {
  return isDone(entry) ? describeWrite(entry) : describeRead(entry);
}

function describe({ version, value }: StoredEntry): string {
  return `${describeValue(value)} in version ${describeVersion(version)}`;
}

function describeVersion({ stamp, node }: Version): string {
  return `${stamp}/${node}`;
}

function describeValue(value: Uint8Array | null): string {
  return value === null ? 'absent' : Buffer.from(value).toString('latin1');
}

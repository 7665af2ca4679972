/**
 * What operations show of versions comes in the order that is promised. Values often leave open which of two writes took
 * effect first; every protocol's versions say it.
 */
import type { Guarantee } from '../core/session.js';
import { isNewer, type Version } from '../core/version.js';
import {
  type HistoryEntry,
  outcomeOf,
  type ToldVersion,
  versionsTold,
  writesOf,
} from './history.js';
import { describeHeld, spanOf, type Violation } from './invariants.js';

type Which = 'reads' | 'writes' | 'all';

/** A promise: in a group whatever is `heeding` shows nothing older than what had been `telling` before it began. */
export interface VersionOrder {
  readonly check: string;
  /** Operations that must know of each other, of each key; `null`: this one is in no group. */
  group(entry: HistoryEntry): string | number | null;
  readonly telling: Which;
  readonly heeding: Which;
}

const ofClient = ({ client }: HistoryEntry): number | null => (client < 0 ? null : client);

/** The guarantees of Terry et al. (1994), of each key. */
export const sessionOrders: Readonly<Record<Guarantee, VersionOrder>> = {
  'read-your-writes': order('read your writes', 'writes', 'reads'),
  'monotonic-reads': order('monotonic reads', 'reads', 'reads'),
  'monotonic-writes': order('monotonic writes', 'writes', 'writes'),
  'writes-follow-reads': order('writes follow reads', 'reads', 'writes'),
};

function order(
  check: string,
  telling: VersionOrder['telling'],
  heeding: VersionOrder['heeding'],
): VersionOrder {
  return { check, group: ofClient, telling, heeding };
}

/** What a node writes is newer than all that it has told of the key before: older, nobody would ever see it. */
export const nodeOrder: VersionOrder = {
  check: 'lost write',
  group: ({ node }) => node,
  telling: 'all',
  heeding: 'writes',
};

/** `version` is `null` of a key that was absent, and nobody knows since when. */
interface Shown extends Omit<ToldVersion, 'version'> {
  readonly version: Version | null;
  readonly by: HistoryEntry;
  readonly isWrite: boolean;
}

export function checkVersionOrder(
  history: readonly HistoryEntry[],
  orders: readonly VersionOrder[],
): Violation[] {
  const shown = history.flatMap(shownBy);
  return orders.flatMap((order) => {
    const groups = new Map<string, Shown[]>();
    for (const one of shown) {
      const group = order.group(one.by);
      if (group === null) continue;
      const name = `${group} ${one.key}`;
      const members = groups.get(name);
      if (members === undefined) groups.set(name, [one]);
      else members.push(one);
    }
    return [...groups.values()].flatMap((members) => violationsIn(members, order, history));
  });
}

function violationsIn(
  members: readonly Shown[],
  { check, telling, heeding }: VersionOrder,
  history: readonly HistoryEntry[],
): Violation[] {
  return members.flatMap((own) => {
    if (!isOf(heeding, own)) return [];
    const before = members.find((other) => {
      return isOf(telling, other) && precedes(other.by, own.by) && isBehind(own, other, history);
    });
    if (before === undefined) return [];
    const message = `${tell(own)}, after ${tell(before)}`;
    return [{ check, key: own.key, message }];
  });
}

/** A client asks one thing after another, at once if it likes. */
function precedes(a: HistoryEntry, b: HistoryEntry): boolean {
  const isSame = a.client === b.client && a.invokedAt < b.invokedAt;
  return a.returnedAt < b.invokedAt || (isSame && a.returnedAt === b.invokedAt);
}

function isBehind(own: Shown, other: Shown, history: readonly HistoryEntry[]): boolean {
  if (other.version === null) return false;
  if (own.version === null) return !mayBeDeleted(own, other.version, other.value, history);
  return own.isWrite ? !isNewer(own.version, other.version) : isNewer(other.version, own.version);
}

/** Before `own` found nothing, what held this version may have been deleted, and the tombstone collected. */
function mayBeDeleted(
  { key, by }: Shown,
  version: Version,
  value: Uint8Array | null,
  history: readonly HistoryEntry[],
): boolean {
  if (value === null) return true;
  return history.some((entry) => {
    const isDelete = writesOf(entry.operation).some(([own, left]) => own === key && left === null);
    if (!isDelete || entry.invokedAt >= by.returnedAt) return false;
    if (outcomeOf(entry) === 'info') return true;
    return versionsTold(entry).some((told) => told.key === key && isNewer(told.version, version));
  });
}

function shownBy(by: HistoryEntry): Shown[] {
  const { operation, result } = by;
  const isWrite = result?.type === 'done' || result?.type === 'committed';
  const told = versionsTold(by).map((one) => ({ ...one, by, isWrite }));
  if (told.length > 0 || operation.type === 'txn') return told;
  const isAbsent =
    (result?.type === 'value' && result.value === null) ||
    (result?.type === 'refused' && result.actual === null);
  return isAbsent ? [{ key: operation.key, version: null, value: null, by, isWrite }] : [];
}

const isOf = (which: Which, { isWrite }: Shown): boolean =>
  which === 'all' || (which === 'writes') === isWrite;

function tell({ version, value, by, isWrite }: Shown): string {
  const what = version === null ? 'nothing' : describeHeld({ version, value });
  return `c${by.client} at ${by.node} (${by.level}, ${spanOf(by)}) ${isWrite ? 'wrote' : 'read'} ${what}`;
}

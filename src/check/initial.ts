/**
 * What keys held at first. A history begins with absent keys, unless its reader says otherwise; but many do not: a
 * register of Jepsen's often begins as 0. That shows where a value was read before anybody began to write it, and before
 * any write of the key had ended.
 */
import { kindCode, outcomeCode } from '../history/event.js';
import { absent, type History, unsaid } from '../history/history.js';
import { plainText } from './evidence/narrator.js';
import { type KeyOperations, readsAt, writesAt } from './split.js';

/** By key, the value that it held at first, as ids of the history; keys that began absent are not in it. */
export type Initials = ReadonlyMap<number, number>;

export const noInitials: Initials = new Map();

/** The history, with `text` among its values, and every key holding it at first. */
export function withInitial(
  history: History,
  text: string,
): { history: History; initials: Initials } {
  const known = history.values.indexOf(text);
  const id = known === -1 ? history.values.length : known;
  const values = known === -1 ? [...history.values, text] : history.values;
  return {
    history: { ...history, values },
    initials: new Map(history.keys.map((_, key) => [key, id])),
  };
}

/**
 * What keys must have held at first, if what was read of them is true. A history that knows absence, or versions, tells
 * how its keys began; and where no value is written twice, one that was written later is one that was read too early.
 */
export function initialsShownBy(history: History, keys: readonly KeyOperations[]): Initials {
  if (knowsAbsence(history)) return noInitials;
  const shown = new Map<number, number>();
  for (const key of keys) {
    const value = shownBy(history, key);
    if (value !== null) shown.set(key.key, key.values[value] as number);
  }
  return shown;
}

function knowsAbsence(history: History): boolean {
  for (let at = 0; at < history.count; at++) {
    const kind = history.kind[at];
    if (kind === kindCode.insert || kind === kindCode.update || kind === kindCode.delete)
      return true;
    if (history.outcome[at] === outcomeCode.ok && history.seen[at] === absent) return true;
    if (history.expected[at] === absent || !Number.isNaN(history.versionStamp[at])) return true;
  }
  return false;
}

/** The value of the register that it must have held at first; `null`: none, or more than one. */
function shownBy(
  { invokedAt }: History,
  { register, failedWriters }: KeyOperations,
): number | null {
  const { start, end, value } = register;
  let firstEnd = Number.POSITIVE_INFINITY;
  const begun = new Map<number, number>();
  const writes = new Map<number, number>();
  for (let at = 0; at < register.count; at++) {
    if (!writesAt(register, at)) continue;
    const written = value[at] as number;
    firstEnd = Math.min(firstEnd, end[at] as number);
    begun.set(
      written,
      Math.min(begun.get(written) ?? Number.POSITIVE_INFINITY, start[at] as number),
    );
    writes.set(written, (writes.get(written) ?? 0) + 1);
  }
  const isUnique = [...writes.values()].every((count) => count === 1);
  const shown = new Set<number>();
  for (let at = 0; at < register.count; at++) {
    if (!readsAt(register, at)) continue;
    const found = (writesAt(register, at) ? register.expected[at] : value[at]) as number;
    const isEarly = (begun.get(found) ?? Number.POSITIVE_INFINITY) > (end[at] as number);
    if (!isEarly || firstEnd < (start[at] as number)) continue;
    if (isUnique && writes.has(found)) return null;
    // Likelier than that it was there is that the write which is said to have failed did not.
    const failed = failedWriters.get(found);
    if (failed !== undefined && (invokedAt[failed] as number) <= (end[at] as number)) return null;
    shown.add(found);
  }
  const [only, second] = shown;
  return only === undefined || second !== undefined ? null : only;
}

/** One value for every key that has one, in words: `x held 0 at first`. */
export function initialSentence(history: History, initials: Initials): string {
  const name = (value: number): string => plainText(history.values[value] ?? 'nothing');
  const values = [...new Set(initials.values())];
  const [only] = values;
  if (values.length === 1 && only !== undefined && initials.size > 1) {
    const which = initials.size === history.keys.length ? 'every key' : `${initials.size} keys`;
    return `${which} held ${name(only)} at first`;
  }
  const each = [...initials].map(([key, value]) => `${keyName(history, key)} ${name(value)}`);
  const more = each.length > 3 ? ` and ${each.length - 3} more` : '';
  if (each.length > 1) return `keys held at first: ${each.slice(0, 3).join(', ')}${more}`;
  const [[key, value] = [unsaid, unsaid]] = initials;
  return `${keyName(history, key)} held ${name(value)} at first`;
}

const keyName = (history: History, key: number): string => plainText(history.keys[key] ?? '');

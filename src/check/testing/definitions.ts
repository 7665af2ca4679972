/**
 * The models by their definitions, tried out in every way there is: slow, short and without any cleverness, to judge the
 * quick checkers by. For a handful of operations, in which every value but absence is written once, and processes that
 * end with what nobody answers.
 */
import type { Row } from './rows.js';

const found = ({ f, value }: Row): string | null | undefined => {
  if (f === 'get') return (value ?? null) as string | null;
  if (f === 'insert') return null;
  return f === 'cas' ? ((value as readonly (string | null)[])[0] ?? null) : undefined;
};
const left = ({ f, value }: Row): string | null | undefined => {
  if (f === 'get') return undefined;
  if (f === 'delete') return null;
  return f === 'cas' ? ((value as readonly (string | null)[])[1] ?? null) : (value as string);
};
const isWrite = (row: Row) => row.f !== 'get';
const isRead = (row: Row) => found(row) !== undefined;
const endOf = ({ outcome, to }: Row) => (outcome === 'info' ? Number.POSITIVE_INFINITY : (to ?? 0));

/** Without what nobody answered and nobody saw: it may as well never have happened. */
function effective(rows: readonly Row[]): Row[] {
  const seen = new Set(rows.map((row) => `${row.key} ${found(row)}`));
  return rows.filter((row) => row.outcome !== 'info' || seen.has(`${row.key} ${left(row)}`));
}

/** Each key has an interleaving of the sessions in which every operation finds what the one before it left. */
export function isSequential(all: readonly Row[]): boolean {
  const rows = effective(all);
  const keys = [...new Set(rows.map(({ key }) => key))];
  return keys.every((key) => interleaves(sessionsOf(rows.filter((row) => row.key === key))));
}

function sessionsOf(rows: readonly Row[]): Row[][] {
  const sessions = new Map<number, Row[]>();
  for (const row of [...rows].sort((a, b) => a.from - b.from)) {
    sessions.set(row.process, [...(sessions.get(row.process) ?? []), row]);
  }
  return [...sessions.values()];
}

function interleaves(sessions: readonly Row[][]): boolean {
  const tried = new Set<string>();
  const go = (places: readonly number[], value: string | null): boolean => {
    const name = `${places} ${value}`;
    if (tried.has(name)) return false;
    tried.add(name);
    const isDone = sessions.every((rows, at) =>
      rows.slice(places[at]).every(({ outcome }) => outcome === 'info'),
    );
    if (isDone) return true;
    return sessions.some((rows, at) => {
      const row = rows[places[at] as number];
      if (row === undefined || (isRead(row) && found(row) !== value)) return false;
      const next = left(row);
      return go(
        places.map((place, other) => (other === at ? place + 1 : place)),
        next === undefined ? value : next,
      );
    });
  };
  return go(
    sessions.map(() => 0),
    null,
  );
}

/** There is one order of all writes such that everybody reads the last one in it of those it knows (CCv). */
export function isCausal(all: readonly Row[]): boolean {
  const rows = effective(all);
  const readings = rows.filter(isRead);
  const choices = readings.map((row) => originsOf(rows, row));
  return products(choices).some((origins) => {
    const origin = new Map(readings.map((row, at) => [row, origins[at] as Row | null]));
    const known = causalPast(rows, origin);
    if (rows.some((row) => known.get(row)?.has(row))) return false;
    return permutations(rows.filter(isWrite)).some((order) => explains(rows, order, known, origin));
  });
}

function originsOf(rows: readonly Row[], reading: Row): (Row | null)[] {
  const value = found(reading);
  const writers = rows.filter(
    (row) => row !== reading && row.key === reading.key && left(row) === value,
  );
  return value === null ? [null, ...writers] : writers;
}

function causalPast(rows: readonly Row[], origin: ReadonlyMap<Row, Row | null>) {
  const known = new Map(rows.map((row) => [row, new Set<Row>()]));
  for (let changed = true; changed; ) {
    changed = false;
    for (const row of rows) {
      const own = known.get(row) as Set<Row>;
      const causes = rows.filter(
        (other) =>
          other.process === row.process && other.from < row.from && other.outcome !== 'info',
      );
      const read = origin.get(row);
      if (read) causes.push(read);
      for (const cause of causes) {
        for (const each of [cause, ...(known.get(cause) as Set<Row>)]) {
          if (own.has(each)) continue;
          own.add(each);
          changed = true;
        }
      }
    }
  }
  return known;
}

function explains(
  rows: readonly Row[],
  order: readonly Row[],
  known: ReadonlyMap<Row, ReadonlySet<Row>>,
  origin: ReadonlyMap<Row, Row | null>,
): boolean {
  const place = new Map(order.map((row, at) => [row, at]));
  const isBefore = (a: Row, b: Row) => (place.get(a) as number) < (place.get(b) as number);
  return rows.every((row) => {
    const past = [...(known.get(row) as ReadonlySet<Row>)].filter(isWrite);
    if (isWrite(row) && !past.every((write) => isBefore(write, row))) return false;
    if (!isRead(row)) return true;
    const ofKey = past.filter(({ key }) => key === row.key);
    const read = origin.get(row) ?? null;
    if (read === null) return ofKey.length === 0;
    return ofKey.every((write) => write === read || isBefore(write, read));
  });
}

/** Every reading returns a write that had begun, and that no other write surely lies between. */
export function isRegular(all: readonly Row[]): boolean {
  const rows = effective(all);
  return rows.filter(isRead).every((row) =>
    originsOf(rows, row).some((origin) => {
      if (origin !== null && origin.from > endOf(row)) return false;
      const written = origin === null ? Number.NEGATIVE_INFINITY : endOf(origin);
      return newerVersions(rows, row, written) === 0;
    }),
  );
}

/** Of the stale reading with the most newer writes between: how many there are, whoever it read from. */
export function versionsOld(all: readonly Row[]): number {
  const rows = effective(all);
  const counts = rows.filter(isRead).map((row) => {
    const written = originsOf(rows, row)
      .filter((origin) => origin === null || origin.from <= endOf(row))
      .map((origin) => (origin === null ? Number.NEGATIVE_INFINITY : endOf(origin)));
    return written.length === 0
      ? 0
      : Math.min(...written.map((since) => newerVersions(rows, row, since)));
  });
  return Math.max(0, ...counts);
}

function newerVersions(rows: readonly Row[], reading: Row, since: number): number {
  const between = rows.filter(
    (row) =>
      isWrite(row) && row.key === reading.key && row.from > since && endOf(row) < reading.from,
  );
  return between.length;
}

function products<T>(choices: readonly (readonly T[])[]): T[][] {
  return choices.reduce<T[][]>(
    (lists, items) => lists.flatMap((list) => items.map((item) => [...list, item])),
    [[]],
  );
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, at) =>
    permutations([...items.slice(0, at), ...items.slice(at + 1)]).map((rest) => [item, ...rest]),
  );
}

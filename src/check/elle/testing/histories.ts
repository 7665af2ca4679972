import type { Random } from '../../../core/random.js';
import { kindCode, outcomeCode } from '../../../history/event.js';
import type { History, Outcome, Step } from '../../../history/history.js';
import { isSame } from '../access.js';

export interface Drawn {
  readonly process: number;
  readonly outcome: Outcome;
  readonly start: number;
  /** Infinity for `info`. */
  readonly end: number;
  readonly steps: readonly Step[];
}

/** Keys are x, y, z…; a value is its number. */
export function historyOf(transactions: readonly Drawn[]): History {
  const count = transactions.length;
  const column = (value: number) => new Int32Array(count).fill(value);
  const values = transactions.flatMap(({ steps }) =>
    steps.flatMap(({ value }) => (value === null ? [] : value)),
  );
  return {
    count,
    process: Int32Array.from(transactions, ({ process }) => process),
    kind: new Uint8Array(count).fill(kindCode.txn),
    outcome: Uint8Array.from(transactions, ({ outcome }) => outcomeCode[outcome]),
    ...{ key: column(-1), written: column(-1), expected: column(-1), seen: column(-1) },
    invokedAt: Float64Array.from(transactions, ({ start }) => start),
    returnedAt: Float64Array.from(transactions, ({ end }) => end),
    ...{ node: column(-1), session: column(-1), versionNode: column(-1) },
    versionStamp: new Float64Array(count).fill(Number.NaN),
    line: Int32Array.from(transactions, (_, at) => at + 1),
    keys: ['x', 'y', 'z', 'u', 'v'],
    values: Array.from({ length: values.reduce((a, b) => Math.max(a, b), 0) + 1 }, (_, id) =>
      id === 0 ? null : String(id),
    ),
    ...{ nodes: [], sessions: [] },
    steps: new Map(transactions.map(({ steps }, at) => [at, steps])),
  };
}

/**
 * A few transactions as a store gives them that is at times less than it should be: it reads what was there some writes
 * ago, or lets a transaction that failed leave something behind. About half of them are serializable.
 */
export function randomTransactions(random: Random, writing: 'w' | 'append'): Drawn[] {
  const count = 2 + random.below(5);
  const keys = 1 + random.below(3);
  const sloppiness = random.pick([0, 0.3, 0.7]);
  const busy = random.pick([2, 8, 30]);
  const past: (number | readonly number[])[][] = Array.from({ length: keys }, () => [
    writing === 'w' ? 0 : [],
  ]);
  let written = 0;
  const points = Array.from({ length: count }, () => random.below(20)).sort((a, b) => a - b);
  return points.map((point, process) => {
    const outcome = random.pick<Outcome>(['ok', 'ok', 'ok', 'ok', 'info', 'fail']);
    const happens = outcome === 'ok' || (outcome === 'info' && random.chance(0.5));
    const own = new Map<number, number | readonly number[]>();
    const steps = Array.from({ length: 1 + random.below(3) }, (): Step => {
      const key = random.below(keys);
      const versions = past[key] as (number | readonly number[])[];
      const old = random.chance(sloppiness) ? 1 + random.below(2) : 0;
      const held = own.get(key) ?? versions[Math.max(0, versions.length - 1 - old)] ?? 0;
      if (random.chance(0.5)) return { f: 'r', key, value: outcome === 'ok' ? held : null };
      const value = ++written;
      own.set(key, writing === 'w' ? value : [...(held as readonly number[]), value]);
      return { f: writing, key, value };
    });
    if (happens || random.chance(sloppiness / 4)) {
      for (const [key, held] of own) past[key]?.push(held);
    }
    const start = point - random.below(busy);
    const end = outcome === 'info' ? Number.POSITIVE_INFINITY : point + random.below(busy);
    return { process, outcome, start, end, steps };
  });
}

/** By trying all orders; of those that may have happened, with them and without. */
export function isSerializable(transactions: readonly Drawn[], keepsTime: boolean): boolean {
  const live = transactions.filter(({ outcome }) => outcome !== 'fail');
  const canFollow = (
    left: readonly Drawn[],
    state: ReadonlyMap<number, Step['value']>,
  ): boolean => {
    if (left.every(({ outcome }) => outcome === 'info')) return true;
    return left.some((next) => {
      const isLate = left.some((other) => other !== next && other.end < next.start);
      if (keepsTime && isLate) return false;
      const after = run(next.steps, state);
      return (
        after !== null &&
        canFollow(
          left.filter((other) => other !== next),
          after,
        )
      );
    });
  };
  return canFollow(live, new Map());
}

function run(steps: readonly Step[], state: ReadonlyMap<number, Step['value']>) {
  const after = new Map(state);
  for (const { f, key, value } of steps) {
    const held = after.get(key) ?? 0;
    if (f === 'w') after.set(key, value);
    else if (f === 'append') after.set(key, [...(typeof held === 'number' ? [] : held), value]);
    else if (value !== null && !isSame(held, value)) return null;
  }
  return after;
}

/**
 * By trying all orders of commits and all moments to read from: each transaction reads from one moment before its commit,
 * and nobody else wrote what it writes between the two.
 */
export function isSnapshotIsolated(transactions: readonly Drawn[]): boolean {
  const live = transactions.filter(({ outcome }) => outcome !== 'fail');
  type State = ReadonlyMap<number, Step['value']>;
  const canFollow = (left: readonly Drawn[], states: readonly State[], done: readonly Drawn[]) => {
    if (left.every(({ outcome }) => outcome === 'info')) return true;
    return left.some((next): boolean => {
      const others = left.filter((other) => other !== next);
      const written = new Set(next.steps.flatMap(({ f, key }) => (f === 'r' ? [] : key)));
      return states.some((state, moment) => {
        const isFirst = done
          .slice(moment)
          .every(({ steps }) => steps.every(({ f, key }) => f === 'r' || !written.has(key)));
        const after = isFirst ? run(next.steps, state) : null;
        if (after === null) return false;
        const latest = new Map(states.at(-1));
        for (const key of written) latest.set(key, after.get(key) ?? null);
        return canFollow(others, [...states, latest], [...done, next]);
      });
    });
  };
  return canFollow(live, [new Map()], []);
}

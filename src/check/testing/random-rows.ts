/** Small histories of a weak store, made up at random: what is read was written by somebody, at some time. */
import type { SeededRandom } from '../../core/random.js';
import type { Row } from './rows.js';

export interface RandomOptions {
  readonly operationsMax: number;
  readonly keys: readonly string[];
  /** Absence can then come from several operations. */
  readonly deletes: boolean;
  readonly replacements: boolean;
}

export function randomRows(random: SeededRandom, options: RandomOptions): Row[] {
  const { operationsMax, keys, deletes, replacements } = options;
  const count = 3 + random.below(operationsMax - 2);
  const processes = 2 + random.below(3);
  const clocks = Array.from({ length: processes }, () => random.below(10));
  const ended = new Set<number>();
  const written = new Map<string, string[]>(keys.map((key) => [key, []]));
  const rows: Row[] = [];
  let next = 1;
  while (rows.length < count && ended.size < processes) {
    const process = random.below(processes);
    if (ended.has(process)) continue;
    const key = random.pick(keys);
    const from = (clocks[process] as number) + 1 + random.below(8);
    const to = from + random.below(15);
    clocks[process] = to;
    const common = { process, key, from, to };
    const known = written.get(key) as string[];
    // A little from the future, too: a value that is going to be written.
    const found = random.chance(0.2) ? null : random.chance(0.1) ? `${next}` : last(random, known);
    if (random.chance(0.5)) {
      rows.push({ ...common, f: 'get', value: found });
      continue;
    }
    if (deletes && random.chance(0.3)) {
      rows.push({ ...common, f: 'delete' });
      continue;
    }
    const isOpen = random.chance(0.1);
    const outcome = isOpen ? ('info' as const) : ('ok' as const);
    if (isOpen) ended.add(process);
    const value = `${next++}`;
    known.push(value);
    const replaces = replacements && random.chance(0.4);
    if (replaces && found === null) rows.push({ ...common, f: 'insert', value, outcome });
    else if (replaces && found !== value)
      rows.push({ ...common, f: 'cas', value: [found, value], outcome });
    else rows.push({ ...common, f: 'put', value, outcome });
  }
  return withoutPhantoms(rows);
}

/** Mostly what was written not long ago. */
function last(random: SeededRandom, known: readonly string[]): string | null {
  return (
    known[known.length - 1 - Math.min(random.below(3), random.below(known.length + 1))] ?? null
  );
}

/** Without readings of values that were not written after all: those violate every model. */
function withoutPhantoms(rows: readonly Row[]): Row[] {
  const writtenOf = ({ f, key, value }: Row) =>
    f === 'get' ? '' : `${key} ${f === 'cas' ? (value as readonly (string | null)[])[1] : value}`;
  const written = new Set(rows.map(writtenOf));
  return rows.filter(({ f, key, value }) => {
    if (f !== 'get' && f !== 'cas') return true;
    const found = f === 'get' ? value : (value as readonly (string | null)[])[0];
    return found === null || written.has(`${key} ${found}`);
  });
}

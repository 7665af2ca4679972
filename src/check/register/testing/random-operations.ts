import type { Random } from '../../../core/random.js';
import type { RegisterOperations } from '../operations.js';
import { never, operationsOf, type Row } from './rows.js';

/** What random histories are made of; probabilities, unless said otherwise. */
export interface RandomShape {
  /** At most this many operations, by at most this many processes. */
  readonly operationsMax: number;
  readonly processesMax: number;
  /** Times are whole numbers up to this: the smaller, the more ties. */
  readonly timeMax: number;
  /** Of an operation: that it is a write, a compare-and-set, an update; a read otherwise. */
  readonly writes: number;
  readonly cas: number;
  readonly updates: number;
  /** Of a write or a compare-and-set: that it deletes. */
  readonly deletes: number;
  /** Of a write of any kind: that nobody knows whether it happened. */
  readonly info: number;
  /** That the key has a value before all operations. */
  readonly initial: number;
  /** Written values are 1 to this; 0: each is written once. */
  readonly valuesMax: number;
  /** That something is changed after the fact, so that the history may be impossible; and then once more, and so on. */
  readonly mutated: number;
}

/** A shape for any taste: each draw has other sizes, kinds and ties. Without updates. */
export function randomShape(random: Random): RandomShape {
  return {
    operationsMax: random.pick([4, 6, 8, 11, 11]),
    processesMax: 2 + random.below(4),
    timeMax: random.pick([6, 12, 24, 100]),
    writes: random.pick([0.2, 0.4, 0.6]),
    cas: random.pick([0, 0.2, 0.5]),
    updates: 0,
    deletes: random.pick([0, 0.3, 0.5, 0.8]),
    info: random.pick([0, 0.1, 0.3, 0.6]),
    initial: random.pick([0, 0.5]),
    valuesMax: 0,
    mutated: 0.85,
  };
}

interface Planned {
  readonly start: number;
  readonly end: number;
  /** When the atomic register below would do it: between start and end. */
  readonly point: number;
}

/** A history that an atomic register gave, and then perhaps changed a little: about half of them are impossible. */
export function randomOperations(random: Random, shape: RandomShape): RegisterOperations {
  const initial = random.chance(shape.initial) ? 1 : 0;
  const rows = new AtomicRegister(random, shape, initial).rows(plan(random, shape));
  while (rows.length > 0 && random.chance(shape.mutated)) mutate(random, shape, rows);
  shuffle(random, rows);
  return operationsOf(rows, initial);
}

/** Each process does one thing after another. In the order of the points. */
function plan(random: Random, shape: RandomShape): Planned[] {
  const { operationsMax, processesMax, timeMax } = shape;
  const planned: Planned[] = [];
  const count = Math.max(1, operationsMax - random.below(4));
  const processes = 1 + random.below(processesMax);
  for (let process = 0; process < processes; process++) {
    const own = Math.floor((count + process) / processes);
    const times = Array.from({ length: 2 * own }, () => random.below(timeMax + 1));
    times.sort((a, b) => a - b);
    for (let nth = 0; nth < own; nth++) {
      const start = times[2 * nth] as number;
      const end = times[2 * nth + 1] as number;
      planned.push({ start, end, point: start + random.next() * (end - start) });
    }
  }
  return planned.sort((a, b) => a.point - b.point);
}

class AtomicRegister {
  readonly #random: Random;
  readonly #shape: RandomShape;
  #value: number;
  /** The values written so far, for compare-and-sets that expect what is no longer there. */
  readonly #known: number[];
  #written: number;

  constructor(random: Random, shape: RandomShape, initial: number) {
    this.#random = random;
    this.#shape = shape;
    this.#value = initial;
    this.#known = [0, initial];
    this.#written = initial;
  }

  rows(planned: readonly Planned[]): Row[] {
    return planned.flatMap((at) => {
      const row = this.#row(at);
      return row === null ? [] : [row];
    });
  }

  #row({ start, end }: Planned): Row | null {
    const random = this.#random;
    const { writes, cas, updates, info } = this.#shape;
    const draw = random.next();
    const times = { start, end: random.chance(info) ? never : end };
    if (draw < writes) return this.#write(times);
    if (draw < writes + cas) return this.#cas(times, end);
    if (draw < writes + cas + updates) return this.#update(times, end);
    return { kind: 'read', value: this.#value, expected: 0, start, end };
  }

  #write(times: { start: number; end: number }): Row {
    const value = this.#fresh();
    if (this.#happens(times.end)) this.#value = value;
    return { kind: 'write', value, expected: 0, ...times };
  }

  #cas(times: { start: number; end: number }, end: number): Row {
    const random = this.#random;
    const expected = random.chance(0.7) ? this.#value : random.pick(this.#known);
    const isSame = expected === this.#value;
    if (!isSame && times.end !== never) {
      return { kind: 'read', value: this.#value, expected: 0, ...times, end };
    }
    const value = this.#fresh();
    if (isSame && this.#happens(times.end)) this.#value = value;
    return { kind: 'cas', value, expected, ...times };
  }

  #update(times: { start: number; end: number }, end: number): Row {
    if (this.#value === 0 && times.end !== never) {
      return { kind: 'read', value: 0, expected: 0, ...times, end };
    }
    const value = this.#fresh(false);
    if (this.#value !== 0 && this.#happens(times.end)) this.#value = value;
    return { kind: 'update', value, expected: 0, ...times };
  }

  #happens(end: number): boolean {
    return end !== never || this.#random.chance(0.6);
  }

  #fresh(mayDelete = true): number {
    const { deletes, valuesMax } = this.#shape;
    if (mayDelete && this.#random.chance(deletes)) return 0;
    this.#written++;
    const value = valuesMax === 0 ? this.#written : 1 + this.#random.below(valuesMax);
    this.#known.push(value);
    return value;
  }
}

/** One change, which keeps written values as unique as they were. */
function mutate(random: Random, shape: RandomShape, rows: Row[]): void {
  const at = random.below(rows.length);
  const row = rows[at] as Row;
  const seen = random.chance(0.2) ? 0 : random.pick(rows).value;
  const draw = random.next();
  if (draw < 0.5 && row.kind === 'read') rows[at] = { ...row, value: seen };
  else if (draw < 0.5 && row.kind === 'cas') rows[at] = { ...row, expected: seen };
  else if (draw < 0.5 && row.kind === 'write' && random.chance(shape.cas)) {
    rows[at] = { ...row, kind: 'cas', expected: seen };
  } else if (draw < 0.7) {
    const start = random.below(shape.timeMax + 1);
    rows[at] = { ...row, start, end: start + Math.floor((row.end - row.start) / 2) };
  } else if (draw < 0.9) rows[at] = { ...row, end: row.start };
  else if (draw < 0.95) {
    if (row.kind !== 'read') rows[at] = { ...row, end: never };
  } else if (random.chance(0.2)) rows.splice(at, 1);
}

function shuffle(random: Random, rows: Row[]): void {
  for (let at = rows.length - 1; at > 0; at--) {
    const other = random.below(at + 1);
    [rows[at], rows[other]] = [rows[other] as Row, rows[at] as Row];
  }
}

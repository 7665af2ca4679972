import type { Random } from '../../../core/random.js';
import type { RegisterOperations } from '../operations.js';
import { operationsOf, type Row } from './rows.js';

export interface ManyClients {
  readonly clients: number;
  readonly operations: number;
  /** Written values are 1 to this; 0: each is written once. */
  readonly values: number;
  /** Probabilities, of an operation: a read, a compare-and-set; a write otherwise. */
  readonly reads: number;
  readonly cas: number;
}

/** What clients that are always busy get from an atomic register: each operation takes effect somewhere within it. */
export function busyClients(random: Random, shape: ManyClients): RegisterOperations {
  const { clients, operations, values } = shape;
  const free = new Float64Array(clients);
  const planned = Array.from({ length: operations }, (_, nth) => {
    const client = nth % clients;
    const start = (free[client] as number) + random.next();
    const end = start + 1 + random.next() * 10;
    free[client] = end;
    return { start, end, point: start + random.next() * (end - start) };
  });
  planned.sort((a, b) => a.point - b.point);
  let value = 0;
  const rows = planned.map(({ start, end }, nth): Row => {
    const draw = random.next();
    const times = { start, end };
    if (draw < shape.reads) return { kind: 'read', value, expected: 0, ...times };
    const found = value;
    value = values === 0 ? nth + 1 : 1 + random.below(values);
    const kind = draw < shape.reads + shape.cas ? 'cas' : 'write';
    return { kind, value, expected: kind === 'cas' ? found : 0, ...times };
  });
  return operationsOf(rows.sort((a, b) => a.start - b.start));
}

/** The same, but a late read returns what an early write wrote. */
export function withStaleRead(operations: RegisterOperations): RegisterOperations {
  const { kind, value, count } = operations;
  const stale = Int32Array.from(value);
  const late = kind.lastIndexOf(0, Math.floor(count * 0.9));
  stale[late] = value[kind.indexOf(1, Math.floor(count * 0.1))] as number;
  return { ...operations, value: stale };
}

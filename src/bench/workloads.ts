/** The loads that have a name. */
import type { KeySpec, Mix } from '../workload/generator.js';

/** What a name stands for; clients, keys and sizes are said beside it. */
export interface NamedLoad {
  readonly summary: string;
  readonly mix: Mix;
  readonly skew: KeySpec['skew'];
  /** Every key is put once before anything is measured. */
  readonly fills: boolean;
  /** Absent: as of any load. */
  readonly clients?: number;
  readonly keys?: number;
}

/** Few clients of few keys: they meet, and a history of them is soon judged. */
const contended = { skew: 1, fills: false, clients: 8, keys: 10 } as const;
const ofYcsb = { skew: 'zipfian', fills: true } as const;

/** Cooper et al., "Benchmarking cloud serving systems with YCSB" (SoCC 2010), table 2; and three that are made to be checked. */
export const namedLoads = {
  'ycsb-a': { ...ofYcsb, summary: '50% gets, 50% puts, some keys hot', mix: { get: 50, put: 50 } },
  'ycsb-b': { ...ofYcsb, summary: '95% gets, 5% puts', mix: { get: 95, put: 5 } },
  'ycsb-c': { ...ofYcsb, summary: 'gets alone', mix: { get: 1 } },
  'ycsb-d': {
    ...ofYcsb,
    summary: '95% gets, most of what came last; 5% puts of new keys',
    mix: { get: 95, new: 5 },
    skew: 'latest',
  },
  'ycsb-e': {
    ...ofYcsb,
    summary: '95% scans of up to 100 keys, 5% puts of new keys',
    mix: { scan: 95, new: 5 },
  },
  'ycsb-f': {
    ...ofYcsb,
    summary: '50% gets, 50% read-modify-writes',
    mix: { get: 50, rmw: 50 },
  },
  register: {
    ...contended,
    summary: '50% gets, 30% puts, 20% cas of few keys',
    mix: { get: 5, put: 3, cas: 2 },
  },
  append: {
    ...contended,
    summary: 'transactions that make lists longer (paxos, 2pc)',
    mix: { append: 1 },
  },
  transfer: {
    ...contended,
    summary: 'transactions that check two keys and put both (paxos, 2pc)',
    mix: { transfer: 1 },
  },
} as const satisfies Readonly<Record<string, NamedLoad>>;

export type LoadName = keyof typeof namedLoads;
export const loadNames = Object.keys(namedLoads) as readonly LoadName[];

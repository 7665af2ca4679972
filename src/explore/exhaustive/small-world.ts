/** What is explored: a small cluster, what its clients ask, and how much may go wrong. */
import type { NodeId } from '../../core/ids.js';
import type { ClientResult, DataOperation, Level } from '../../core/operation.js';
import type { History } from '../../history/history.js';
import type { AnyMode } from '../../protocols/registry.js';
import type { HistoryEntry } from '../history.js';
import type { ReplicaState, Violation } from '../invariants.js';
import type { ObjectReader } from './state-text.js';

export interface Ask {
  readonly node: NodeId;
  readonly operation: DataOperation;
  readonly level: Level | null;
}

/** How often each may happen, on the whole. */
export interface FaultCounts {
  /** Messages that never arrive. */
  readonly losses: number;
  /** Messages that come twice. */
  readonly duplicates: number;
  /** Power cuts and kills; a node that is down may start again at any time. */
  readonly crashes: number;
  /** Timers that fire, each however early. */
  readonly timers: number;
}

export interface Envelope {
  readonly from: NodeId;
  readonly to: NodeId;
  readonly message: { readonly type: string };
}

/** A client's operation begins, or ends; `null`: it will never be known how. */
export type ClientEvent =
  | { readonly client: number; readonly asks: Ask }
  | { readonly client: number; readonly told: ClientResult | null };

export interface SmallWorld {
  readonly protocol: AnyMode['protocol'];
  readonly options: unknown;
  readonly nodes: readonly NodeId[];
  /** Each asks one thing after another. */
  readonly clients: readonly (readonly Ask[])[];
  /** How messages arrive: on each link in the order sent; in any order; in any order and any number of times. */
  readonly delivery: 'in order' | 'in any order' | 'any number of times';
  readonly bounds: FaultCounts;
  /** What is under way after the start arrives before anything else comes. */
  readonly settles: boolean;
  /** What is wrong with what clients were told so far. */
  judge(history: History, entries: readonly HistoryEntry[]): readonly Violation[];
  /** What is wrong when all nodes are up, and nothing is under way. */
  atRest?(
    entries: readonly HistoryEntry[],
    replicas: readonly ReplicaState[],
  ): readonly Violation[];
  /** Nodes are equal whose views show the same facts and which have set the same timers. */
  readonly factsAreAll?: boolean;
  /**
   * Nodes are equal that are the same to it. Without it and unless facts are all, those are equal that have met the same, in
   * the same order.
   */
  readonly reader?: ObjectReader | undefined;
  /** States are equal that differ in nothing but who is who, where nodes and clients can change places. */
  readonly isSymmetric?: boolean | undefined;
  /** Under way from the start. */
  readonly prompts?: readonly Envelope[];
  /** Where clients are nodes: what a message that is sent, or arrives, says of their operations. */
  clientEvent?(what: 'sent' | 'arrived', envelope: Envelope): ClientEvent | null;
}

/**
 * How stale reads of partial quorums are to be expected: Bailis et al., "Probabilistically bounded staleness for practical
 * partial quorums" (VLDB 2012), by its WARS model (section 5.1) and Monte Carlo, from delays that were measured. In kvx the
 * coordinator is, as a rule, itself one of the replicas, and hears of itself at once.
 */
import type { Millis, NodeId } from '../core/ids.js';
import type { Key } from '../core/key.js';
import { partitionPoint, pushTo } from '../core/lookup.js';
import type { Operation } from '../core/operation.js';
import type { Random } from '../core/random.js';
import type { TraceEvent, TypedData } from '../core/trace-event.js';
import { compareVersions, type Version } from '../core/version.js';

/** In milliseconds: each a sample of its distribution. */
export interface WarsDelays {
  /** A write from when its coordinator has it until a replica has it, W; and until the acknowledgement is back, A. */
  readonly write: readonly Millis[];
  readonly ack: readonly Millis[];
  /** A coordinator that is a replica itself has a write at once; it counts for W when it is durable there. */
  readonly ownAck: readonly Millis[];
  /** As of writes: a read, R, and its reply, S. */
  readonly read: readonly Millis[];
  readonly reply: readonly Millis[];
}

type Phased = { readonly phase: number };
interface PhasedMessage extends TypedData {
  readonly writes?: readonly (Phased & { readonly version: Version })[];
  readonly acks?: readonly Phased[];
  readonly reads?: readonly Phased[];
  readonly replies?: readonly Phased[];
}
type EntryRecord = TypedData & { readonly version?: Version };

/** From what nodes of a quorum cluster have traced, in any order. */
export function delaysIn(events: readonly TraceEvent[]): WarsDelays {
  const reader = new DelayReader();
  for (const event of inOrder(events)) reader.read(event);
  return reader.delays;
}

class DelayReader {
  readonly delays = { write: [], ack: [], ownAck: [], read: [], reply: [] } as {
    [K in keyof WarsDelays]: Millis[];
  };
  readonly #sentAt = new Map<string, Millis>();
  /** By coordinator and version. */
  readonly #hadAt = new Map<string, Millis>();
  /** By coordinator, phase and replica. */
  readonly #arrivedAt = new Map<string, Millis>();
  /** By node: when what is not durable was persisted, before and in the sync that is under way. */
  readonly #unsynced = new Map<NodeId, Millis[]>();
  readonly #syncing = new Map<NodeId, Millis[]>();

  read({ node, clock, atMs, data }: TraceEvent): void {
    switch (data.type) {
      case 'sent':
        this.#sentAt.set(`${node} ${clock[node]}`, atMs);
        return;
      case 'persist':
        return this.#persisted(node, data.record, atMs);
      case 'sync':
        this.#syncing.set(node, this.#unsynced.get(node) ?? []);
        this.#unsynced.set(node, []);
        return;
      case 'durable':
        for (const at of this.#syncing.get(node) ?? []) this.delays.ownAck.push(atMs - at);
        this.#syncing.set(node, []);
        return;
      case 'delivered':
        return this.#delivered(node, data, atMs);
    }
  }

  #persisted(node: NodeId, { version }: EntryRecord, atMs: Millis): void {
    if (version?.node !== node) return;
    this.#hadAt.set(`${node} ${version.stamp}`, atMs);
    pushTo(this.#unsynced, node, atMs);
  }

  #delivered(node: NodeId, { from, sent, message }: Delivered, atMs: Millis): void {
    const { writes = [], acks = [], reads = [], replies = [] } = message as PhasedMessage;
    const sentAt = this.#sentAt.get(`${from} ${sent}`);
    for (const { phase, version } of writes) {
      this.#arrivedAt.set(`${from} ${phase} ${node}`, atMs);
      // Of other nodes: it mends what an earlier write has left behind.
      if (version.node !== from) continue;
      this.#add('write', this.#hadAt.get(`${from} ${version.stamp}`) ?? sentAt, atMs);
    }
    for (const { phase } of reads) {
      this.#arrivedAt.set(`${from} ${phase} ${node}`, atMs);
      this.#add('read', sentAt, atMs);
    }
    for (const { phase } of acks) {
      this.#add('ack', this.#arrivedAt.get(`${node} ${phase} ${from}`), atMs);
    }
    for (const { phase } of replies) {
      this.#add('reply', this.#arrivedAt.get(`${node} ${phase} ${from}`), atMs);
    }
  }

  #add(what: keyof WarsDelays, from: Millis | undefined, to: Millis): void {
    if (from !== undefined) this.delays[what].push(Math.max(0, to - from));
  }
}

type Delivered = Extract<TraceEvent['data'], { readonly type: 'delivered' }>;

export interface Quorums {
  readonly replicas: number;
  readonly read: number;
  readonly write: number;
  /** How often a coordinator is one of the key's replicas, from 0 to 1. */
  readonly localShare: number;
}

const trialsDefault = 20_000;

/** How likely a read is to miss a write that was acknowledged so long before. */
export class StalenessPrediction {
  /** Of each trial: from when on a read would have met the write. Ascending. */
  readonly #freshFrom: Float64Array;

  constructor(delays: WarsDelays, quorums: Quorums, random: Random, trials = trialsDefault) {
    const freshFrom = new Float64Array(trials);
    for (let at = 0; at < trials; at++) freshFrom[at] = trial(delays, quorums, random);
    this.#freshFrom = freshFrom.sort();
  }

  staleAt(ms: Millis): number {
    const all = this.#freshFrom;
    return 1 - partitionPoint(all.length, (at) => (all[at] as number) <= ms) / all.length;
  }
}

function trial(delays: WarsDelays, quorums: Quorums, random: Random): Millis {
  const { replicas, read, write, localShare } = quorums;
  const local = (): number => (random.chance(localShare) ? random.below(replicas) : -1);
  const [writer, reader] = [local(), local()];
  const sample = (of: keyof WarsDelays): Millis => random.pick(delays[of]);
  const legs = Array.from({ length: replicas }, (_, replica) => ({
    written: replica === writer ? 0 : sample('write'),
    acked: sample(replica === writer ? 'ownAck' : 'ack'),
    read: replica === reader ? 0 : sample('read'),
    replied: replica === reader ? 0 : sample('reply'),
  }));
  const acks = legs.map(({ written, acked }) => written + acked).sort((a, b) => a - b);
  const acknowledgedAt = acks[write - 1] as number;
  const first = [...legs].sort((a, b) => a.read + a.replied - b.read - b.replied).slice(0, read);
  return Math.min(...first.map((leg) => leg.written - leg.read)) - acknowledgedAt;
}

/** One read that has an acknowledged write before it. */
export interface AgedRead {
  /** Since the newest write that was acknowledged before it. */
  readonly ageMs: Millis;
  readonly isStale: boolean;
}

interface Acknowledged {
  readonly version: Version;
  readonly at: Millis;
}

interface Get {
  readonly key: Key;
  readonly at: Millis;
  readonly seen: Version | null;
}

/** Of puts and gets, as their coordinators took and answered them: what came before and after that is not theirs. */
export function agedReads(events: readonly TraceEvent[]): AgedRead[] {
  const writes = new Map<Key, Acknowledged[]>();
  const gets: Get[] = [];
  const calls = new Map<string, { readonly at: Millis; readonly operation: Operation }>();
  for (const { node, atMs, data } of inOrder(events)) {
    if (data.type === 'call') {
      calls.set(`${node} ${data.request}`, { at: atMs, operation: data.operation });
    } else if (data.type === 'return') {
      const name = `${node} ${data.request}`;
      const call = calls.get(name);
      calls.delete(name);
      if (call === undefined) continue;
      const { operation, at } = call;
      const { result } = data;
      if (operation.type === 'get' && result.type === 'value') {
        gets.push({ key: operation.key, at, seen: result.version });
      } else if (operation.type === 'put' && result.type === 'done' && result.version !== null) {
        const write = { version: result.version, at: atMs };
        if (writes.get(operation.key)?.push(write) === undefined)
          writes.set(operation.key, [write]);
      }
    }
  }
  const newest = new Map([...writes].map(([key, all]) => [key, newestOf(all)]));
  return gets.flatMap(({ key, at, seen }) => {
    const before = lastBefore(newest.get(key) ?? [], at);
    if (before === null) return [];
    const isStale = seen === null || compareVersions(seen, before.version) < 0;
    return [{ ageMs: at - before.at, isStale }];
  });
}

const inOrder = (events: readonly TraceEvent[]): TraceEvent[] =>
  [...events].sort((a, b) => a.atMs - b.atMs);

/** Those that were newer than all that had been acknowledged before them. */
function newestOf(writes: readonly Acknowledged[]): Acknowledged[] {
  const newest: Acknowledged[] = [];
  for (const write of writes) {
    const last = newest.at(-1);
    if (last === undefined || compareVersions(write.version, last.version) > 0) newest.push(write);
  }
  return newest;
}

function lastBefore(writes: readonly Acknowledged[], began: Millis): Acknowledged | null {
  const after = partitionPoint(writes.length, (at) => (writes[at] as Acknowledged).at < began);
  return writes[after - 1] ?? null;
}

const agesMs = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, Number.POSITIVE_INFINITY];

/** Reads of like ages, how many of them were stale and how many were to be expected. */
export interface StalenessBin {
  readonly fromMs: Millis;
  /** Infinity: of any age from there. */
  readonly toMs: Millis;
  readonly reads: number;
  readonly stale: number;
  readonly expected: number;
}

export function stalenessBins(
  reads: readonly AgedRead[],
  prediction: StalenessPrediction,
): StalenessBin[] {
  const bins = agesMs.map((toMs, at) => {
    return { fromMs: agesMs[at - 1] ?? 0, toMs, reads: 0, stale: 0, expected: 0 };
  });
  for (const { ageMs, isStale } of reads) {
    const bin = bins.find(({ toMs }) => ageMs < toMs);
    if (bin === undefined) continue;
    bin.reads++;
    bin.stale += isStale ? 1 : 0;
    bin.expected += prediction.staleAt(ageMs);
  }
  return bins.filter((bin) => bin.reads > 0);
}

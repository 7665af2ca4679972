/** What a history shows of how well its clients were served: numbers that no model is needed for. */
import { Latencies, type LatencySummary } from '../bench/latencies.js';
import { isNewer, type Version } from '../core/version.js';
import { kindCode, outcomeCode } from '../history/event.js';
import { absent, type History } from '../history/history.js';

/** A stretch of time, in nanoseconds of the history. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

export interface Loaded {
  readonly history: History;
  /** When there was load; what was asked outside of it is no part of the figures. */
  readonly load: Stretch;
  readonly clientCount: number;
  /** Each client asked so often at most. */
  readonly everyNs: number;
}

/** Before the first fault began, until the last one ended, and from then on; `null`: there was no such time. */
export interface Phases {
  readonly before: Stretch | null;
  readonly during: Stretch | null;
  readonly after: Stretch | null;
}

export function phasesOf({ history, load, everyNs }: Loaded): Phases {
  // Clients begin one after another.
  const [from, to] = [load.from + everyNs, load.to];
  const faults = history.faults.filter(({ beganAt, endedAt }) => beganAt < to && endedAt > from);
  const began = Math.max(from, Math.min(...faults.map(({ beganAt }) => beganAt)));
  const ended = Math.min(to, Math.max(...faults.map(({ endedAt }) => endedAt)));
  const window = (a: number, b: number): Stretch | null => (b > a ? { from: a, to: b } : null);
  if (faults.length === 0) return { before: window(from, to), during: null, after: null };
  return { before: window(from, began), during: window(began, ended), after: window(ended, to) };
}

/**
 * The share of the clients' time in which they were served, from 0 to 1: an operation that was answered serves its client
 * until it may ask again. One that fails, or gets no answer, serves nobody for as long as it keeps its client waiting: where
 * operations were counted, those few that wait long would hide among the many that do not.
 */
export function availabilityIn(window: Stretch, { history, clientCount, everyNs }: Loaded): number {
  let served = 0;
  for (let at = 0; at < history.count; at++) {
    if (history.outcome[at] !== outcomeCode.ok) continue;
    const began = history.invokedAt[at] as number;
    const until = Math.max(history.returnedAt[at] as number, began + everyNs);
    served += Math.max(0, Math.min(until, window.to) - Math.max(began, window.from));
  }
  return Math.min(1, served / (clientCount * (window.to - window.from)));
}

/** Of what was answered. */
export function latenciesOf({ history, load }: Loaded): LatencySummary | null {
  const latencies = new Latencies();
  for (let at = 0; at < history.count; at++) {
    const began = history.invokedAt[at] as number;
    if (history.outcome[at] !== outcomeCode.ok || began >= load.to) continue;
    latencies.record(((history.returnedAt[at] as number) - began) / 1e6);
  }
  return latencies.summary();
}

interface Write {
  readonly value: number;
  readonly began: number;
  readonly ended: number;
  readonly version: Version | null;
}

export interface WriteFigures {
  /**
   * Acknowledged, and gone: a write that had ended before this one began is newer to the nodes, or was what all read in the
   * end.
   */
  readonly lost: number;
  /**
   * Acknowledged with a stamp that another node gave to another write of the key: neither knew of the other, and one of them
   * was dropped.
   */
  readonly conflicting: number;
}

export function writeFigures({ history, load }: Pick<Loaded, 'history' | 'load'>): WriteFigures {
  const writes = new Map<number, Write[]>();
  const final = new Map<number, number>();
  for (let at = 0; at < history.count; at++) {
    if (history.outcome[at] !== outcomeCode.ok) continue;
    const key = history.key[at] as number;
    if (history.kind[at] === kindCode.put) {
      const write = writeAt(history, at);
      if (writes.get(key)?.push(write) === undefined) writes.set(key, [write]);
    } else if ((history.invokedAt[at] as number) >= load.to) {
      final.set(key, history.seen[at] as number);
    }
  }
  let [lost, conflicting] = [0, 0];
  for (const [key, all] of writes) {
    lost += lostAmong(all, final.get(key));
    conflicting += conflictingAmong(all);
  }
  return { lost, conflicting };
}

function writeAt(history: History, at: number): Write {
  const stamp = history.versionStamp[at] as number;
  const node = history.nodes[history.versionNode[at] as number];
  return {
    value: history.written[at] as number,
    began: history.invokedAt[at] as number,
    ended: history.returnedAt[at] as number,
    version: Number.isNaN(stamp) || node === undefined ? null : { stamp, node },
  };
}

/** `final`: what the key held in the end; `undefined`: nobody knows. */
function lostAmong(writes: readonly Write[], final: number | undefined): number {
  if (final === absent) return writes.length;
  // What was read in the end and nobody was told to have written may be of a write of which nobody knows the end.
  const last = writes.find(({ value }) => value === final);
  const lastEnded = last?.ended ?? Number.POSITIVE_INFINITY;
  const byEnd = [...writes].sort((a, b) => a.ended - b.ended);
  const byBegin = [...writes].sort((a, b) => a.began - b.began);
  let newest: Version | null = null;
  let [lost, ended] = [0, 0];
  for (const { began, version } of byBegin) {
    for (; (byEnd[ended]?.ended ?? Number.POSITIVE_INFINITY) < began; ended++) {
      const each = byEnd[ended]?.version ?? null;
      if (each !== null && isNewer(each, newest)) newest = each;
    }
    const isOlder = version !== null && newest !== null && isNewer(newest, version);
    if (isOlder || lastEnded < began) lost++;
  }
  return lost;
}

function conflictingAmong(writes: readonly Write[]): number {
  const byStamp = new Map<number, Set<string>>();
  for (const { version } of writes) {
    if (version === null) continue;
    const nodes = byStamp.get(version.stamp) ?? new Set();
    byStamp.set(version.stamp, nodes.add(version.node));
  }
  return [...byStamp.values()].reduce((sum, { size }) => sum + (size > 1 ? size : 0), 0);
}

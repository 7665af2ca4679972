/**
 * Random schedules: clients, losses, duplicates, any order of delivery, crashes, pauses, cuts, skewed clocks, disks that
 * lag behind; and what must be true of every one of them.
 */
import fc from 'fast-check';
import type { NodeId, RequestId } from '../../../core/ids.js';
import type { ClientResult, KeyOperation, Level } from '../../../core/operation.js';
import { compareVersions, type Version } from '../../../core/version.js';
import type { QuorumOptions } from '../options.js';
import { TestCluster } from './cluster.js';
import { get, put, remove, text } from './operations.js';

export type Step =
  | { readonly do: 'get' | 'put' | 'delete'; readonly node: number; readonly key: number }
  | { readonly do: 'deliver' | 'drop' | 'repeat'; readonly which: number; readonly times: number }
  /** All that is on its way between two nodes, and what follows from it between them. */
  | { readonly do: 'converse'; readonly node: number; readonly other: number }
  | { readonly do: 'wait'; readonly ms: number }
  | {
      readonly do: 'crash' | 'restart' | 'bounce' | 'lose' | 'pause' | 'resume' | 'lag' | 'sync';
      readonly node: number;
    }
  | { readonly do: 'skew'; readonly node: number; readonly ms: number }
  | { readonly do: 'cut'; readonly node: number }
  | { readonly do: 'heal' };

const node = fc.nat(3);
/** Mostly one key: what goes wrong goes wrong between operations that meet. */
const key = fc.constantFrom(0, 0, 0, 0, 0, 1);
const which = fc.nat(1000);

/** Weighted so that most operations get somewhere. */
export const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('put' as const), node, key }) },
  { weight: 7, arbitrary: fc.record({ do: fc.constant('get' as const), node, key }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('delete' as const), node, key }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('deliver' as const),
      which,
      times: fc.integer({ min: 1, max: 4 }),
    }),
  },
  {
    weight: 20,
    arbitrary: fc.record({ do: fc.constant('converse' as const), node, other: node }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('bounce' as const), node }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('drop' as const), which, times: fc.nat(3) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('repeat' as const), which, times: fc.nat(2) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat(400) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('crash', 'restart', 'restart'), node }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('pause', 'resume', 'resume'), node }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('lag', 'sync', 'sync'), node }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('skew' as const),
      node,
      ms: fc.constantFrom(0, 3, -50, 2000, -5000),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('cut' as const), node }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('heal' as const) }) },
) as fc.Arbitrary<Step>;

/** As well, one of the nodes loses its disk now and then, always the same: W - 1 is all that may. */
export const anyLossyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 30, arbitrary: anyStep },
  { weight: 1, arbitrary: fc.constant({ do: 'lose' as const, node: 0 }) },
);

/** One operation as its client saw it; times count the schedule's steps. */
export interface Seen {
  readonly key: string;
  readonly operation: KeyOperation;
  readonly through: NodeId;
  readonly calledAt: number;
  /** Infinity when its coordinator has crashed: nobody will ever answer. */
  returnedAt: number;
  orphaned: boolean;
  result: ClientResult | null;
}

export interface ScheduleShape {
  readonly level: (draw: number) => Level;
  readonly options?: Partial<QuorumOptions>;
  /** Messages older than this are lost, unless they wait at the door of a node that is stopped. */
  readonly messageLifeMs?: number;
}

export class Schedule {
  readonly cluster: TestCluster;
  readonly seen = new Map<RequestId, Seen>();
  readonly #shape: ScheduleShape;
  #cut = new Set<NodeId>();
  #clock = 0;

  constructor(shape: ScheduleShape) {
    this.#shape = shape;
    this.cluster = new TestCluster({ nodes: 4, options: shape.options ?? {} });
    this.cluster.isCut = (a, b) => this.#cut.has(a) || this.#cut.has(b);
  }

  /** How the machines are before anything happens: whose clock is wrong by how much, whose disk lags behind. */
  prepare(skewsMs: readonly number[], lagging: readonly boolean[]): void {
    for (const [at, name] of this.cluster.nodes.entries()) {
      const each = this.cluster.node(name);
      each.skewMs = skewsMs[at] ?? 0;
      each.autoSync = lagging[at] !== true;
    }
  }

  run(steps: readonly Step[]): void {
    for (const step of steps) {
      this.#clock += 1;
      // Signs of life come through at once, so that chance decides about what matters.
      this.cluster.deliverAll(
        ({ message, to }) => message.type === 'heartbeat' && !this.cluster.node(to).paused,
      );
      this.#forgetOldMessages();
      this.#take(step);
      this.#noteResults();
    }
  }

  /** Everybody comes back, nothing is lost any more, and time passes. */
  heal(): void {
    this.#cut.clear();
    for (const name of this.cluster.nodes) {
      const each = this.cluster.node(name);
      if (each.paused) this.#resume(name);
      each.autoSync = true;
      if (each.up) each.sync();
      else each.restart();
    }
    this.cluster.advance(20_000);
    this.cluster.settle();
    this.#clock += 1;
    this.#noteResults();
  }

  #take(step: Step): void {
    const { cluster } = this;
    switch (step.do) {
      case 'get':
      case 'put':
      case 'delete':
        return this.#request(step);
      case 'deliver':
        for (let time = 0; time < step.times; time++) this.#deliver(step.which + time);
        return;
      case 'drop':
        for (let time = 0; time < step.times && cluster.wire.length > 0; time++) {
          cluster.wire.splice(step.which % cluster.wire.length, 1);
        }
        return;
      case 'repeat': {
        const again = cluster.wire[step.which % Math.max(1, cluster.wire.length)];
        if (again === undefined) return;
        for (let time = 0; time < step.times; time++) cluster.wire.push({ ...again });
        return;
      }
      case 'converse': {
        const pair = [step.node, step.other].map((at) => cluster.nodes[at % 4] as NodeId);
        if (pair.some((name) => cluster.node(name).paused)) return;
        cluster.deliverAll((e) => pair.includes(e.from) && pair.includes(e.to));
        return;
      }
      case 'wait':
        cluster.advance(step.ms, false);
        return;
      case 'heal':
        this.#cut.clear();
        return;
      default:
        return this.#disturb(step);
    }
  }

  #disturb(step: Extract<Step, { node: number }>): void {
    const name = this.cluster.nodes[step.node % this.cluster.nodes.length] as NodeId;
    const each = this.cluster.node(name);
    if ((step.do === 'crash' || step.do === 'bounce') && each.up) {
      this.#crash(name);
      if (step.do === 'bounce') each.restart();
    } else if (step.do === 'lose') this.#lose(name);
    else if (step.do === 'restart' && !each.up) each.restart();
    else if (step.do === 'pause' && each.up) each.paused = true;
    else if (step.do === 'resume' && each.paused) this.#resume(name);
    else if (step.do === 'lag') each.autoSync = false;
    else if (step.do === 'sync' && each.up && !each.paused) {
      each.autoSync = true;
      each.sync();
    } else if (step.do === 'skew') each.skewMs = step.ms;
    else if (step.do === 'cut') this.#cut = new Set([name]);
  }

  #crash(name: NodeId): void {
    const each = this.cluster.node(name);
    each.crash();
    each.paused = false;
    for (const seen of this.seen.values()) {
      if (seen.through === name && seen.result === null) seen.orphaned = true;
    }
  }

  /** It comes back with an empty disk. What it had sent goes with its connections, which its peers replace. */
  #lose(name: NodeId): void {
    const each = this.cluster.node(name);
    if (each.up) this.#crash(name);
    each.records.length = 0;
    each.durable = 0;
    this.cluster.take(({ from }) => from === name);
    each.restart([], 0, { incarnation: this.#clock + 1000, removal: null });
  }

  #resume(name: NodeId): void {
    this.cluster.node(name).paused = false;
    // What waited at its door comes in at once.
    for (const envelope of this.cluster.take((waiting) => waiting.to === name)) {
      this.cluster.hand(envelope);
    }
  }

  #request(step: Extract<Step, { do: 'get' | 'put' | 'delete' }>): void {
    const { cluster } = this;
    const name = cluster.nodes[step.node % cluster.nodes.length] as NodeId;
    const each = cluster.node(name);
    if (!each.up || each.paused) return;
    const keyName = `k${step.key}`;
    const operation =
      step.do === 'get'
        ? get(keyName)
        : step.do === 'put'
          ? put(keyName, `v${this.#clock}`)
          : remove(keyName);
    const level = this.#shape.level(this.#clock);
    const id = cluster.request(name, operation, level, 1500);
    const calledAt = this.#clock;
    const result = cluster.results.get(id) ?? null;
    const returnedAt = result === null ? Number.POSITIVE_INFINITY : calledAt;
    const call = { key: keyName, operation, through: name, calledAt };
    this.seen.set(id, { ...call, returnedAt, result, orphaned: false });
  }

  #deliver(which: number): void {
    const { cluster } = this;
    const ready = cluster.wire.filter((envelope) => !cluster.node(envelope.to).paused);
    const envelope = ready[which % Math.max(1, ready.length)];
    if (envelope !== undefined) cluster.deliver(envelope);
  }

  #forgetOldMessages(): void {
    const { cluster } = this;
    const life = this.#shape.messageLifeMs ?? Number.POSITIVE_INFINITY;
    cluster.take(
      ({ sentAt, to }) => !cluster.node(to).paused && cluster.now - (sentAt ?? 0) > life,
    );
  }

  #noteResults(): void {
    for (const [id, seen] of this.seen) {
      if (seen.result !== null) continue;
      const result = this.cluster.results.get(id);
      if (result === undefined) continue;
      seen.result = result;
      seen.returnedAt = this.#clock;
    }
  }
}

const versionOf = (result: ClientResult | null): Version | null =>
  result?.type === 'done' || result?.type === 'value' ? result.version : null;

const isWrite = (seen: Seen): boolean => seen.operation.type !== 'get';

/** Whether `version`, found later, can stand for `write`; nothing at all can stand for a delete (it was collected). */
function covers(version: Version | null, write: Seen, everyWrite: readonly Seen[]): boolean {
  const written = versionOf(write.result);
  if (written === null) return true;
  if (version !== null) return compareVersions(version, written) >= 0;
  return everyWrite.some(
    (other) =>
      other.operation.type === 'delete' &&
      (other.result?.type !== 'done' || compareVersions(other.result.version, written) >= 0),
  );
}

/** Reads that do not show what was acknowledged before they began: no regular register does that. */
export function staleReads(schedule: Schedule): string[] {
  const found: string[] = [];
  const all = [...schedule.seen.values()];
  for (const read of all) {
    if (read.result?.type !== 'value') continue;
    const writes = all.filter((other) => other.key === read.key && isWrite(other));
    for (const write of writes) {
      if (write.result?.type !== 'done' || write.returnedAt >= read.calledAt) continue;
      if (!covers(read.result.version, write, writes)) found.push(told(read, write));
    }
  }
  return found;
}

/**
 * What an atomic register does not do, told by versions: an operation whose version is older than that of one that
 * returned before it was called; a write that does not exceed it; two writes of one version.
 */
export function notAtomic(schedule: Schedule): string[] {
  const found = staleReads(schedule);
  const all = [...schedule.seen.values()];
  for (const later of all) {
    const version = versionOf(later.result);
    if (version === null) continue;
    for (const earlier of all) {
      if (earlier === later || earlier.key !== later.key) continue;
      const before = versionOf(earlier.result);
      if (before === null || earlier.returnedAt >= later.calledAt) continue;
      const order = compareVersions(version, before);
      if (order < 0 || (order === 0 && isWrite(later))) found.push(told(later, earlier));
    }
  }
  return found;
}

/** Acknowledged writes of which a replica holds neither the version nor a greater one; values that nobody wrote. */
export function lostWrites(schedule: Schedule): string[] {
  const found: string[] = [];
  const all = [...schedule.seen.values()];
  for (const write of all) {
    if (write.result?.type !== 'done' || !isWrite(write)) continue;
    const { key: keyBytes } = write.operation;
    const writes = all.filter((other) => other.key === write.key && isWrite(other));
    const owners = schedule.cluster.node('n1').replica.inspect().ownersOf(keyBytes);
    for (const owner of owners) {
      const held = schedule.cluster.held(owner, write.key);
      if (!covers(held?.version ?? null, write, writes)) {
        found.push(
          `${owner} holds ${text(held?.value)}, not ${JSON.stringify(write.result.version)}`,
        );
      }
    }
  }
  return found;
}

export function unanswered(schedule: Schedule): RequestId[] {
  return [...schedule.seen]
    .filter(([, seen]) => seen.result === null && !seen.orphaned)
    .map(([id]) => id);
}

function told(later: Seen, earlier: Seen): string {
  const shown = (seen: Seen) =>
    `${seen.operation.type} ${seen.key} (${seen.calledAt} to ${seen.returnedAt}) ${JSON.stringify(versionOf(seen.result))}`;
  return `${shown(later)} after ${shown(earlier)}`;
}

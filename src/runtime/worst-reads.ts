/**
 * The worst that is legal: reads that return the stalest value that their level and the session of who asks allow, or any
 * other legal one, chosen by a seed. What an application survives here it survives anywhere. (Biswas et al., "MonkeyDB:
 * Effectively Testing Correctness under Weak Isolation Levels", OOPSLA 2021, does so for SQL, in a store of its own; here the
 * cluster is a real one, and only the answers to gets are others.)
 *
 * A node remembers the versions of a key that it has really known: what its copy held before a write, what its clients have
 * written through it, what their reads have found. Such a version may take the place of what a get has found unless
 *
 * 1. it is older than what the session has seen ({@link ClientRequest.floor}),
 * 2. it is older than a write to which the read owes something: one that had ended before the read began, where the levels of
 *    both promise regular reads. Of writes through other nodes nobody knows here when they ended, nor at which level they
 *    were made: they count as ended, and as made at the cluster's level or, if that is more, at that of the read.
 * 3. a write may have ended meanwhile that this node has not heard of, and the read would owe something to it: so it must be a
 *    key that no other node writes, as far as this one has seen. (It sees that by what its copy holds and reads find; only the
 *    very first such write, after a while, may go unnoticed, while it overlaps one through this node.)
 * 4. it was overwritten too long ago: replicas converge, and reads with them.
 *
 * Linearizable reads, conditional writes and transactions are what they are. After a start nothing is remembered, so that
 * reads are fresh, which is legal, too.
 */
import { hash32 } from '../core/hash.js';
import type { Millis, NodeId, RequestId } from '../core/ids.js';
import type { Key } from '../core/key.js';
import type { ClientRequest, ClientResult, Level, Operation } from '../core/operation.js';
import { type Random, SeededRandom } from '../core/random.js';
import type { ReplicaView } from '../core/replica.js';
import { sameBytes } from '../core/results.js';
import { TransientMap } from '../core/transient.js';
import { compareVersions, isNewer, type Version } from '../core/version.js';
import type { Reply } from './outbox.js';
import type { RequestSource } from './request-queue.js';

export const worstReadsLimits = {
  versionsMax: 16,
  /** Of keys and values, with what it takes to keep them; past it the keys go that were met longest ago. */
  bytesMax: 16 * 1024 * 1024,
  /** No read returns what was overwritten longer ago. */
  lagMs: 5_000,
  /** Half of the writes that some reads may see or not while they are under way are under way for up to so much longer. */
  holdMs: 10,
  /** A key that has only been written through this node for so long is taken for one that no other node writes. */
  ownMs: 1_000,
} as const;

const bytesOfVersion = 128;

/** `nothing`; to show writes that had ended before it began, or newer; or more than leaves a choice. */
export type Owed = 'nothing' | 'what has ended' | 'all';

/** What the mode promises with its options. */
export interface ReadPromises {
  /** What a read at one level owes to a write at another; `null`: at the cluster's. */
  owed(read: Level | null, write: Level | null): Owed;
}

/** A write through this node. */
interface OwnWrite {
  readonly level: Level | null;
  /** Greater than the {@link Ask.beganAt} of whoever began before; infinite while nobody knows that it has taken effect. */
  endedAt: number;
}

interface Known {
  /** `null`: nothing was there, and nobody knows since when. */
  readonly version: Version | null;
  readonly value: Uint8Array | null;
  write: OwnWrite | null;
  /** When it was seen last as what there is. */
  seenAt: Millis;
}

interface KeyMemory {
  /** Oldest first. */
  readonly versions: Known[];
  bytes: number;
  /** When it was first met; infinite once it has been seen that another node has written it. */
  ownSince: Millis;
}

/** A request under way. */
interface Ask {
  readonly request: ClientRequest;
  readonly random: Random | null;
  readonly beganAt: number;
  readonly write: OwnWrite | null;
}

export interface WorstPlan {
  readonly promises: ReadPromises;
  /** Of the choices for connections that have not said what they want; `null`: these read as usual. */
  readonly seed: number | null;
}

/** What it needs of its node. */
interface Surroundings {
  view(): ReplicaView;
  /** The answer that `reply` makes then leaves so much later. */
  answerAfter(ms: Millis, reply: () => Reply): void;
}

/** The memory of one node, and the choice of what its reads return. */
export class WorstReads {
  readonly #self: NodeId;
  readonly #promises: ReadPromises;
  readonly #node: Surroundings;
  readonly #random: Random | null;
  readonly #keys = new TransientMap<Key, KeyMemory>();
  readonly #asks = new TransientMap<RequestId, Ask>();
  #bytes = 0;
  #steps = 0;
  #choiceCount = 0;
  #staleCount = 0;

  constructor(self: NodeId, { promises, seed }: WorstPlan, node: Surroundings) {
    this.#self = self;
    this.#promises = promises;
    this.#node = node;
    this.#random = seed === null ? null : new SeededRandom(seed + hash32(self));
  }

  /** Gets that had a choice, and those among them that have returned something else than they had found. */
  get facts(): ReplicaView['facts'] {
    return [
      ['stale on purpose', `${this.#staleCount} of ${this.#choiceCount} reads with a choice`],
    ];
  }

  /** The replica is about to see this request. */
  begins(request: ClientRequest, source: RequestSource, now: Millis): void {
    const { operation } = request;
    const keys = keysWritten(operation);
    if (keys.length === 0 && operation.type !== 'get') return;
    for (const key of keys) this.#look(key, now);
    const { worst = this.#random } = source;
    this.#steps += 1;
    this.#asks.set(request.id, {
      request,
      random: worst,
      beganAt: this.#steps,
      write: isPlainWrite(operation)
        ? { level: request.level, endedAt: Number.POSITIVE_INFINITY }
        : null,
    });
  }

  /** The replica has seen it: where it writes to its own copy first, others may find there what is still being written. */
  begun({ id, operation }: ClientRequest, now: Millis): void {
    const write = this.#asks.get(id)?.write ?? null;
    if (write === null || !isPlainWrite(operation)) return;
    const held = this.#node.view().lookup(operation.key);
    if (held?.version.node !== this.#self || !sameBytes(held.value, valueWritten(operation)))
      return;
    const last = this.#keys.get(operation.key)?.versions.at(-1)?.version ?? null;
    if (isNewer(held.version, last)) this.#remember(operation.key, held, now, write);
  }

  /** The answers that leave instead of these. */
  amended(replies: readonly Reply[], now: Millis): readonly Reply[] {
    return replies.flatMap((reply) => {
      const ask = this.#asks.get(reply.id);
      if (ask === undefined) return reply;
      this.#asks.delete(reply.id);
      const { operation } = ask.request;
      if (operation.type !== 'get') return this.#wrote(operation, ask, reply, now);
      const result = this.#read(operation.key, ask, reply.result, now);
      return result === reply.result ? reply : { id: reply.id, result };
    });
  }

  #wrote(operation: Operation, ask: Ask, reply: Reply, now: Millis): Reply | [] {
    const { result } = reply;
    if (result.type === 'committed') {
      for (const key of keysWritten(operation)) this.#look(key, now);
    }
    const { write, random } = ask;
    if (result.type !== 'done' || write === null || !isPlainWrite(operation)) return reply;
    const { version } = result;
    this.#remember(operation.key, { version, value: valueWritten(operation) }, now, write);
    const end = (): Reply => {
      this.#steps += 1;
      write.endedAt = this.#steps;
      return reply;
    };
    if (random === null || !this.#maySee(write) || random.chance(0.5)) return end();
    this.#node.answerAfter(random.next() * worstReadsLimits.holdMs, end);
    return [];
  }

  /** While it is under way reads may see it or not. */
  #maySee({ level }: OwnWrite): boolean {
    return [level, null].some((read) => this.#promises.owed(read, level) === 'what has ended');
  }

  #read(key: Key, ask: Ask, result: ClientResult, now: Millis): ClientResult {
    if (result.type !== 'value') return result;
    const { random } = ask;
    const found = this.#remember(key, result, now, null);
    if (random === null) return result;
    const legal = this.#legal(key, found, ask, now);
    if (legal.length === 0) return result;
    this.#choiceCount += 1;
    const chosen = random.chance(0.5) ? legal[0] : random.pick([...legal, found]);
    if (chosen === undefined || chosen === found) return result;
    this.#staleCount += 1;
    return { type: 'value', value: chosen.value, version: chosen.version };
  }

  /** What may be returned instead of `found`, stalest first. */
  #legal(key: Key, found: Known, { request, beganAt }: Ask, now: Millis): Known[] {
    const promises = this.#promises;
    const { level, floor } = request;
    if (promises.owed(level, level) === 'all') return [];
    const { versions, ownSince } = this.#keys.get(key) as KeyMemory;
    const isFree = [level, null].every((write) => promises.owed(level, write) === 'nothing');
    if (!isFree && (now - ownSince < worstReadsLimits.ownMs || !this.#isOwner(key))) return [];
    // Such an answer doesn't say since when nothing is there: so nor whether what is remembered is older.
    if (found.version === null && (floor?.version != null || !isFree)) return [];
    const owes = ({ write }: Known): boolean => {
      if (write === null) return !isFree;
      const owed = promises.owed(level, write.level);
      return owed === 'all' || (owed === 'what has ended' && write.endedAt < beganAt);
    };
    const legal: Known[] = [];
    for (let at = versions.length - 1; at >= 0; at--) {
      const each = versions[at] as Known;
      const isOlder = found.version === null ? each !== found : orderOf(each, found.version) < 0;
      const fits = floor?.version == null || orderOf(each, floor.version) >= 0;
      if (isOlder && fits && now - each.seenAt <= worstReadsLimits.lagMs) {
        legal.unshift(each);
      }
      if (each.version !== null && owes(each)) break;
    }
    return legal;
  }

  /** What this node's own copy holds now. */
  #look(key: Key, now: Millis): void {
    if (!this.#isOwner(key)) return;
    this.#remember(key, this.#node.view().lookup(key) ?? { version: null, value: null }, now, null);
  }

  #isOwner(key: Key): boolean {
    return this.#node.view().ownersOf(key).includes(this.#self);
  }

  /** Values are copied: those of a store may be a small part of a large buffer. */
  #remember(
    key: Key,
    { version, value }: Pick<Known, 'version' | 'value'>,
    now: Millis,
    write: OwnWrite | null,
  ): Known {
    const memory = this.#keys.get(key) ?? { versions: [], bytes: 0, ownSince: now };
    // Those met last come last.
    this.#keys.delete(key);
    this.#keys.set(key, memory);
    if (version !== null && version.node !== this.#self) memory.ownSince = Number.POSITIVE_INFINITY;
    const { versions } = memory;
    let at = versions.length;
    while (at > 0 && orderOf(versions[at - 1] as Known, version) > 0) at -= 1;
    const last = versions[at - 1];
    if (last !== undefined && orderOf(last, version) === 0) {
      last.seenAt = now;
      last.write ??= write;
      return last;
    }
    const known = { version, value: value?.slice() ?? null, write, seenAt: now };
    versions.splice(at, 0, known);
    this.#grow(memory, bytesOf(key, known));
    if (versions.length > worstReadsLimits.versionsMax) {
      this.#grow(memory, -bytesOf(key, versions.shift() as Known));
    }
    for (const [oldest, { bytes }] of this.#keys) {
      if (this.#bytes <= worstReadsLimits.bytesMax || oldest === key) break;
      this.#keys.delete(oldest);
      this.#bytes -= bytes;
    }
    return known;
  }

  #grow(memory: KeyMemory, bytes: number): void {
    memory.bytes += bytes;
    this.#bytes += bytes;
  }
}

type PlainWrite = Extract<Operation, { type: 'put' | 'delete' | 'insert' | 'update' | 'cas' }>;

function isPlainWrite(operation: Operation): operation is PlainWrite {
  return 'key' in operation && operation.type !== 'get';
}

function keysWritten(operation: Operation): Key[] {
  if (isPlainWrite(operation)) return [operation.key];
  if (operation.type !== 'txn') return [];
  return operation.steps.flatMap(({ type, key }) =>
    type === 'put' || type === 'delete' ? [key] : [],
  );
}

const valueWritten = (write: PlainWrite): Uint8Array | null =>
  'value' in write ? write.value : null;

/** Negative when the first is older. Where nothing was ever there comes before all. */
function orderOf(known: Known, version: Version | null): number {
  if (known.version === null || version === null) {
    return Number(known.version !== null) - Number(version !== null);
  }
  return compareVersions(known.version, version);
}

function bytesOf(key: Key, { value }: Known): number {
  return bytesOfVersion + key.length + (value?.length ?? 0);
}

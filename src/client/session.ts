import type { Key } from '../core/key.js';
import type { ClientResult, KeyOperation, Operation, SessionFloor } from '../core/operation.js';
import {
  defaultGuarantees,
  type Guarantee,
  guarantees,
  type SessionSupport,
} from '../core/session.js';
import { compareVersions, isNewer, type Version } from '../core/version.js';
import * as wire from '../core/wire.js';
import { fromTuple, tupleOf } from '../runtime/cbor-tuples.js';

/** Past it a session takes no further key: one that it forgot it could promise nothing about. */
export const sessionKeysMax = 100_000;

/** The newest that a session has written or read under one key. */
interface Known {
  readonly version: Version;
  /** Nothing was there any more. */
  readonly deleted: boolean;
}

/** How a session is kept as plain data: its guarantees, and what it knows of each key. */
const keptGuarantees = wire.list(wire.oneOf(...guarantees));
const keptKeys = wire.list(
  wire.struct({ key: wire.key, stamp: wire.count, node: wire.name, deleted: wire.boolean }),
);

/**
 * Whether an answer keeps to what the session has seen. `unclear`: an absence that does not say how old it is, of a key
 * that had a value.
 */
export type SessionFit = 'fits' | 'behind' | 'unclear';

/**
 * What a client has seen so far, so that it never sees anything older: docs/sessions.md. May be shared by several
 * clients. Of a write whose outcome is unknown nothing is remembered.
 */
export class Session {
  readonly guarantees: readonly Guarantee[];
  readonly #known = new Map<Key, Known>();
  #written = 0;
  #read = 0;
  /** Whether it has seen anything new since it was made or read. */
  hasNews = false;

  constructor(wanted: readonly Guarantee[] = defaultGuarantees) {
    this.guarantees = guarantees.filter((guarantee) => wanted.includes(guarantee));
  }

  /** Throws an `Error` that says what is wrong with the document. */
  static fromDocument(raw: unknown): Session {
    const { formatVersion, ...kept } = (raw ?? {}) as Readonly<Record<string, unknown>>;
    if (formatVersion !== 1) throw new Error(`its format version is ${formatVersion}, not 1`);
    const session = new Session(fromTuple(keptGuarantees, kept['guarantees']));
    session.#written = wire.count.take(kept['written']);
    session.#read = wire.count.take(kept['read']);
    for (const { key, stamp, node, deleted } of fromTuple(keptKeys, kept['keys'])) {
      session.#known.set(key, { version: { stamp, node }, deleted });
    }
    return session;
  }

  toDocument(): object {
    const keys = [...this.#known].map(([key, { version, deleted }]) => ({
      key,
      ...version,
      deleted,
    }));
    return {
      formatVersion: 1,
      guarantees: this.guarantees,
      written: this.#written,
      read: this.#read,
      keys: tupleOf(keptKeys, keys),
    };
  }

  has(guarantee: Guarantee): boolean {
    return this.guarantees.includes(guarantee);
  }

  /** What a replica must have seen before it answers; `null` when anything will do. */
  floorOf(operation: Operation): SessionFloor | null {
    const version = looksAtKey(operation) ? this.#known.get(operation.key)?.version : undefined;
    const stamp = this.#stampFloor(operation);
    if (version === undefined && stamp === 0) return null;
    return { version: version ?? null, stamp };
  }

  /** Why it can't take this operation at all; `null` when it can. */
  problemWith(operation: Operation, { ordersWrites }: SessionSupport): string | null {
    const unkept = (['monotonic-writes', 'writes-follow-reads'] as const).find(
      (guarantee) => this.has(guarantee) && !ordersWrites,
    );
    if (unkept !== undefined) {
      return `no session has ${unkept} here: the mode takes stamps from clocks that may differ`;
    }
    const keys = keysOf(operation);
    if (this.#known.size + keys.length <= sessionKeysMax) return null;
    const more = new Set(keys.filter((key) => !this.#known.has(key))).size;
    return this.#known.size + more <= sessionKeysMax
      ? null
      : `the session remembers ${sessionKeysMax} keys, and that is the most: begin another one`;
  }

  /** Whether a node's answer keeps to it; `unclear` until a read at the level `confirmAt` has been judged. */
  judge(operation: Operation, result: ClientResult, support: SessionSupport): SessionFit {
    if (result.type === 'error') return result.code === 'behind' ? 'behind' : 'fits';
    if (support.judge === 'replica') return 'fits';
    const fit = this.#fitOf(operation, result);
    if (fit !== 'unclear' || support.confirmAt !== null) return fit;
    this.#sawGone((operation as Looking).key);
    return 'fits';
  }

  /** Whether an absence that was `unclear` is true, by what the read `found` that was to confirm it. */
  confirms(operation: KeyOperation, found: ClientResult): boolean {
    const { key } = operation;
    const isAbsent = found.type === 'value' && found.value === null;
    if (!isAbsent || this.#fitOf({ type: 'get', key }, found) === 'behind') return false;
    this.#sawGone(key);
    return true;
  }

  /** For modes whose replicas do not judge by the floor. */
  #fitOf(operation: Operation, result: ClientResult): SessionFit {
    if (result.type !== 'value' && result.type !== 'refused') return 'fits';
    const known = looksAtKey(operation) ? this.#known.get(operation.key) : undefined;
    if (known === undefined) return 'fits';
    if (result.version === null) return known.deleted ? 'fits' : 'unclear';
    const order = compareVersions(result.version, known.version);
    // Of a key that is known to be gone, the last value that was seen is old.
    const isOld = order < 0 || (order === 0 && known.deleted && foundIn(result) !== null);
    return isOld ? 'behind' : 'fits';
  }

  #sawGone(key: Key): void {
    const known = this.#known.get(key);
    if (known !== undefined) this.#set(key, { ...known, deleted: true });
  }

  /** Remembers what came of an operation. */
  saw(operation: Operation, result: ClientResult): void {
    switch (result.type) {
      case 'value':
      case 'refused':
        if (looksAtKey(operation) && result.version !== null) {
          this.#sawRead(operation.key, result.version, foundIn(result) === null);
        }
        break;
      case 'done':
      case 'committed':
        for (const [key, deleted] of writesOf(operation)) {
          this.#sawWritten(key, result.version, deleted);
        }
        break;
      default:
    }
  }

  /** Adds what another command of the same session has seen meanwhile. */
  merge(other: Session): void {
    for (const [key, { version, deleted }] of other.#known) this.#raise(key, version, deleted);
    this.#raiseStamps(other.#written, other.#read);
  }

  #sawRead(key: Key, version: Version, deleted: boolean): void {
    this.#raiseStamps(0, version.stamp);
    if (this.has('monotonic-reads')) this.#raise(key, version, deleted);
  }

  #sawWritten(key: Key, version: Version, deleted: boolean): void {
    this.#raiseStamps(version.stamp, 0);
    if (this.has('read-your-writes')) this.#raise(key, version, deleted);
  }

  #raise(key: Key, version: Version, deleted: boolean): void {
    const known = this.#known.get(key);
    const isSame = known !== undefined && compareVersions(version, known.version) === 0;
    if (isSame && deleted) this.#sawGone(key);
    else if (isNewer(version, known?.version ?? null)) this.#set(key, { version, deleted });
  }

  #set(key: Key, known: Known): void {
    this.#known.set(key, known);
    this.hasNews = true;
  }

  #raiseStamps(written: number, read: number): void {
    if (written > this.#written || read > this.#read) this.hasNews = true;
    this.#written = Math.max(this.#written, written);
    this.#read = Math.max(this.#read, read);
  }

  /** What it writes over something that it knows is newer than that, or it would not read its own write. */
  #stampFloor(operation: Operation): number {
    const written = writesOf(operation);
    if (written.length === 0) return 0;
    return Math.max(
      this.has('monotonic-writes') ? this.#written : 0,
      this.has('writes-follow-reads') ? this.#read : 0,
      ...written.map(([key]) => this.#known.get(key)?.version.stamp ?? 0),
    );
  }
}

/** Those whose result shows what is there. */
type Looking = Extract<Operation, { type: 'get' | 'insert' | 'update' | 'cas' }>;

function looksAtKey(operation: Operation): operation is Looking {
  return ['get', 'insert', 'update', 'cas'].includes(operation.type);
}

function foundIn(result: Extract<ClientResult, { type: 'value' | 'refused' }>): Uint8Array | null {
  return result.type === 'value' ? result.value : result.actual;
}

function keysOf(operation: Operation): Key[] {
  if (operation.type === 'txn') return operation.steps.map(({ key }) => key);
  return 'key' in operation ? [operation.key] : [];
}

/** Each key that the operation writes if it takes effect, and whether nothing is there then. */
function writesOf(operation: Operation): [Key, boolean][] {
  switch (operation.type) {
    case 'put':
    case 'insert':
    case 'update':
      return [[operation.key, false]];
    case 'delete':
      return [[operation.key, true]];
    case 'cas':
      return [[operation.key, operation.value === null]];
    case 'txn': {
      const last = new Map<Key, boolean>();
      for (const { type, key } of operation.steps) {
        if (type === 'put' || type === 'delete') last.set(key, type === 'delete');
      }
      return [...last];
    }
    default:
      return [];
  }
}

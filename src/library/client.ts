import type { Performed } from '../client/client.js';
import { KvxError, usageError } from '../core/errors.js';
import type { Millis, NodeId } from '../core/ids.js';
import { type Key, keyFromBytes } from '../core/key.js';
import type { DataOperation, Level, TransactionStep } from '../core/operation.js';
import { decodeUtf8, encodeUtf8 } from '../core/utf8.js';
import type { Version } from '../core/version.js';
import type { Asker, OperationContext } from '../operations/context.js';
import { keyFlags } from '../operations/flags.js';
import { checkGiven, nothingKnown } from '../operations/given.js';
import { asConflict, asking } from '../operations/keys.js';

/** Text stands for its UTF-8; any other bytes as they are. */
export type Bytes = string | Uint8Array;

/** How one operation is to be done; what is left out is as the client has it. */
export interface AskOptions {
  /** How many, or which, replicas must take part: see `docs/consistency.md`. Left out: the cluster's own. */
  readonly level?: Level;
  /** Through this node and no other. */
  readonly node?: NodeId;
  /** For all of it, further attempts included. Left out: 5,000 ms. */
  readonly timeoutMs?: Millis;
}

/** What a get found. */
export interface Read {
  /** `null`: the key is absent. */
  readonly value: Uint8Array | null;
  /** Of the write that it comes from; `null`: nothing was ever there. */
  readonly version: Version | null;
  /** Through which it was asked. */
  readonly node: NodeId;
}

/** A write that took effect. */
export interface Written {
  readonly ok: true;
  readonly version: Version;
  /** Whether the node that did it knew of a value before; `null`: it did not look. */
  readonly existed: boolean | null;
  readonly node: NodeId;
}

/** A write whose condition did not hold: nothing was written. */
export interface Refused {
  readonly ok: false;
  readonly reason: 'exists' | 'absent' | 'different';
  /** What is there instead; `null`: nothing. */
  readonly actual: Uint8Array | null;
  readonly node: NodeId;
}

/** One step of a transaction. A `check` of `null` holds when the key is absent. */
export type Step =
  | { readonly get: Bytes }
  | { readonly put: Bytes; readonly value: Bytes }
  | { readonly delete: Bytes }
  | { readonly check: Bytes; readonly value: Bytes | null };

/** A transaction that took effect; `values`: what its gets saw, in order. */
export interface Committed {
  readonly ok: true;
  readonly values: readonly (string | null)[];
  readonly version: Version;
  readonly node: NodeId;
}

/** A transaction of which nothing was written: a check did not hold, or another one stood in the way. */
export interface Aborted {
  readonly ok: false;
  readonly reason: 'check' | 'conflict';
}

/**
 * A client of a cluster; `cluster.client()` makes it. What it asks and is told is recorded in the cluster's history.
 *
 * All of it rejects with a {@link KvxError}. Its `definite` says whether the operation surely did not happen: an
 * `unavailable` with nothing sent is definite, a `timeout` is not.
 */
export class Client {
  readonly #context: OperationContext;
  readonly #asker: Asker;

  /** @internal Use `cluster.client()`. */
  constructor(context: OperationContext, asker: Asker) {
    this.#context = context;
    this.#asker = asker;
  }

  /** As histories, evidence and the list of faults call it. */
  get name(): string {
    return this.#asker.name ?? '';
  }

  /** The key's value as text; `null` when it is absent. Rejects with `bad-request` for a value that is no UTF-8: see {@link read}. */
  async get(key: Bytes, options?: AskOptions): Promise<string | null> {
    return textOf((await this.read(key, options)).value);
  }

  /** As {@link get}: the value as bytes, with its version. */
  async read(key: Bytes, options?: AskOptions): Promise<Read> {
    const { value, version, node } = await this.#ask({ type: 'get', key: keyOf(key) }, options);
    return { value, version, node };
  }

  async put(key: Bytes, value: Bytes, options?: AskOptions): Promise<Written> {
    const { version, existed, node } = await this.#ask(
      { type: 'put', key: keyOf(key), value: bytesOf(value) },
      options,
    );
    return { ok: true, version, existed, node };
  }

  /** Deleting nothing is fine. */
  async delete(key: Bytes, options?: AskOptions): Promise<Written> {
    const { version, existed, node } = await this.#ask(
      { type: 'delete', key: keyOf(key) },
      options,
    );
    return { ok: true, version, existed, node };
  }

  /** Puts only if the key is absent. */
  async insert(key: Bytes, value: Bytes, options?: AskOptions): Promise<Written | Refused> {
    const operation = { type: 'insert', key: keyOf(key), value: bytesOf(value) } as const;
    return conditional(await this.#ask(operation, options));
  }

  /** Puts only if the key is present. */
  async update(key: Bytes, value: Bytes, options?: AskOptions): Promise<Written | Refused> {
    const operation = { type: 'update', key: keyOf(key), value: bytesOf(value) } as const;
    return conditional(await this.#ask(operation, options));
  }

  /** Compare and set: `expected` of `null` creates only if absent, `value` of `null` deletes if equal. */
  async cas(
    key: Bytes,
    expected: Bytes | null,
    value: Bytes | null,
    options?: AskOptions,
  ): Promise<Written | Refused> {
    const [before, after] = [bytesOrNull(expected), bytesOrNull(value)];
    const operation = { type: 'cas', key: keyOf(key), expected: before, value: after } as const;
    return conditional(await this.#ask(operation, options));
  }

  /** All of the steps in order, or none (modes 2pc and paxos). */
  async txn(steps: readonly Step[], options?: AskOptions): Promise<Committed | Aborted> {
    const asked = this.#ask({ type: 'txn', steps: steps.map(stepOf) }, options);
    const outcome = await asked.catch(asConflict);
    if (outcome.type === 'conflict') return { ok: false, reason: 'conflict' };
    if (outcome.type === 'refused') return { ok: false, reason: 'check' };
    const { values, version, node } = outcome;
    return { ok: true, values: values.map(textOf), version, node };
  }

  async #ask<O extends DataOperation>(
    operation: O,
    options: AskOptions = {},
  ): Promise<Performed<O['type']>> {
    const { target, spec } = this.#context;
    const flags = flagsOf(options);
    const args = new Map<string, readonly Uint8Array[]>();
    checkGiven(
      { arguments: [], flags: keyFlags },
      { args, flags },
      { ...nothingKnown, nodes: spec.nodes },
    );
    try {
      const timeoutMsMax = Number.POSITIVE_INFINITY;
      const asked = { context: this.#context, asker: this.#asker, given: { flags }, timeoutMsMax };
      return await asking(asked, operation);
    } catch (error) {
      throw target.explain(error);
    }
  }
}

/** What is said with `--level` and the like. */
export function flagsOf({ level, node, timeoutMs }: AskOptions): Map<string, readonly string[]> {
  const flags = new Map<string, readonly string[]>();
  if (level !== undefined) flags.set('level', [`${level}`]);
  if (node !== undefined) flags.set('node', [node]);
  if (timeoutMs !== undefined) flags.set('timeout', [`${timeoutMs}ms`]);
  return flags;
}

const bytesOf = (bytes: Bytes): Uint8Array =>
  typeof bytes === 'string' ? encodeUtf8(bytes) : bytes;
const bytesOrNull = (bytes: Bytes | null): Uint8Array | null =>
  bytes === null ? null : bytesOf(bytes);
const keyOf = (key: Bytes): Key => keyFromBytes(bytesOf(key));

function textOf(value: Uint8Array | null): string | null {
  if (value === null) return null;
  const text = decodeUtf8(value);
  if (text === null)
    throw usageError('the value is no UTF-8 text', 'Use `read`, which gives its bytes.');
  return text;
}

function conditional(outcome: Performed<'cas'>): Written | Refused {
  const { node } = outcome;
  if (outcome.type === 'refused') {
    const { reason, actual } = outcome;
    return { ok: false, reason, actual, node };
  }
  const { version, existed } = outcome;
  return { ok: true, version, existed, node };
}

function stepOf(step: Step): TransactionStep {
  if ('get' in step) return { type: 'get', key: keyOf(step.get) };
  if ('delete' in step) return { type: 'delete', key: keyOf(step.delete) };
  if ('put' in step) return { type: 'put', key: keyOf(step.put), value: bytesOf(step.value) };
  return { type: 'check', key: keyOf(step.check), expected: bytesOrNull(step.value) };
}

/**
 * The replicated state machine: keys and values, what was answered to whom, and who the members are.
 *
 * Deterministic: what a command does and answers depends on the commands before it and on nothing else, so replicas
 * that have executed the same slots are in the same state (Lamport 2001, section 3; Schneider 1990). It has executed
 * slots 1 to `applied`, each batch as a whole.
 */
import type { NodeId } from '../../../core/ids.js';
import { invariant } from '../../../core/invariant.js';
import type { Key } from '../../../core/key.js';
import type { ClientResult, Transaction } from '../../../core/operation.js';
import type { Version } from '../../../core/version.js';
import {
  type Batch,
  type Command,
  type LoggedOperation,
  type Slot,
  versionAt,
} from '../command.js';
import { bounds } from '../options.js';
import { type Configuration, Membership } from './membership.js';
import { Sessions } from './sessions.js';
import { Store } from './store.js';

export class StateMachine {
  readonly store = new Store();
  readonly sessions = new Sessions();
  #membership: Membership;
  #applied: Slot;

  /** Empty but for `applied` and the memberships. */
  constructor(applied: Slot, configurations: readonly Configuration[]) {
    this.#applied = applied;
    this.#membership = new Membership(configurations);
  }

  get applied(): Slot {
    return this.#applied;
  }

  get membership(): Membership {
    return this.#membership;
  }

  /** The members that will execute the next slot. */
  get members(): readonly NodeId[] {
    return this.#membership.at(this.#applied + 1);
  }

  /** Executes the next slot, and shows the result of each of its commands. */
  apply(slot: Slot, batch: Batch, show: (command: Command, result: ClientResult) => void): void {
    invariant(slot === this.#applied + 1, `slot ${slot} can't follow ${this.#applied}`);
    for (let index = 0; index < batch.commands.length; index++) {
      const command = batch.commands[index] as Command;
      show(command, this.#execute(command, slot, versionAt(slot, index, batch)));
    }
    this.#applied = slot;
  }

  restoreMembership(configurations: readonly Configuration[]): void {
    this.#membership = new Membership(configurations);
  }

  #execute({ client, sequence, operation }: Command, slot: Slot, version: Version): ClientResult {
    const before = this.sessions.recall(client, sequence);
    if (before !== null) return before;
    const result =
      operation.type === 'reconfigure'
        ? this.#membership.change(operation, slot, version)
        : executeOn(this.store, operation, version);
    this.sessions.remember({ client, sequence, result });
    return result;
  }
}

type StoreOperation = Exclude<LoggedOperation, { readonly type: 'reconfigure' }>;

function executeOn(store: Store, operation: StoreOperation, version: Version): ClientResult {
  if (operation.type === 'txn') return executeTransaction(store, operation, version);
  const { key } = operation;
  const entry = store.get(key);
  const refused = refusal(operation, entry?.value ?? null);
  if (refused !== null) {
    const actual = entry?.value ?? null;
    return { type: 'refused', reason: refused, actual, version: entry?.version ?? null };
  }
  write(store, key, operation.type === 'delete' ? null : operation.value, version);
  return { type: 'done', version, existed: entry !== undefined };
}

function write(store: Store, key: Key, value: Uint8Array | null, version: Version): void {
  if (value === null) store.remove(key);
  else store.put(key, value, version);
}

type Reason = Extract<ClientResult, { readonly type: 'refused' }>['reason'];

function refusal(
  operation: Exclude<StoreOperation, Transaction>,
  actual: Uint8Array | null,
): Reason | null {
  switch (operation.type) {
    case 'put':
    case 'delete':
      return null;
    case 'insert':
      return actual === null ? null : 'exists';
    case 'update':
      return actual === null ? 'absent' : null;
    case 'cas':
      return sameBytes(operation.expected, actual) ? null : 'different';
  }
}

/** Its steps see what earlier steps wrote; nothing is written until all of them have held. */
function executeTransaction(store: Store, { steps }: Transaction, version: Version): ClientResult {
  const written = new Map<Key, Uint8Array | null>();
  const values: (Uint8Array | null)[] = [];
  let bytes = 0;
  for (const step of steps) {
    const { key } = step;
    const ownWrite = written.get(key);
    const entry = store.get(key);
    const actual = ownWrite === undefined ? (entry?.value ?? null) : ownWrite;
    if (step.type === 'put') written.set(key, step.value);
    else if (step.type === 'delete') written.set(key, null);
    else if (step.type === 'get') {
      values.push(actual);
      bytes += actual?.length ?? 0;
    } else if (!sameBytes(step.expected, actual)) {
      const at = ownWrite === undefined ? (entry?.version ?? null) : version;
      return { type: 'refused', reason: 'different', actual, version: at };
    }
  }
  if (bytes > bounds.resultBytesMax) return tooLarge;
  for (const [key, value] of written) write(store, key, value, version);
  return { type: 'committed', version, values };
}

const tooLarge: ClientResult = {
  type: 'error',
  code: 'bad-request',
  definite: true,
  message: `the transaction reads more than ${bounds.resultBytesMax} bytes`,
};

function sameBytes(a: Uint8Array | null, b: Uint8Array | null): boolean {
  if (a === null || b === null) return a === b;
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

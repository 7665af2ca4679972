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
import type { ClientResult, DataOperation } from '../../../core/operation.js';
import type { Version } from '../../../core/version.js';
import { evaluate } from '../../shared/evaluate.js';
import { type Batch, type Command, type Slot, versionAt } from '../command.js';
import { type Configuration, Membership } from './membership.js';
import { Sessions } from './sessions.js';
import { Store } from './store.js';

export class StateMachine {
  readonly store = new Store();
  readonly sessions = new Sessions();
  #membership: Membership;
  #applied: Slot;
  readonly #lookup = (key: Key) => this.store.get(key);

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

  /** About what it takes to send it. */
  get bytes(): number {
    return this.store.bytes + this.sessions.bytes;
  }

  /** The members that will execute the next slot. */
  get members(): readonly NodeId[] {
    return this.#membership.at(this.#applied + 1);
  }

  /** Executes the next slot, and shows the result of each of its commands. */
  apply(slot: Slot, batch: Batch, show: (command: Command, result: ClientResult) => void): void {
    invariant(slot === this.#applied + 1, 'slots follow each other');
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
        : this.#change(operation, version);
    this.sessions.remember(client, sequence, result);
    return result;
  }

  #change(operation: DataOperation, version: Version): ClientResult {
    // What nothing depends on is not looked at: an entry is made when it is shown.
    if (operation.type === 'put') {
      const existed = this.store.put(operation.key, operation.value, version);
      return { type: 'done', version, existed };
    }
    const { writes, result } = evaluate(operation, version, this.#lookup);
    for (const { key, value } of writes ?? []) {
      if (value === null) this.store.remove(key);
      else this.store.put(key, value, version);
    }
    return result;
  }
}

// @ts-check
/**
 * The state machine: keys, and which commands it has executed. A command may come twice, for links may duplicate what they
 * carry, and a server that hears nothing sends it again; it is executed once (section 8). The results need not be kept, as a
 * server answers its own clients when it executes their commands.
 */

/** @import { ClientResult, DataOperation, Key, Kit, StoredEntry } from 'kvx/protocol' */
/** @import { Command, Session, Stored } from './messages.js' */

export class StateMachine {
  /** Index of the entry that was executed last. */
  lastApplied = 0;
  #kit;
  #table;
  /** @type {Map<string, { life: number, floor: number, executed: Set<number> }>} by the server that was asked */
  #sessions = new Map();

  /** @param {Kit} kit */
  constructor(kit) {
    this.#kit = kit;
    this.#table = new kit.EntryTable();
  }

  get table() {
    return this.#table;
  }

  /** The result, or `null` when this has been executed before. @param {number} index @param {Command | null} command */
  apply(index, command) {
    this.lastApplied = index;
    if (command === null || this.hasExecuted(command)) return null;
    this.#remember(command);
    const version = { stamp: index, node: command.origin };
    const operation = /** @type {DataOperation} */ (command.operation);
    const { evaluate } = this.#kit;
    const { writes, result } = evaluate(operation, version, (key) => this.#table.get(key));
    for (const { key, value } of writes ?? []) {
      if (value !== null) this.#table.put(key, value, version);
      else if (this.#table.find(key) >= 0) this.#table.remove(this.#table.find(key));
    }
    return result;
  }

  /** @param {{ key: Key }} asked @returns {ClientResult} */
  read({ key }) {
    const { value = null, version = null } = this.#table.get(key) ?? {};
    return { type: 'value', value, version };
  }

  /** @param {Pick<Command, 'origin' | 'life' | 'number'>} command */
  hasExecuted({ origin, life, number }) {
    const session = this.#sessions.get(origin);
    if (session === undefined || life > session.life) return false;
    return life < session.life || number < session.floor || session.executed.has(number);
  }

  /** @param {Command} command */
  #remember({ origin, life, number, floor }) {
    let session = this.#sessions.get(origin);
    if (session?.life !== life) {
      session = { life, floor, executed: new Set() };
      this.#sessions.set(origin, session);
    }
    session.executed.add(number);
    session.floor = Math.max(session.floor, floor);
    for (const old of session.executed) {
      if (old >= session.floor) break;
      session.executed.delete(old);
    }
  }

  /** The state as it is now. @returns {{ sessions: Session[], data: Stored[] }} */
  capture() {
    const sessions = [...this.#sessions].map(([origin, { life, floor, executed }]) => ({
      ...{ origin, life, floor },
      executed: [...executed],
    }));
    return { sessions, data: [...this.#table.entries()].map(present) };
  }

  /** @param {number} index @param {readonly Session[]} sessions @param {Iterable<Stored>} data */
  restore(index, sessions, data) {
    this.lastApplied = index;
    this.#table = new this.#kit.EntryTable();
    for (const { key, value, version } of data) this.#table.put(key, value, version);
    this.#sessions.clear();
    for (const { origin, life, floor, executed } of sessions) {
      this.#sessions.set(origin, { life, floor, executed: new Set(executed) });
    }
  }
}

/** A deleted key is removed at once, so all that are held have a value. @param {StoredEntry} entry @returns {Stored} */
function present({ key, value, version }) {
  return { key, value: /** @type {Uint8Array} */ (value), version };
}

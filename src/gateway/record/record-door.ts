/** A port behind which a RESP server stands: bytes pass through it unchanged, and what they say is written down. */
import { createServer, type NetConnectOpts, type Server, type Socket } from 'node:net';
import type { NodeId } from '../../core/ids.js';
import type { Caller } from './call-log.js';
import { FirstValues } from './first-values.js';
import { keyIn, type RecordTally } from './tracked-connection.js';
import { WatchedSocket } from './watched-socket.js';

export interface RecordTarget {
  /** As the history names it. */
  readonly name: NodeId;
  readonly address: NetConnectOpts;
  /** `null`: none is needed, or clients give it. */
  readonly password: string | null;
}

/** What all doors of a record share. */
export interface SharedRecord extends RecordTally {
  /** Of the record itself. */
  readonly caller: Caller;
  /** Keys whose first value has been asked for. */
  readonly asking: Map<string, Promise<void>>;
  /** How many clients there were. */
  clientCount: number;
  /** Says something to people. */
  tell(text: string): void;
}

export class RecordDoor {
  readonly target: RecordTarget;
  readonly record: SharedRecord;
  readonly #sockets = new Set<WatchedSocket>();
  readonly #server: Server;
  readonly #firstValues: FirstValues;
  #wasUnreachable = false;

  constructor(target: RecordTarget, record: SharedRecord) {
    this.target = target;
    this.record = record;
    this.#firstValues = new FirstValues(target.address, target.password);
    const options = { noDelay: true, allowHalfOpen: true };
    this.#server = createServer(options, (socket) => this.#accept(socket));
  }

  /** Resolves with the port. */
  listen(port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', () => {
        const address = this.#server.address();
        resolve(typeof address === 'object' && address !== null ? address.port : port);
      });
    });
  }

  get connectionCount(): number {
    return this.#sockets.size;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    this.#firstValues.close();
  }

  trust(credentials: readonly Uint8Array[]): void {
    this.#firstValues.trust(credentials);
  }

  async learn(keys: readonly { database: number; word: Uint8Array }[]): Promise<void> {
    const { asking } = this.record;
    await Promise.all(
      keys.map(({ database, word }) => {
        const key = keyIn(database, word);
        const learning = asking.get(key) ?? this.#learn(database, word);
        asking.set(key, learning);
        return learning;
      }),
    );
  }

  reached(isThere: boolean, why = ''): void {
    if (this.#wasUnreachable === !isThere) return;
    this.#wasUnreachable = !isThere;
    this.record.tell(
      `${this.target.name} ${isThere ? 'is there again' : `can't be reached: ${why}`}`,
    );
  }

  async #learn(database: number, word: Uint8Array): Promise<void> {
    const { log, caller, asking } = this.record;
    const key = keyIn(database, word);
    const call = log.begin({ caller, touches: [key] });
    const first = await this.#firstValues.ask(database, word);
    asking.delete(key);
    if (first.type === 'not held') log.spoil(call, first.why);
    else {
      log.keys.add(key, first.value);
      log.happened(call, first.value === null ? [] : [{ key, left: first.value }]);
    }
  }

  #accept(socket: Socket): void {
    const session = `c${++this.record.clientCount}`;
    const caller = { session, node: this.target.name, idle: [] };
    const watched = new WatchedSocket(socket, this, caller, () => this.#sockets.delete(watched));
    this.#sockets.add(watched);
  }
}

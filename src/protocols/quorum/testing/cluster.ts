import type { Millis, NodeId } from '../../../core/ids.js';
import { keyFromText } from '../../../core/key.js';
import type { ClientResult, KeyOperation, Level } from '../../../core/operation.js';
import type { Fate, Flight } from '../../../sim/manual.js';
import { modeNamed } from '../../registry.js';
import { type Sent, TestCluster } from '../../testing/test-cluster.js';
import type { Message, Quorum } from '../messages.js';
import { parseQuorumOptions, type QuorumOptions } from '../options.js';

export type Envelope = Sent<Message>;

/** All messages wait for the test, but while time passes. */
export class QuorumCluster extends TestCluster<Quorum, QuorumOptions> {
  /** Whether a message from one node to another is lost at once. */
  isCut: (from: NodeId, to: NodeId) => boolean = () => false;
  /** Whether this message is. */
  loses: (envelope: Envelope) => boolean = () => false;
  #delivers = false;

  constructor({
    nodes = 3,
    options = {},
    turnMs = 0,
  }: {
    readonly nodes?: number;
    readonly options?: Partial<QuorumOptions>;
    readonly turnMs?: Millis;
  } = {}) {
    const names = Array.from({ length: nodes }, (_, at) => `n${at + 1}`);
    super({
      protocol: modeNamed('quorum').protocol,
      options: parseQuorumOptions(options, nodes),
      nodes: names,
      turnMs,
    });
    this.fate = (flight) => this.#fateOf(flight);
    this.startAll();
    this.settle();
    // Past the comparisons that follow a start, so that with long intervals nothing happens unasked.
    this.advance(1000);
  }

  override ask(through: NodeId, operation: KeyOperation, more: { level?: Level | null } = {}) {
    const ticket = this.request(through, operation, more);
    this.deliverAll();
    for (let waited = 0; waited < 6000 && ticket.result === null; waited += 25) this.advance(25);
    return ticket.result as ClientResult;
  }

  /** Hands over a message as if it came from the wire: a duplicate, or one that was kept back. */
  hand({ from, to, message }: Envelope): void {
    this.forge(from, to, message);
  }

  /** Time passes; messages stay where they are unless `delivering`. */
  advance(ms: Millis, delivering = true): void {
    if (delivering) this.deliverAll();
    this.#delivers = delivering;
    this.wait(ms);
    this.#delivers = false;
  }

  /** Lets everything run until each node says that it has nothing left to do. Returns how long it took. */
  settle(limitMs: Millis = 60_000): Millis {
    const start = this.now;
    this.deliverAll();
    while (this.unsettled > 0) {
      if (this.now - start > limitMs) throw new Error(`not settled after ${limitMs} ms`);
      this.advance(50);
    }
    return this.now - start;
  }

  get unsettled(): number {
    return this.up.reduce((sum, node) => sum + this.view(node).unsettledCount, 0);
  }

  /** What the replicas of each key hold, where they do not all hold the same version; empty when they agree. */
  disagreements(): string[] {
    const found = new Set<string>();
    for (const node of this.nodes) {
      const view = this.view(node);
      for (const { key } of view.entries()) {
        const versions = view.ownersOf(key).map((owner) => {
          const held = this.view(owner).lookup(key);
          return held === undefined ? '-' : `${held.version.stamp}@${held.version.node}`;
        });
        if (new Set(versions).size > 1) found.add(`${key}: ${versions.join(' ')}`);
      }
    }
    return [...found];
  }

  /** A key whose replicas, first to last, are these. */
  keyOwnedBy(...owners: readonly NodeId[]): string {
    const view = this.view(this.nodes[0] as NodeId);
    for (let at = 0; at < 100_000; at++) {
      const found = view.ownersOf(keyFromText(`key${at}`));
      if (owners.every((owner, place) => found[place] === owner)) return `key${at}`;
    }
    throw new Error(`no key belongs to ${owners.join(', ')}`);
  }

  #fateOf(flight: Flight<Message>): Fate {
    if (this.isCut(flight.from, flight.to) || this.loses(flight)) return [];
    return this.#delivers ? [0] : 'hold';
  }
}

/** One node of a small world, real and by itself. */
import { decidedWords } from '../../core/decision.js';
import type { NodeId } from '../../core/ids.js';
import { invariant } from '../../core/invariant.js';
import type { ClientResult } from '../../core/operation.js';
import type { ProtocolTypes } from '../../core/replica.js';
import type { CrashKind } from '../../faults/fault.js';
import type { NodeSetup } from '../../runtime/node.js';
import type { UnsyncedFate } from '../../sim/disk.js';
import { ManualCluster } from '../../sim/manual.js';
import type { Messages } from './messages.js';
import type { Envelope, SmallWorld } from './small-world.js';
import type { StateTexts } from './state-text.js';

/** What one node meets. `message`: its number. */
export type Input =
  | { readonly do: 'start' | 'hold syncs' | 'release syncs' | 'sync' }
  | { readonly do: 'hear'; readonly message: number }
  | { readonly do: 'fire'; readonly timer: string }
  | { readonly do: 'ask'; readonly client: number; readonly at: number }
  | { readonly do: 'crash'; readonly how: CrashKind; readonly unsynced: UnsyncedFate };

export interface Answer {
  readonly client: number;
  /** `null`: there will never be one. */
  readonly result: ClientResult | null;
}

interface Met {
  readonly sent: Envelope[];
  readonly answers: Answer[];
  readonly decisions: (readonly [subject: string, value: string])[];
  violation: string | null;
}

/** One node that runs alone: what it sends is taken from it, what it hears is put before it. */
export class LoneNode {
  readonly cluster: ManualCluster<ProtocolTypes, unknown>;
  readonly #world: SmallWorld;
  readonly #node: NodeId;
  readonly #messages: Messages;
  /** Clients by ticket. */
  readonly #askers: number[] = [];
  #holdsSyncs = false;
  #met: Met = nothingMet();

  constructor(world: SmallWorld, node: NodeId, messages: Messages) {
    this.#world = world;
    this.#node = node;
    this.#messages = messages;
    this.cluster = new ManualCluster<ProtocolTypes, unknown>({
      ...{ protocol: world.protocol, options: world.options, nodes: world.nodes },
      only: node,
      fate: ({ from, to, message }) => {
        this.#met.sent.push({ from, to, message });
        return [];
      },
      onAnswer: ({ id, result }) => {
        this.#met.answers.push({ client: this.#askers[id - 1] as number, result });
      },
      onDecision: (_, decision) =>
        this.#met.decisions.push([decision.subject, decidedWords(decision)]),
    });
  }

  get facts(): unknown {
    const { cluster } = this;
    return cluster.isUp(this.#node) ? cluster.view(this.#node).facts : null;
  }

  /** What waits for others: its syncs, and those who have asked. */
  get waiting(): readonly unknown[] {
    const { tickets } = this.cluster;
    const askers = tickets.map(({ result, isOrphaned }, at) =>
      result === null && !isOrphaned ? this.#askers[at] : null,
    );
    return [this.#holdsSyncs, this.cluster.heldSyncs(this.#node), askers];
  }

  /** All else that it is, save what is on disk; `null`: it is down. */
  awakeText(texts: StateTexts): string | null {
    const { cluster } = this;
    const { node } = cluster.host(this.#node);
    if (node === null) return null;
    const setup = texts.hidden(node, '#setup') as NodeSetup<ProtocolTypes>;
    const { replica, clock, link, journal } = setup;
    const beside = [cluster.world, clock, link, journal, replica.inspect()];
    const others = [...beside, setup, replica, texts.hidden(node, '#context')];
    return [
      `${clock.now()}`,
      texts.textOf(replica, beside, 'state'),
      texts.textOf(node, others, 'wiring'),
    ].join(' ');
  }

  /** The state of its chance, which outlives it. */
  chanceText(texts: StateTexts): string {
    const { cluster } = this;
    const random = texts.hidden(cluster.host(this.#node), '#random') as object;
    return texts.textOf(random, [cluster.world], 'wiring');
  }

  /** What its next life begins with: when its process dies, and when the power fails. */
  get diskText(): string {
    const { disk } = this.cluster.storage(this.#node);
    return `${disk.image().join(' ')} ${disk.image('synced').join(' ')}`;
  }

  meet(input: Input): Met {
    const met = nothingMet();
    this.#met = met;
    try {
      this.#take(input);
    } catch (error) {
      met.violation = error instanceof Error ? error.message : String(error);
    }
    return met;
  }

  #take(input: Input): void {
    const { cluster } = this;
    const node = this.#node;
    switch (input.do) {
      case 'hear': {
        const { from, message } = this.#messages.at(input.message);
        return cluster.forge(from, node, message);
      }
      case 'fire':
        return cluster.fire(node, input.timer);
      case 'ask': {
        const asks = this.#world.clients[input.client]?.[input.at];
        invariant(asks !== undefined, 'a client asks what it has to ask');
        this.#askers.push(input.client);
        cluster.request(node, asks.operation, { level: asks.level });
        return;
      }
      case 'crash':
        return cluster.crash(node, input.unsynced, input.how);
      case 'start':
        return cluster.start(node);
      default:
        if (input.do !== 'sync') this.#holdsSyncs = input.do === 'hold syncs';
        return cluster.apply({ do: input.do, node });
    }
  }
}

const nothingMet = (): Met => ({ sent: [], answers: [], decisions: [], violation: null });

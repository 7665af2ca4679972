/**
 * Who adds and removes nodes, and has those begin anew that lost their data: one change at a time, asked for again until it
 * is known what became of it, as `kvx node add`, `remove` and `rejoin` do it.
 */
import { Client } from '../client/client.js';
import type { Millis, NodeId } from '../core/ids.js';
import type { ClientResult } from '../core/operation.js';
import type { Random } from '../core/random.js';
import type { ProtocolTypes } from '../core/replica.js';
import type { Membership } from '../protocols/catalog.js';
import type { SimCluster } from '../sim/cluster.js';
import { SimEndpoint } from '../sim/endpoint.js';
import { virtualTiming } from '../sim/virtual-time.js';
import type { World } from '../sim/world.js';

export interface OperatorSetup<P extends ProtocolTypes, Options> {
  readonly world: World;
  readonly cluster: SimCluster<P, Options>;
  /** `null`: the nodes of the cluster are the same for ever. */
  readonly membership: Membership | null;
  /** Of every node once nodes have come or gone. */
  optionsWith(founders: readonly NodeId[]): Options;
  /** A node that lost its data counts as a new one, once it is taken out. Else it copies by itself. */
  readonly countsVotes: boolean;
  /** Is never removed. */
  readonly stays: NodeId | null;
}

const nodesMin = 3;
const nodesMax = 7;
const attemptMs: Millis = 1_000;
/** What surely has not happened by then is given up; what is in doubt is asked for again, after a pause. */
const patienceMs: Millis = 2_500;
const pauseMs: Millis = 60;

type Change = 'add' | 'remove';

export class Operator<P extends ProtocolTypes, Options> {
  /** What came of the changes: how many nodes were added, removed and began anew. */
  readonly counts = { added: 0, removed: 0, rejoined: 0, givenUp: 0 };
  readonly #setup: OperatorSetup<P, Options>;
  readonly #random: Random;
  readonly #founders: readonly NodeId[];
  readonly #client: Client;
  /** Nodes that can't start with what is on their disks. */
  readonly #damaged = new Set<NodeId>();
  #last: number;
  #isAsked: (node: NodeId) => boolean = () => true;
  /** In words; `null`: none is under way. */
  #change: string | null = null;
  #stopped = false;
  #takesNoWritesUntil: Millis = 0;

  constructor(setup: OperatorSetup<P, Options>) {
    this.#setup = setup;
    this.#random = setup.world.chance('operator');
    this.#founders = setup.cluster.nodes;
    this.#last = this.#founders.length;
    const timing = virtualTiming(setup.world, this.#random);
    const endpoints = () =>
      setup.cluster.hosts
        .filter(({ id }) => this.#isAsked(id))
        .map((host) => new SimEndpoint(host, timing));
    this.#client = new Client(endpoints, {
      ...{ timing, timeoutMs: patienceMs, attemptMs, exactlyOnce: true },
      retry: 'always',
    });
  }

  /** What it waits for, in words; `null`: for nothing. */
  get change(): string | null {
    const [damaged] = this.#damaged;
    return this.#change ?? (damaged === undefined ? null : `${damaged} has to begin anew`);
  }

  /** A node is telling the others what it has, so that it can be removed: for so long it takes no writes. */
  get isHandingOver(): boolean {
    const isLeaving = this.#change !== null && this.#setup.membership?.handsOver === true;
    return isLeaving || this.#setup.world.now < this.#takesNoWritesUntil;
  }

  /**
   * Where votes count, somebody who was removed may be one of those who knew what was decided before: until others know it,
   * nobody else may lose its data.
   */
  get mayLose(): boolean {
    return !this.#setup.countsVotes || (this.#change === null && this.counts.removed === 0);
  }

  /** What the next one would be called. */
  get newNode(): NodeId {
    return `n${this.#last + 1}`;
  }

  isDamaged(node: NodeId): boolean {
    return this.#damaged.has(node);
  }

  /** Begins nothing new but what has to be mended. */
  stop(): void {
    this.#stopped = true;
  }

  add(): void {
    const { cluster, membership, optionsWith } = this.#setup;
    const isFull = cluster.nodes.length >= nodesMax;
    if (membership === null || this.#isBusy || isFull) return;
    this.#last++;
    const node = `n${this.#last}`;
    const changed = optionsWith(this.#founders);
    this.#change = `${node} is being added`;
    cluster.add(node, changed);
    this.#reconfigure('add', node, (result) => {
      this.#change = null;
      if (result.type === 'error') {
        this.counts.givenUp++;
        cluster.remove(node, changed);
      } else this.counts.added++;
    });
  }

  /** This node, or another where it has to stay. */
  remove(wanted: NodeId): void {
    const { cluster, membership, optionsWith, stays } = this.#setup;
    const isSmall = cluster.nodes.length <= nodesMin;
    if (membership === null || this.#isBusy || isSmall) return;
    const others = cluster.nodes.filter((node) => node !== stays);
    const node = wanted === stays ? this.#random.pick(others) : wanted;
    const changed = optionsWith(this.#founders);
    this.#change = `${node} is being removed`;
    const takeOut = (): void =>
      this.#reconfigure('remove', node, (result) => {
        this.#change = null;
        if (result.type === 'error') this.counts.givenUp++;
        else {
          this.counts.removed++;
          cluster.remove(node, changed);
        }
      });
    if (membership.handsOver) this.#handOver(node, takeOut);
    else takeOut();
  }

  /** This node does not start with what is on its disk. */
  mend(node: NodeId): void {
    // It may have been removed meanwhile.
    if (!this.#setup.cluster.has(node)) return void this.#damaged.delete(node);
    this.#damaged.add(node);
    if (this.#change !== null) this.#later(() => this.mend(node));
    else this.#rejoin(node);
  }

  get #isBusy(): boolean {
    return this.#change !== null || this.#stopped;
  }

  #rejoin(node: NodeId): void {
    const { cluster, countsVotes } = this.#setup;
    this.#change = `${node} begins anew`;
    const begin = (removal: { stamp: number; existed: boolean } | null, then: () => void): void => {
      this.#damaged.delete(node);
      cluster.rejoin(node, removal);
      then();
    };
    const done = (): void => {
      this.#change = null;
      this.counts.rejoined++;
    };
    if (!countsVotes) {
      begin(null, () => this.#untilCopied(node, done));
      return;
    }
    this.#insist('remove', node, (removed) => {
      const stamp = 'version' in removed ? (removed.version?.stamp ?? 0) : 0;
      const existed = removed.type === 'done' && removed.existed === true;
      begin({ stamp, existed }, () => this.#insist('add', node, done));
    });
  }

  #untilCopied(node: NodeId, done: () => void): void {
    const view = this.#setup.cluster.host(node).view();
    if (view !== null && view.role !== 'copying') done();
    else this.#later(() => this.#untilCopied(node, done));
  }

  /** Asks until it is done, however often it surely was not. */
  #insist(change: Change, node: NodeId, done: (result: ClientResult) => void): void {
    this.#reconfigure(change, node, (result) => {
      if (result.type !== 'error') done(result);
      else this.#later(() => this.#insist(change, node, done));
    });
  }

  /** The node tells the others all it has; or it was not to be, and nothing has changed. */
  #handOver(node: NodeId, then: () => void): void {
    this.#submit(
      'remove',
      node,
      (other) => other === node,
      (result) => {
        if (result.type === 'stabilized' && result.nodes.length > 1) return then();
        this.#change = null;
        this.counts.givenUp++;
        this.#takesNoWritesUntil = this.#setup.world.now + 2 * attemptMs;
      },
    );
  }

  /** Asks the others until it is known what became of it. */
  #reconfigure(change: Change, node: NodeId, done: (result: ClientResult) => void): void {
    const { cluster, membership } = this.#setup;
    const mayAlone = change === 'add' && membership?.joinsAlone === true;
    const isAsked = (other: NodeId) =>
      other !== node || mayAlone || cluster.nodes.every((each) => each === node);
    this.#submit(change, node, isAsked, (result) => {
      const isUnknown = result.type === 'error' && !result.definite;
      if (isUnknown) this.#later(() => this.#reconfigure(change, node, done));
      else done(result);
    });
  }

  #submit(
    change: Change,
    node: NodeId,
    isAsked: (node: NodeId) => boolean,
    done: (result: ClientResult) => void,
  ): void {
    this.#isAsked = isAsked;
    const operation = { type: 'reconfigure', change, node } as const;
    const sink = { settled: (_: null, result: ClientResult) => done(result) };
    this.#client.submit(operation, { start: this.#random.below(nodesMax) }, sink, null);
  }

  #later(run: () => void): void {
    this.#setup.world.after(pauseMs, run);
  }
}

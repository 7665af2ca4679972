import type { ClusterSpec } from '../config/spec.js';
import type { NodeId } from '../core/ids.js';
import { nodesMax } from '../core/limits.js';
import { nextName } from '../core/node-order.js';
import { levelNames, type Scope } from '../operations/given.js';
import { wordText } from '../operations/transaction-text.js';
import type { ParsedCommand } from './parse-command.js';
import { LineError } from './script-lines.js';

/** Past it nodes have come and gone so often that they are no longer followed. */
const everNodesMax = 1000;

export interface KnownNamesSetup {
  /** The cluster that there is, or that is started when the script starts none. */
  readonly spec: ClusterSpec;
  /** It is there already, and the script may neither start nor stop it. */
  readonly attached: boolean;
  /** There is none yet, and none is started by itself: nothing can be said of its mode. */
  readonly isAssumed?: boolean;
}

/** Which clusters, nodes and clients there are at the point of a script that the parser has come to. */
export class KnownNames implements Scope {
  readonly levels = levelNames;
  readonly clients: ReadonlySet<string>;
  nodes: readonly NodeId[] | null;
  isUp: boolean;
  readonly #setup: KnownNamesSetup;
  #mode: string | null;
  /** Also those that have gone: names are not given twice. */
  #everNodes: readonly NodeId[];

  constructor(setup: KnownNamesSetup, isUp: boolean, clients: Iterable<string>) {
    const { spec, isAssumed = false } = setup;
    this.#setup = setup;
    this.isUp = isUp;
    this.clients = new Set(clients);
    this.#mode = isAssumed ? null : spec.mode;
    this.nodes = spec.nodes;
    this.#everNodes = spec.nodes;
  }

  /** Of the cluster that is up; `null` when none is. */
  get mode(): string | null {
    return this.isUp ? this.#mode : null;
  }

  /** From here on nothing can be said of nodes. */
  forgetNodes(): void {
    this.nodes = null;
    this.isUp = true;
  }

  /** Runs `work`; what it does to names is undone. */
  during<T>(work: () => T): T {
    const { isUp, nodes } = this;
    const result = work();
    Object.assign(this, { isUp, nodes });
    return result;
  }

  /** What a command does to names; `column` is its own. `isCertain`: it is done once, and in this order. */
  follow({ command, args }: ParsedCommand, column: number, isCertain: boolean): void {
    const name = args.get('NODE')?.map(wordText)[0];
    switch (command.name) {
      case 'cluster up':
        this.#checkOwn(column, 'start');
        if (this.isUp) throw new LineError(column, 'a cluster is up already: `cluster down` first');
        this.isUp = true;
        return;
      case 'cluster down':
        this.#checkOwn(column, 'stop');
        this.isUp = false;
        return;
      case 'node add':
        this.#add(name, column, isCertain);
        return;
      case 'node remove':
        this.nodes = this.nodes?.filter((node) => node !== name) ?? null;
        return;
      default:
    }
  }

  /** The cluster that was started is this one. */
  cameUp({ nodes, mode }: ClusterSpec): void {
    this.#mode = mode;
    this.nodes = nodes;
    this.#everNodes = nodes;
  }

  #add(name: NodeId | undefined, column: number, isCertain: boolean): void {
    const isFollowed = isCertain && this.#everNodes.length < everNodesMax;
    if (!isFollowed || this.nodes === null) {
      this.nodes = null;
      return;
    }
    if (this.nodes.length >= nodesMax) {
      throw new LineError(column, `a cluster has at most ${nodesMax} nodes`);
    }
    const node = name ?? nextName({ nodes: this.#everNodes });
    this.nodes = [...new Set([...this.nodes, node])];
    this.#everNodes = [...this.#everNodes, node];
  }

  #checkOwn(column: number, step: string): void {
    const { attached, spec } = this.#setup;
    if (!attached) return;
    throw new LineError(
      column,
      `this script runs on ${spec.name}, which is up: it can't ${step} it`,
    );
  }
}

/** Requests to one node each, with no client's retries between: of who stabilizes, and of who asks in the end. */
import type { Millis, NodeId } from '../core/ids.js';
import type { ClientResult, DataOperation, Level, Operation } from '../core/operation.js';
import type { ProtocolTypes } from '../core/replica.js';
import type { Recorder } from '../history/recorder/recorder.js';
import type { SimCluster } from '../sim/cluster.js';
import type { World } from '../sim/world.js';
import type { HistoryEntry } from './history.js';
import type { Workload } from './workload.js';

export class DirectRequests<P extends ProtocolTypes, Options> {
  readonly #world: World;
  readonly #cluster: SimCluster<P, Options>;
  readonly #workload: Workload;
  readonly #history: HistoryEntry[];

  constructor(
    world: World,
    cluster: SimCluster<P, Options>,
    workload: Workload,
    history: HistoryEntry[],
  ) {
    this.#world = world;
    this.#cluster = cluster;
    this.#workload = workload;
    this.#history = history;
  }

  send(
    node: NodeId,
    operation: Operation,
    timeoutMs: Millis,
    answer: (result: ClientResult | null) => void,
  ): void {
    const level = this.#levelOf(operation);
    const request = { operation, level, session: null, floor: null, timeoutMs };
    this.#cluster.host(node).request(request, answer);
  }

  /** Time goes on until it is answered, or given up. It stands in the history. */
  ask(
    node: NodeId,
    operation: DataOperation,
    record: ReturnType<Recorder['client']>,
  ): ClientResult {
    const { requestTimeoutMs } = this.#workload;
    const call = record.invoke(operation);
    const level = this.#levelOf(operation);
    const entry = { client: -1, node, operation, level, invokedAt: this.#world.now };
    let heard: ClientResult | null = null;
    let isOver = false;
    this.send(node, operation, requestTimeoutMs, (result) => {
      heard = result;
      isOver = true;
    });
    const giveUpAt = this.#world.now + 2 * requestTimeoutMs;
    while (!isOver && this.#world.now < giveUpAt && this.#world.step());
    const result: ClientResult = heard ?? {
      ...{ type: 'error', code: 'timeout', definite: false, message: 'no answer' },
    };
    call?.end(result, node);
    const isKnown = result.type !== 'error' || result.definite;
    const returnedAt = isKnown ? this.#world.now : Number.POSITIVE_INFINITY;
    this.#history.push({ ...entry, returnedAt, result });
    return result;
  }

  #levelOf({ type }: Operation): Level | null {
    const { readLevels, writeLevels } = this.#workload;
    if (type === 'get') return readLevels[0] ?? null;
    return type === 'put' ? (writeLevels[0] ?? null) : null;
  }
}

/** What the daemon of a cluster on threads runs: `daemon <cluster folder>`. */

import type { Millis, NodeId } from '../../core/ids.js';
import { readLimits } from '../../runtime/links/frames.js';
import type { ControlAnswer, ControlFrame, NodeOrder, NodeState } from '../host/control-frames.js';
import { takeOrders } from '../host/control-session.js';
import { Listener } from '../host/listener.js';
import { errorText, limited, NodeLog } from '../state/log.js';
import { daemonSocket } from '../state/sockets.js';
import { type Cluster, logFile, openCluster, readRecord } from '../state/state.js';
import type { StartKind } from './detached.js';
import { type EntryContext, runEntry, StartFailures } from './entry.js';
import { failureInWords, failureOf, type NodeFailure } from './startup.js';
import { ThreadNode } from './thread-node.js';

/** What nodes have to write in the end takes no longer; `cluster down` is more patient. */
const stopMsMax: Millis = 250;

class Daemon {
  readonly #folder: string;
  readonly #log: NodeLog;
  readonly #nodes = new Map<NodeId, ThreadNode>();
  readonly #endpoint: Listener;

  constructor(cluster: Cluster, log: NodeLog) {
    const { record, folder } = cluster;
    this.#folder = folder;
    this.#log = log;
    this.#learnNodes();
    this.#endpoint = new Listener({
      path: daemonSocket(cluster.sockets),
      // Orders are as small as a hello.
      limits: readLimits.stranger,
      cluster: record.id,
      isPeer: () => false,
      onClient: (frames, items) => takeOrders(frames, items, (frame) => this.#answer(frame)),
      onPeer: () => {},
      log: limited((event) => log.warn(event)),
    });
  }

  async start(kind: StartKind, { log, ready, without }: EntryContext): Promise<void> {
    await this.#endpoint.listen();
    const starts = [...this.#nodes.values()].map(async (node) => {
      const failure = await this.#startNode(node);
      if (failure === null) ready(node.node, node.note);
      else log.error(`${failure.node} did not start: ${failure.message}`);
      return failure;
    });
    const failures = (await Promise.all(starts)).filter((failure) => failure !== null);
    const isInVain = kind === 'all' ? failures.length > 0 : failures.length === this.#nodes.size;
    if (isInVain) throw new StartFailures(failures);
    for (const failure of failures) without(failure);
  }

  close(): void {
    this.#endpoint.close();
    const waits = [...this.#nodes.values()].map((node) => node.stop());
    const untilMs = Date.now() + stopMsMax;
    for (const wait of waits) wait(untilMs);
  }

  async #answer(frame: ControlFrame): Promise<ControlAnswer> {
    const { id } = frame;
    let failure: NodeFailure | null = null;
    try {
      if (frame.type === 'states') return { type: 'states', id, states: this.#states() };
      failure = await this.#carryOut(frame.order, frame.node);
    } catch (error) {
      failure = failureOf(frame.type, error);
    }
    if (failure === null) return { type: 'done', id };
    return { type: 'refused', id, message: failure.message, hint: failure.hint };
  }

  /** Nodes may have come since this daemon started; of those that have gone it keeps what is left, and shows nothing. */
  #learnNodes(): readonly NodeId[] {
    const { nodes } = readRecord(this.#folder);
    for (const node of nodes) {
      if (this.#nodes.has(node)) continue;
      const nodeLog = new NodeLog(logFile(this.#folder, node));
      const onError = (error: Error): void => nodeLog.error(errorText(error));
      this.#nodes.set(node, new ThreadNode(this.#folder, node, onError));
    }
    return nodes;
  }

  async #carryOut(order: NodeOrder, name: NodeId): Promise<NodeFailure | null> {
    this.#learnNodes();
    const node = this.#nodes.get(name);
    if (node === undefined) throw new Error(`there is no node ${name}`);
    this.#log.info(`asked to ${order} ${name}`);
    if (order === 'start') return node.hasThread ? null : this.#startNode(node);
    await node[order]();
    return null;
  }

  #startNode(node: ThreadNode): Promise<NodeFailure | null> {
    return node.start([...this.#nodes.values()].filter((other) => other !== node));
  }

  #states(): NodeState[] {
    return this.#learnNodes().map((name) => {
      const node = this.#nodes.get(name) as ThreadNode;
      const { condition: state, since, failure } = node;
      const why = state === 'failed' && failure !== null ? failureInWords(failure) : null;
      return { node: name, state, pid: node.hasThread ? process.pid : null, since, why };
    });
  }
}

const [folder = '', kind = 'all'] = process.argv.slice(2);

runEntry({
  folder,
  who: 'daemon',
  async start(context) {
    const daemon = new Daemon(openCluster(folder), context.log);
    try {
      await daemon.start(kind as StartKind, context);
    } catch (error) {
      daemon.close();
      throw error;
    }
    return () => daemon.close();
  },
});

/** Watches what is broken on purpose in a cluster of real nodes, whoever does it. */
import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import { isUp, readFaults } from '../cluster/state/run-file.js';
import { lockFile, openCluster } from '../cluster/state/state.js';
import type { Millis, NodeId } from '../core/ids.js';
import type { ActiveFault } from '../faults/active.js';
import { brokenNow, type StoppedState, type ToldFaults } from './told-faults.js';

/** Where the system does not tell of changes, and of nodes that are killed without a command. */
const pollMs: Millis = 1000;

/**
 * Each command that changes something takes the cluster's lock and lets it go, and what it breaks is stored before it is
 * done: the system tells of these files. Keeps no process alive.
 */
export class FaultWatch {
  /** All that is broken now has been told. */
  readonly firstLook: Promise<void>;
  readonly #folder: string;
  readonly #told: ToldFaults;
  readonly #timer: NodeJS.Timeout;
  readonly #watchers: readonly FSWatcher[];
  #stored: readonly ActiveFault[] = [];
  /** Those that are told. */
  #faults: readonly ActiveFault[] = [];
  #states: Parameters<typeof brokenNow>[1] = [];
  /** What this process is about to do. */
  readonly #orders = new Map<NodeId, StoppedState>();
  #isOver = false;
  #isLooking = false;
  #looksAgain = false;
  #askedCount = 0;
  #answeredCount = 0;

  constructor(folder: string, told: ToldFaults) {
    this.#folder = folder;
    this.#told = told;
    this.#timer = setInterval(() => this.look(), pollMs).unref();
    const lock = lockFile(folder);
    this.#watchers = [
      ...watching(folder, () => this.look()),
      ...watching(dirname(lock), (name) => name === basename(lock) && this.look()),
    ];
    this.firstLook = this.look();
  }

  /** What is done to a node that runs is told before it is done. */
  async ordering(node: NodeId, state: StoppedState, order: () => Promise<void>): Promise<void> {
    const runs = this.#states.some((each) => each.node === node && each.state === 'running');
    if (runs) this.#orders.set(node, state);
    this.#tell();
    try {
      await order();
    } finally {
      await this.#askNodes();
      this.#orders.delete(node);
      this.#tell();
    }
  }

  async look(): Promise<void> {
    this.#readFaults();
    this.#looksAgain = true;
    if (this.#isLooking) return;
    this.#isLooking = true;
    while (this.#looksAgain && !this.#isOver) {
      this.#looksAgain = false;
      const stored = this.#stored;
      await this.#askNodes();
      this.#faults = stored;
      this.#readFaults();
    }
    this.#isLooking = false;
  }

  /** What has begun is told at once; what is over, when the nodes that it had stopped have been asked. */
  #readFaults(): void {
    try {
      this.#stored = readFaults(this.#folder).faults;
    } catch {
      // Whoever asks for them is told so; what was known stays.
    }
    const ids = new Set(this.#stored.map(({ id }) => id));
    this.#faults = [...this.#faults.filter(({ id }) => !ids.has(id)), ...this.#stored];
    this.#tell();
  }

  stop(): void {
    this.#isOver = true;
    clearInterval(this.#timer);
    for (const watcher of this.#watchers) watcher.close();
    this.#told.tell([]);
  }

  async #askNodes(): Promise<void> {
    const asked = ++this.#askedCount;
    try {
      const { runnerOf } = await import('../cluster/launch/runners.js');
      const cluster = openCluster(this.#folder);
      const up = isUp(this.#folder, cluster.record.runtime);
      const states = up ? await runnerOf(cluster).states() : [];
      // One that was asked later may have been quicker.
      if (asked < this.#answeredCount) return;
      this.#answeredCount = asked;
      this.#states = states;
    } catch {
      // The cluster is just coming up or going down.
    }
  }

  #tell(): void {
    if (this.#isOver) return;
    const orders = [...this.#orders].map(([node, state]) => ({ node, state }));
    const states = this.#states.filter(({ node }) => !this.#orders.has(node));
    this.#told.tell(brokenNow(this.#faults, [...states, ...orders]));
  }
}

function watching(folder: string, changed: (name: string | null) => unknown): FSWatcher[] {
  try {
    const watcher = watch(folder, { persistent: false }, (_, name) => changed(name));
    watcher.on('error', () => watcher.close());
    return [watcher];
  } catch {
    return [];
  }
}

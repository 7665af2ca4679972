/**
 * Changes of membership on their way into the log.
 *
 * "New servers join the cluster as non-voting members; the leader replicates log entries to them, but they are not yet
 * counted towards majorities" (Ongaro's thesis, section 4.2.1): a node that is to be added first gets heartbeats,
 * catches up by itself, and only when it has nearly everything is the change proposed. One change at a time.
 */
import type { Millis, NodeId } from '../../../core/ids.js';
import type { ErrorResult } from '../../../core/results.js';
import type { Command } from '../command.js';
import type { Learner } from '../learner/learner.js';
import type { Ctx } from '../messages.js';
import { bounds, times } from '../options.js';
import { conflict } from '../state/membership.js';
import type { Peers } from './peers.js';
import type { CommandQueue } from './queue.js';

export class JoinWait {
  readonly #learner: Learner;
  readonly #peers: Peers;
  readonly #queue: CommandQueue;
  #waiting: { readonly command: Command; readonly node: NodeId; readonly since: Millis } | null =
    null;

  constructor(learner: Learner, peers: Peers, queue: CommandQueue) {
    this.#learner = learner;
    this.#peers = peers;
    this.#queue = queue;
  }

  /** The node that is catching up in order to be added. */
  get node(): NodeId | null {
    return this.#waiting?.node ?? null;
  }

  /** Takes a `reconfigure`. Returns why not, or `null`. */
  offer(command: Command, now: Millis): ErrorResult | null {
    const { operation } = command;
    const { machine, applied } = this.#learner;
    if (operation.type !== 'reconfigure') return null;
    if (this.#isSame(command)) return null;
    if (this.#waiting !== null || machine.membership.nextAfter(applied + 1) !== null) {
      return conflict;
    }
    const isMember = machine.members.includes(operation.node);
    if (operation.change === 'add' && !isMember) {
      // A node of this name may have been here before, and have had more.
      this.#peers.forget(operation.node);
      this.#waiting = { command, node: operation.node, since: now };
    } else {
      this.#queue.offer(command);
    }
    return null;
  }

  /** Lets the change go into the log once its node has caught up; gives up when it doesn't. */
  advance(ctx: Ctx): void {
    if (this.#waiting === null) return;
    const { command, node, since } = this.#waiting;
    const isNear = this.#peers.decidedOf(node) + bounds.alpha >= this.#learner.applied;
    const isHeard = this.#peers.probeOf(node) > 0 && this.#peers.isLive(node, ctx.now);
    if (isHeard && isNear) {
      this.#queue.offer(command);
      this.#waiting = null;
    } else if (ctx.now - since > times.joinMs) {
      // Whoever asked has timed out, or asks again.
      this.#waiting = null;
    }
  }

  #isSame({ client, sequence }: Command): boolean {
    const { command } = this.#waiting ?? {};
    return command?.client === client && command.sequence === sequence;
  }
}

/** What a simulated machine is made of. */
import type { Decision } from '../core/decision.js';
import type { Millis, NodeId } from '../core/ids.js';
import type { Protocol, ProtocolTypes, Rejoin } from '../core/replica.js';
import type { DiskFaults } from '../faults/active.js';
import type { CrashKind } from '../faults/fault.js';
import type { MessageCounts } from '../runtime/links/single-messages.js';
import type { Journal, Link, Recovery } from '../runtime/ports.js';
import type { WorstPlan } from '../runtime/worst-reads.js';
import type { UnsyncedFate } from './disk.js';
import type { Process } from './process.js';
import type { World } from './world.js';

/** What a host keeps when its process dies. */
export interface Storage<R> {
  /** The journal of the next incarnation, over what the last one left. */
  open(process: Process): Journal<R>;
  setFaults(faults: DiskFaults): void;
  /**
   * Throws when the journal is not what this machine had made durable, as a real node's start does; see `Node`.
   * `mayHaveLost`: not even then.
   */
  admit(recovery: Recovery, mayHaveLost: boolean): Rejoin | null;
  /** The node has started: its journal is recovered. */
  started(): void;
  /** `unsynced`: what a power cut makes of bytes that were not synced; drawn when left out. */
  crash(how: CrashKind, unsynced?: UnsyncedFate): void;
}

/** What carries messages between hosts. */
export interface HostNetwork<M> {
  /** One node more; does nothing when it is known. */
  add(node: NodeId): void;
  /** The Link port for one incarnation of `self`; takes the place of the one before. */
  attach(self: NodeId, process: Process): Link<M>;
}

export interface HostSetup<P extends ProtocolTypes, Options> {
  readonly world: World;
  readonly id: NodeId;
  /** Names the node in the trace. */
  readonly index: number;
  /** All nodes of the cluster when this one first starts; one array for all of them. */
  readonly nodes: readonly NodeId[];
  readonly protocol: Protocol<P, Options>;
  readonly options: Options;
  readonly network: HostNetwork<P['message']>;
  readonly storage: Storage<P['record']>;
  /** What is on its disk is damaged: a node that does not start because of it is dead and no more. */
  readonly isDamaged?: ((node: NodeId) => boolean) | undefined;
  /** Its clocks and alarms are exact, and a turn waits for so long: all of it is drawn when left out. */
  readonly turnMs?: Millis;
  /** Of messages that faults mean alone: one that has been sent is not sent again because its sender started again. */
  readonly counts?: MessageCounts | undefined;
  /** Reads return the worst that is legal; absent: what they find. */
  readonly worst?: WorstPlan | null | undefined;
  /** Something happened that never may: a broken invariant, a journal that refuses its own files, a second answer. */
  readonly onViolation: (what: string) => void;
  /** Its process is about to crash. */
  readonly onCrash?: (() => void) | undefined;
  /** Hears what the node holds for good. */
  readonly onDecision?: (decision: Decision) => void;
}

/** How a protocol is explored: what is drawn for it, and what may be asked of it when not all of its nodes are there. */
import type { Millis, NodeId } from '../core/ids.js';
import type { Level } from '../core/operation.js';
import type { Random } from '../core/random.js';
import type { ReplicaView } from '../core/replica.js';
import type { SessionSupport } from '../core/session.js';
import type { FaultName } from '../faults/fault.js';
import { type Consistency, consistencies } from '../protocols/catalog.js';
import type { NetworkConditions } from '../sim/network.js';

export interface Levels {
  readonly read: readonly (Level | null)[];
  readonly write: readonly (Level | null)[];
}

export interface SwarmProfile {
  /** The mode's options, as a configuration would give them. */
  modeOptions(random: Random, nodes: readonly NodeId[]): Readonly<Record<string, unknown>>;
  levels(random: Random): Levels;
  /** What a replica missed, only the node that coordinated the write brings it: so none may die while it works. */
  restsOnHints(modeOptions: Readonly<Record<string, unknown>>): boolean;
  /** When its leader is lost the nodes elect another. */
  readonly elects: boolean;
  /** Kinds of fault that are none to it, and so are not drawn; none when left out. */
  readonly immuneTo?: readonly FaultName[];
  /** The smallest cluster that is drawn. */
  readonly nodesMin: number;
  /** The network without faults. */
  conditions(
    random: Random,
    modeOptions: Readonly<Record<string, unknown>>,
  ): Partial<NetworkConditions>;
  /** No message is held back for longer. */
  holdMsMax(modeOptions: Readonly<Record<string, unknown>>): Millis;
  /** An `insert`, `update` or `cas` checks and writes in one step; else it is a read and a write. */
  readonly atomicConditionals: boolean;
  readonly transactions: boolean;
  readonly exactlyOnce: boolean;
  /** What nodes do for sessions; `null`: clients keep none. */
  readonly sessions: SessionSupport | null;
  /** Every node may be told to stabilize its connected part. */
  readonly stabilizes: boolean;
  /** Whether the others can do without this node's data, so that it can begin anew. */
  mayRot(node: NodeId, at: CoreCircumstances): boolean;
  /** When a client hears its answer, at least so many of the key's owners hold what that tells of. */
  copies(level: Level | null, options: unknown): number;
  /** At these levels a write may be acknowledged when one node has it: it is lost with that node's disk. */
  keepsOneCopy(levels: Levels): boolean;
  /** Nodes that are enough to go on, drawn; all of them where none can be spared. */
  core(random: Random, at: CoreCircumstances): readonly NodeId[];
  /** Of the operations asked of the core, at least this share succeeds. */
  readonly successShareMin: number;
  /** How long the core may take to go on without the others. */
  readonly takeoverMs: Millis;
  /** How long it may take until nodes know of each other again, so that it shows who is enough. At once when left out. */
  readonly gathersMs?: Millis;
}

export interface CoreCircumstances {
  readonly nodes: readonly NodeId[];
  readonly options: unknown;
  readonly levels: Levels;
  view(node: NodeId): ReplicaView | null;
}

/** Greater is stronger. */
export const strengthOf = (consistency: Consistency): number => -consistencies.indexOf(consistency);

/** So many of them, at least, drawn; in their order. */
export function drawSome<T>(items: readonly T[], least: number, random: Random): T[] {
  let wanted = least + random.below(items.length - least + 1);
  return items.filter((_, at) => {
    const isIn = random.chance(wanted / (items.length - at));
    if (isIn) wanted--;
    return isIn;
  });
}

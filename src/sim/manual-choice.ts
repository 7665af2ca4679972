/** What can be done to a cluster that is moved by hand, as data, and what its clients are told. */
import type { Millis, NodeId } from '../core/ids.js';
import type { ClientRequest, ClientResult, Operation } from '../core/operation.js';
import type { ProtocolTypes, Rejoin } from '../core/replica.js';
import type { CrashKind } from '../faults/fault.js';
import type { LinkRules } from '../faults/link-rules.js';
import type { UnsyncedFate } from './disk.js';

export type Choice<P extends ProtocolTypes = ProtocolTypes> =
  | { readonly do: 'start'; readonly node: NodeId; readonly rejoin: Rejoin | null }
  /** By the numbers of the messages; those for one node are handled in one turn. */
  | { readonly do: 'deliver' | 'drop' | 'double'; readonly messages: readonly number[] }
  /** A message comes that nobody has sent. */
  | {
      readonly do: 'forge';
      readonly from: NodeId;
      readonly to: NodeId;
      readonly message: P['message'];
    }
  /** Time passes, and timers that become due fire in order. */
  | { readonly do: 'wait'; readonly ms: Millis }
  /** It becomes so late for this node alone that this timer fires, and all that were due before it. */
  | { readonly do: 'fire'; readonly node: NodeId; readonly timer: P['timer'] }
  | { readonly do: 'hold syncs' | 'release syncs' | 'sync' | 'fail sync'; readonly node: NodeId }
  | {
      readonly do: 'crash';
      readonly node: NodeId;
      readonly how: CrashKind;
      readonly unsynced: UnsyncedFate;
    }
  /** Its disk is replaced by an empty one, while it is down. */
  | { readonly do: 'wipe'; readonly node: NodeId }
  | { readonly do: 'pause' | 'resume' | 'snapshot'; readonly node: NodeId }
  | { readonly do: 'rules'; readonly rules: LinkRules }
  | { readonly do: 'skew'; readonly node: NodeId; readonly ms: Millis }
  | { readonly do: 'request'; readonly node: NodeId; readonly request: Omit<ClientRequest, 'id'> }
  /** A machine for one node more, or what a node is told of the others when it starts the next time. */
  | { readonly do: 'configure'; readonly node: NodeId; readonly nodes: readonly NodeId[] };

/** A client's request and what has come of it. */
export interface Ticket {
  /** 1, 2, 3, … in the order asked. */
  readonly id: number;
  readonly node: NodeId;
  readonly operation: Operation;
  readonly level: ClientRequest['level'];
  readonly askedAt: Millis;
  result: ClientResult | null;
  /** `NaN` until there is a result. */
  answeredAt: Millis;
  /** The node has died: there will never be a result. */
  isOrphaned: boolean;
}

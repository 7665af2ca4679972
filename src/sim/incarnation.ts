import type { Millis, RequestId } from '../core/ids.js';
import type { ClientResult } from '../core/operation.js';
import type { ProtocolTypes, ReplicaView } from '../core/replica.js';
import type { FaultyClock } from '../runtime/faulty-clock.js';
import type { FilteredLink } from '../runtime/links/filter.js';
import type { Node } from '../runtime/node.js';
import type { Journal } from '../runtime/ports.js';
import type { SimClock } from './clock.js';
import type { Process } from './process.js';

/** What a node's process knows beside its replica. */
export interface Vitals {
  readonly journal: Pick<Journal<unknown>, 'appended' | 'durable' | 'logBytes' | 'syncCount'>;
  readonly link: Pick<FilteredLink<unknown>, 'facts' | 'sentCount'>;
  readonly uptimeMs: Millis;
}

/** A node as long as its process lives. */
export interface Incarnation<P extends ProtocolTypes> {
  readonly process: Process;
  readonly node: Node<P>;
  readonly journal: Journal<P['record']>;
  readonly clock: SimClock;
  readonly faultyClock: FaultyClock;
  readonly link: FilteredLink<P['message']>;
  readonly startedAt: Millis;
  /** Requests not answered yet. */
  readonly waiting: Map<RequestId, (result: ClientResult | null) => void>;
  /** Looks not taken yet. */
  readonly looks: Set<Look>;
}

/** `null`: the process died first. */
export type Look = (view: ReplicaView | null, vitals: Vitals | null) => void;

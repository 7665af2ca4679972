import type { NodeId } from '../../core/ids.js';
import type { ReservedNumbers } from '../shared/reserved-numbers.js';
import type { LamportClock } from './lamport-clock.js';
import type { Members } from './members.js';
import type { Gossip } from './messages.js';
import type { GossipOptions } from './options.js';
import type { Peers } from './peers.js';
import type { Store } from './store.js';

/** The parts of a replica that the others work with. */
export interface Parts {
  readonly self: NodeId;
  readonly options: GossipOptions;
  readonly clock: LamportClock;
  /** Of what is no write: changes of members, waves of `stabilize`. Kept apart, so that stamps count writes alone. */
  readonly serial: ReservedNumbers<Gossip>;
  readonly store: Store;
  readonly members: Members;
  readonly peers: Peers;
}

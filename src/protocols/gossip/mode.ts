/** Mode `gossip`, as the registry lists it. To read the protocol, begin with `replica.ts`. */
import type { ReplicaSetup } from '../../core/replica.js';
import { catalog } from '../catalog.js';
import { runnable } from '../mode.js';
import { messageShape } from './messages.js';
import type { GossipOptions } from './options.js';
import { recordShape } from './records.js';
import { GossipReplica } from './replica.js';

export const gossipMode = runnable(catalog.gossip, {
  message: messageShape,
  record: recordShape,
  create: (setup: ReplicaSetup<GossipOptions>) => new GossipReplica(setup),
});

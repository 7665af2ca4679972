/** Mode `paxos`, as the registry lists it. To read the protocol, begin with `replica.ts`. */
import type { ReplicaSetup } from '../../core/replica.js';
import { catalog } from '../catalog.js';
import { runnable } from '../mode.js';
import { messageShape } from './messages.js';
import type { PaxosOptions } from './options.js';
import { recordShape } from './records.js';
import { PaxosReplica } from './replica.js';

export const paxosMode = runnable(catalog.paxos, {
  message: messageShape,
  record: recordShape,
  create: (setup: ReplicaSetup<PaxosOptions>) => new PaxosReplica(setup),
});

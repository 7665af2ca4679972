/** Mode `quorum`, as the registry lists it. To read the protocol, begin with `replica.ts`. */
import type { ReplicaSetup } from '../../core/replica.js';
import { catalog } from '../catalog.js';
import { runnable } from '../mode.js';
import { messageShape } from './messages.js';
import type { QuorumOptions } from './options.js';
import { recordShape } from './records.js';
import { QuorumReplica } from './replica.js';

export const quorumMode = runnable(catalog.quorum, {
  message: messageShape,
  record: recordShape,
  create: (setup: ReplicaSetup<QuorumOptions>) => new QuorumReplica(setup),
});

/** Mode `2pc`, as the registry lists it. To read the protocol, begin with `coordinator/transactions.ts`. */
import type { ReplicaSetup } from '../../core/replica.js';
import { catalog } from '../catalog.js';
import { runnable } from '../mode.js';
import { messageShape } from './messages.js';
import type { Options } from './options.js';
import { recordShape } from './records.js';
import { TwoPhaseCommitReplica } from './replica.js';

export const twoPhaseCommitMode = runnable(catalog['2pc'], {
  message: messageShape,
  record: recordShape,
  create: (setup: ReplicaSetup<Options>) => new TwoPhaseCommitReplica(setup),
});

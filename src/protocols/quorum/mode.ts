/**
 * Mode `quorum`, as the registry lists it. To read the protocol, begin with `replica.ts`, then `messages.ts`, then
 * `coordinator/coordinator.ts`.
 */
import type { Level } from '../../core/operation.js';
import type { Consistency, Mode } from '../mode.js';
import { levelNames, majorityOf, requirementOf } from './levels.js';
import { messageShape, type Quorum } from './messages.js';
import { parseQuorumOptions, type QuorumOptions, quorumOptions } from './options.js';
import { recordShape } from './records.js';
import { QuorumReplica } from './replica.js';

export const quorumMode: Mode<Quorum, QuorumOptions> = {
  name: 'quorum',
  summary: 'Dynamo-style quorums: N replicas a key, R answer a read, W acknowledge a write',
  levels: { read: levelNames, write: levelNames, numbers: true },
  defaultLevels: { read: 'quorum', write: 'quorum' },
  options: quorumOptions,
  copiesByItself: true,
  helpersNeeded: (nodes) => nodes - 1,
  promises: [
    { when: 'R+W>N', holds: 'regular reads' },
    { when: 'after healing', holds: 'all replicas agree' },
    {
      when: 'every operation on a key at level `linearizable` (read-impose)',
      holds: 'linearizable reads and writes of that key',
    },
  ],
  givesWay: 'level `one` reads stale; last write wins by hybrid clock',
  glance: { columns: ['hints'], remarks: ['copies from', 'hints dropped'] },
  parseOptions: parseQuorumOptions,
  consistencyOf,
  protocol: {
    message: messageShape,
    record: recordShape,
    create: (setup) => new QuorumReplica(setup),
  },
};

/**
 * Regular needs R + W > N, so that a read meets the write; and 2W > N, so that a write meets the one before and is
 * stamped above it, however their clocks differ.
 */
function consistencyOf(read: Level, write: Level, { replicas }: QuorumOptions): Consistency {
  const [r, w] = [requirementOf(read, replicas), requirementOf(write, replicas)];
  if (r.linearizable && w.linearizable) return 'linearizable';
  const meets = r.needed + w.needed > replicas && w.needed >= majorityOf(replicas);
  return meets ? 'regular' : 'eventual';
}

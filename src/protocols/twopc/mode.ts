/** `--mode 2pc`, as the registry lists it. */
import type { Level, LevelName } from '../../core/operation.js';
import { badOption, levelError, type Mode, readOptions } from '../mode.js';
import type { TwoPhaseCommit } from './messages.js';
import { defaultOptions, type Options } from './options.js';
import { twoPhaseCommit } from './replica.js';

const levels: readonly LevelName[] = ['linearizable'];
const options = [
  {
    name: 'voteTimeoutMs',
    summary: 'a worker that has not voted for this long aborts the transaction and leaves the pool',
    kind: 'millis',
    default: defaultOptions.voteTimeoutMs,
    min: 10,
    max: 60_000,
    flag: 'vote-timeout',
  },
] as const;

export const twoPhaseCommitMode: Mode<TwoPhaseCommit, Options> = {
  name: '2pc',
  summary: 'two-phase commit: the first node coordinates, every other holds a full copy',
  levels: { read: levels, write: levels, numbers: false },
  defaultLevels: { read: 'linearizable', write: 'linearizable' },
  options,
  // Who takes part is in the coordinator's journal, from its first start on; the options don't say.
  coordinatesAlone: true,
  // The coordinator, and a worker of its pool.
  helpersNeeded: () => 2,
  membership: { optionsWith: (given) => given },
  promises: [
    {
      when: 'always',
      holds:
        'every transaction, of one key or of many, is atomic on every worker and strictly serializable',
    },
  ],
  givesWay:
    'while the coordinator is down nothing is served and what is in doubt stays locked; a lost worker aborts what it should have voted on, then leaves the pool',
  glance: {
    columns: ['pool', 'in doubt'],
    remarks: ['out of the pool', 'catching up', 'coordinator'],
    keepsNoCopy: 'coordinator',
  },
  parseOptions(given, nodes) {
    if (nodes < 2) {
      throw badOption(
        'mode 2pc needs 2 nodes at least: the first coordinates, the others hold data',
      );
    }
    const values = readOptions('2pc', options, given);
    return { voteTimeoutMs: values.get('voteTimeoutMs') as number };
  },
  consistencyOf(read, write) {
    for (const level of [read, write]) checkLevel(level);
    return 'strict-serializable';
  },
  protocol: twoPhaseCommit,
};

function checkLevel(level: Level): void {
  if (level !== 'linearizable') throw levelError('2pc', level, levels, 0);
}

/**
 * Mode `paxos`, as the registry lists it. To read the protocol, begin with `replica.ts`, which names the order of the
 * rest.
 */
import type { Level } from '../../core/operation.js';
import {
  badOption,
  type Consistency,
  levelError,
  type Mode,
  type ModeOption,
  readOptions,
} from '../mode.js';
import { messageShape, type Paxos } from './messages.js';
import { defaultOptions, type PaxosOptions, readLevels } from './options.js';
import { recordShape } from './records.js';
import { PaxosReplica } from './replica.js';

const options: readonly ModeOption[] = [
  {
    name: 'priority',
    summary:
      'who should coordinate, highest first; whoever is not named comes after, the highest id first',
    kind: 'nodes',
    default: defaultOptions.priority,
    flag: 'priority',
  },
  {
    name: 'failRate',
    summary: 'with this probability an acceptor fails to answer a Prepare or an Accept',
    kind: 'rate',
    default: defaultOptions.failRate,
    flag: 'fail-rate',
  },
  {
    name: 'read',
    summary: 'level of reads that do not say: linearizable, leader or local',
    kind: 'level',
    default: defaultOptions.read,
    flag: 'read',
  },
  {
    name: 'heartbeatMs',
    summary: 'interval at which the coordinator tells the others that it lives',
    kind: 'millis',
    default: defaultOptions.heartbeatMs,
    min: 5,
  },
  {
    name: 'suspicionMs',
    summary: 'silence after which the next node takes over from the coordinator',
    kind: 'millis',
    default: defaultOptions.suspicionMs,
    min: 20,
  },
];

export const paxosMode: Mode<Paxos, PaxosOptions> = {
  name: 'paxos',
  summary: 'Multi-Paxos: a replicated log, one coordinator, any majority goes on',
  levels: { read: readLevels, write: readLevels, numbers: false },
  defaultLevels: { read: 'linearizable', write: 'linearizable' },
  options,
  exactlyOnce: true,
  // A majority removes the node and adds it.
  helpersNeeded: (nodes) => Math.floor(nodes / 2) + 1,
  membership: {
    optionsWith: (given, founders) => ({ ...given, members: given.members ?? founders }),
  },
  promises: [
    {
      when: 'always',
      holds: 'linearizable writes, exactly once in a session; atomic transactions',
    },
    { when: 'reads at level `linearizable`', holds: 'linearizable' },
    { when: 'reads at level `leader`', holds: 'linearizable, but stale under a deposed leader' },
    { when: 'reads at level `local`', holds: 'a prefix of the log, however old' },
  ],
  givesWay: 'without a majority nothing is written, and only level `local` reads',
  glance: { columns: ['leader', 'ballot', 'applied'], remarks: ['snapshots being sent'] },
  parseOptions: parsePaxosOptions,
  consistencyOf,
  protocol: {
    message: messageShape,
    record: recordShape,
    create: (setup) => new PaxosReplica(setup),
  },
};

function consistencyOf(read: Level, write: Level): Consistency {
  for (const level of [read, write]) {
    if (!readLevels.some((name) => name === level)) {
      throw levelError('paxos', level, readLevels, 0);
    }
  }
  return read === 'linearizable' ? 'linearizable' : 'eventual';
}

/**
 * Throws `bad-request` (definite) for options that no cluster can have. `members` is not for users to set, and so no
 * {@link ModeOption}.
 */
export function parsePaxosOptions(given: Readonly<Record<string, unknown>>): PaxosOptions {
  const { members = defaultOptions.members, ...rest } = given;
  const values = Object.fromEntries(readOptions('paxos', options, rest));
  const parsed = { ...values, members } as unknown as PaxosOptions;
  const { read, heartbeatMs, suspicionMs } = parsed;
  if (!readLevels.includes(read)) throw levelError('paxos', read, readLevels, 0);
  if (suspicionMs < 4 * heartbeatMs) {
    throw badOption(
      `option suspicionMs is ${suspicionMs}, but must be at least four times heartbeatMs (${heartbeatMs})`,
    );
  }
  return parsed;
}

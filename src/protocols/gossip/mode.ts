/**
 * Mode `gossip`, as the registry lists it. To read the protocol, begin with `replica.ts`, which names the order of the
 * rest.
 */
import { levelError, type Mode } from '../mode.js';
import { type Gossip, messageShape } from './messages.js';
import { type GossipOptions, gossipOptions, parseGossipOptions } from './options.js';
import { recordShape } from './records.js';
import { GossipReplica } from './replica.js';
import { levelNames } from './requests.js';

export const gossipMode: Mode<Gossip, GossipOptions> = {
  name: 'gossip',
  summary: 'Epidemics: every node takes reads and writes at once and tells the others by and by',
  levels: { read: levelNames, write: levelNames, numbers: false },
  defaultLevels: { read: 'local', write: 'local' },
  options: gossipOptions,
  copiesByItself: true,
  membership: {
    joinsAlone: true,
    handsOver: true,
    optionsWith: (given, founders) => ({ ...given, members: given.members ?? founders }),
  },
  promises: [
    { when: 'always', holds: 'every node that is up takes reads and writes' },
    {
      when: 'in a session',
      holds: 'read your writes and monotonic reads, or a clear ERR_DEP',
    },
    { when: 'after healing, or `stabilize`', holds: 'replicas of a connected part converge' },
  ],
  givesWay:
    'stale reads outside a session; concurrent writes resolve by Lamport stamp, then node id',
  glance: { columns: ['clock', 'hot rumours'], remarks: [] },
  parseOptions: parseGossipOptions,
  consistencyOf(read, write) {
    for (const level of [read, write]) {
      if (level !== 'local') throw levelError('gossip', level, levelNames, 0);
    }
    return 'eventual';
  },
  protocol: {
    message: messageShape,
    record: recordShape,
    create: (setup) => new GossipReplica(setup),
  },
};

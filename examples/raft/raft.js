// @ts-check
/**
 * Raft as a mode of one's own: `kvx cluster up --mode ./examples/raft/raft.js`. Begin with `server.js`.
 */

/** @import { Kit, OwnMode, ReplicaSetup } from 'kvx/protocol' */
/** @import { Raft, RaftOptions } from './messages.js' */

import { shapesOf } from './messages.js';
import { Server } from './server.js';

/** The mode, made of such servers. @param {Kit} kit @param {typeof Server} Part @returns {OwnMode<Raft, RaftOptions>} */
export function raftOf(kit, Part = Server) {
  return {
    name: 'raft',
    summary: 'Raft: a replicated log, one leader a term, any majority goes on',
    features: ['transactions', 'leader or coordinator'],
    promises: [{ when: 'always', holds: 'linearizable reads and writes; atomic transactions' }],
    givesWay: 'without a majority nothing is written or read',
    glance: { columns: ['leader', 'term', 'applied'], remarks: [] },
    options: [
      {
        ...{ name: 'electionMs', kind: 'millis', default: 150, min: 10 },
        summary: 'a follower that hears nothing for so long, or up to twice, stands for election',
      },
      {
        ...{ name: 'heartbeatMs', kind: 'millis', default: 50, min: 5 },
        summary: 'interval at which a leader tells the others that it lives',
      },
      {
        ...{ name: 'entriesKept', kind: 'count', default: 10_000 },
        summary: 'so many of the entries that a snapshot stands for stay for who lacks no more',
      },
    ],
    simulation: {
      options: (random) => {
        const heartbeatMs = random.pick([10, 10, 20]);
        // So short that elections are many; shorter, and none would end on slow disks.
        const electionMs = heartbeatMs * random.pick([3, 3, 6]);
        return { heartbeatMs, electionMs, entriesKept: random.pick([0, 5, 100]) };
      },
    },
    protocol: {
      ...shapesOf(kit),
      create: (/** @type {ReplicaSetup<RaftOptions>} */ setup) => new Part(kit, setup),
    },
  };
}

/** @param {Kit} kit */
export default (kit) => raftOf(kit);

// @ts-check
/**
 * A server keeps its vote in memory only: after a crash it votes a second time in one term, and two servers lead it (Election
 * Safety, Figure 3).
 */

/** @import { Kit } from 'kvx/protocol' */
/** @import { Vote } from '../messages.js' */

import { raftOf } from '../raft.js';
import { Server } from '../server.js';

class Forgetful extends Server {
  /** @override @returns {Vote} */
  vote() {
    return { ...super.vote(), votedFor: null };
  }
}

/** @param {Kit} kit */
export default (kit) => raftOf(kit, Forgetful);

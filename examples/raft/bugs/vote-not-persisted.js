// @ts-check
/**
 * A server keeps its term and its vote in memory only (Figure 2: "updated on stable storage before responding to RPCs"). After a
 * crash it votes a second time in one term, and two servers lead it (Election Safety, Figure 3).
 */

/** @import { Kit } from 'kvx/protocol' */
/** @import { Vote } from '../messages.js' */

import { raftOf } from '../raft.js';
import { Server } from '../server.js';

class Forgetful extends Server {
  /** @override @returns {Vote} */
  vote() {
    return { ...super.vote(), term: 0, votedFor: null };
  }
}

/** @param {Kit} kit */
export default (kit) => raftOf(kit, Forgetful);

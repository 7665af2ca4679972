// @ts-check
/**
 * A server says that it holds entries which are in its memory only (Figure 2: `log[]` is persistent state). After a crash it has none
 * of them, and its leader never sends them again: what counts as held by a majority is not.
 */

/** @import { Kit } from 'kvx/protocol' */
/** @import { Entry } from '../messages.js' */

import { raftOf } from '../raft.js';
import { Server } from '../server.js';

class Oblivious extends Server {
  /** @override @param {number} index @param {Entry} entry */
  replace(index, entry) {
    this.log.put(index, entry);
  }
}

/** @param {Kit} kit */
export default (kit) => raftOf(kit, Oblivious);

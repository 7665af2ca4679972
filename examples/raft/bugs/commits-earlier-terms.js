// @ts-check
/**
 * A leader takes for committed what a majority holds, of whatever term it is. The next leader may overwrite it (section 5.4.2,
 * Figure 8). It shows only when entries of an earlier term arrive without the leader's own, so this one sends them one by one,
 * which by itself is no mistake.
 */

/** @import { Kit } from 'kvx/protocol' */

import { Leader } from '../leader.js';
import { raftOf } from '../raft.js';
import { Server } from '../server.js';

class Hasty extends Leader {
  /** @override */
  mayCommit() {
    return true;
  }

  /** @override @param {number} index */
  batchFrom(index) {
    return super.batchFrom(index).slice(0, 1);
  }
}

class HastyServer extends Server {
  /** @override */
  Leader = Hasty;
}

/** @param {Kit} kit */
export default (kit) => raftOf(kit, HastyServer);

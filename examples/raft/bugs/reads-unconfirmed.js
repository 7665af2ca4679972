// @ts-check
/**
 * A leader serves reads without asking whether it leads still: others may have elected another, which has written since
 * (section 8; dissertation, 6.4).
 */

/** @import { Kit } from 'kvx/protocol' */

import { Leader } from '../leader.js';
import { raftOf } from '../raft.js';
import { Server } from '../server.js';

class SelfAssured extends Leader {
  /** @override */
  isConfirmed() {
    return true;
  }
}

class SelfAssuredServer extends Server {
  /** @override */
  Leader = SelfAssured;
}

/** @param {Kit} kit */
export default (kit) => raftOf(kit, SelfAssuredServer);

// @ts-check
/**
 * A leader serves reads without asking whether it leads still: others may have elected another, which has written since
 * (section 8; dissertation, 6.4).
 */

/** @import { Kit } from 'kvx/protocol' */
/** @import { Ctx } from '../messages.js' */

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
  /** @override @param {Ctx} ctx */
  newLeader(ctx) {
    return new SelfAssured(this, ctx);
  }
}

/** @param {Kit} kit */
export default (kit) => raftOf(kit, SelfAssuredServer);

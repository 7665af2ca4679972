// @ts-check
/**
 * A follower puts what a message brings in place of all that it has from there on, without a look at the terms of what is there. A
 * message that comes late or twice then takes away what the follower has already said it holds (section 5.3: "if an existing entry
 * conflicts").
 */

/** @import { Kit } from 'kvx/protocol' */
/** @import { Ctx, Entry } from '../messages.js' */

import { raftOf } from '../raft.js';
import { Server } from '../server.js';

class Blind extends Server {
  /** @override @param {number} index @param {readonly Entry[]} entries @param {Ctx} ctx */
  append(index, entries, ctx) {
    for (const [nth, entry] of entries.entries()) {
      if (index + nth > this.log.base) this.replace(index + nth, entry, ctx);
    }
  }
}

/** @param {Kit} kit */
export default (kit) => raftOf(kit, Blind);

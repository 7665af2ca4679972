// @ts-check
/**
 * A follower cuts its log behind what a message follows on, without a look at the terms of what is there. A message that comes
 * late or twice then takes away what the follower has already said it holds (section 5.3: "if an existing entry conflicts").
 */

/** @import { Kit } from 'kvx/protocol' */
/** @import { Ctx, Entry } from '../messages.js' */

import { raftOf } from '../raft.js';
import { Server } from '../server.js';

class Blind extends Server {
  /** @override @param {number} index @param {readonly Entry[]} entries @param {Ctx} ctx */
  append(index, entries, ctx) {
    const known = Math.max(0, this.log.base + 1 - index);
    this.replace(index + known, entries.slice(known), ctx);
  }
}

/** @param {Kit} kit */
export default (kit) => raftOf(kit, Blind);

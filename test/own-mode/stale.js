/** {@link ./sole.js} with a mistake: a door answers reads by itself, from what it never hears of. */
// @ts-check
/** @import { ModeFactory } from 'kvx/protocol' */
import sole from './sole.js';
import { SoleReplica } from './sole-replica.js';

class StaleReplica extends SoleReplica {
  /** @override @type {SoleReplica["onRequest"]} */
  onRequest(request, ctx) {
    const { operation, id } = request;
    if (operation.type !== 'get') return super.onRequest(request, ctx);
    const { value = null, version = null } = this.table.get(operation.key) ?? {};
    ctx.reply(id, { type: 'value', value, version });
  }
}

/** @type {ModeFactory} */
export default (kit) => {
  const { protocol, ...mode } = sole(kit);
  return {
    ...{ ...mode, name: 'stale' },
    protocol: { ...protocol, create: (setup) => new StaleReplica(kit, setup) },
  };
};

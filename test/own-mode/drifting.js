/** {@link ./sole.js} with chance of its own, so that no run comes out twice alike. */
// @ts-check
/** @import { ModeFactory } from 'kvx/protocol' */
import sole from './sole.js';
import { SoleReplica } from './sole-replica.js';

class DriftingReplica extends SoleReplica {
  /** @override @type {SoleReplica['onStart']} */
  onStart(ctx) {
    super.onStart(ctx);
    ctx.setTimer('look', 5 + 10 * Math.random());
  }
}

/** @type {ModeFactory} */
export default (kit) => {
  const { protocol, ...mode } = sole(kit);
  return {
    ...{ ...mode, name: 'drifting' },
    protocol: { ...protocol, create: (setup) => new DriftingReplica(kit, setup) },
  };
};

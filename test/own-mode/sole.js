/**
 * The smallest mode there is: the first node holds all, the others hand on to it what they are asked. Linearizable, since one
 * node decides; gone when that node is gone.
 *
 * Two files, as a mode's module may import others beside it.
 */
// @ts-check
/** @import { Context, ModeFactory, Replica, ReplicaSetup } from 'kvx/protocol' */
import { SoleReplica } from './sole-replica.js';

/** @type {ModeFactory} */
export default (kit) => {
  const { count, key, name, nullable, operation, result, union, value, version } = kit.wire;
  return {
    name: 'sole',
    summary: 'the first node holds all, the others hand on to it what they are asked',
    features: ['leader or coordinator'],
    acknowledgedBy: 'one node',
    coordinatesAlone: true,
    helpersNeeded: 'all others',
    options: [
      {
        name: 'giveUpMs',
        summary: 'how often who handed something on looks whether its time is over',
        kind: 'millis',
        default: 50,
        min: 5,
      },
    ],
    glance: { columns: ['asked'], remarks: [] },
    promises: [{ when: 'always', holds: 'linearizable' }],
    givesWay: 'without the first node nothing is served',
    protocol: {
      message: union({
        ask: { id: count, operation },
        answer: { id: count, result },
      }),
      record: union({
        stored: { key, version, value: nullable(value) },
        executed: { by: name, id: count },
      }),
      create: (setup) => new SoleReplica(kit, setup),
    },
    simulation: { options: (random) => ({ giveUpMs: random.pick([10, 20, 50]) }) },
  };
};

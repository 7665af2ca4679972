import { noRules } from '../../src/faults/link-rules.js';
import { linkConformance } from './link.js';
import { FilteredWorld, RingWorld, SocketWorld } from './link-worlds.js';

/** Delays that differ from batch to batch, which the filter must not let change their order. */
const slow = {
  ...noRules,
  delays: [
    { from: 'a', to: 'b', meanMs: 1 },
    { from: 'b', to: 'a', meanMs: 1 },
  ],
};

linkConformance('SocketLink', async () => new SocketWorld());
linkConformance('RingLink', async () => new RingWorld());
linkConformance('FilteredLink over SocketLink', async () => {
  return new FilteredWorld(new SocketWorld(), slow);
});
linkConformance('FilteredLink over RingLink', async () => {
  return new FilteredWorld(new RingWorld(), slow);
});

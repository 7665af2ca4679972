/** Faults as nodes are told of them, and as they are stored. */
import { nodesMax } from '../../core/limits.js';
import * as wire from '../../core/wire.js';
import {
  type ActiveFault,
  activeFaultsMax,
  type FaultEffect,
  type NodeFaults,
} from '../../faults/active.js';
import type { LinkRules } from '../../faults/link-rules.js';

/** Rules are kept as long as the node lives: of all nodes, and as many clients, to all nodes. */
const directionsMax = 4 * nodesMax ** 2;

const direction = { from: wire.name, to: wire.name };
const directions = wire.list(wire.struct(direction), directionsMax);

const chance = { ...direction, chance: wire.chance };
const chances = wire.list(wire.struct(chance), directionsMax);

const tables = {
  cuts: directions,
  delays: wire.list(wire.struct({ ...direction, meanMs: wire.duration }), directionsMax),
  losses: chances,
  duplications: chances,
  reorderings: wire.list(wire.struct({ ...chance, heldMsMax: wire.duration }), directionsMax),
};

export const linkRules: wire.Shape<LinkRules> = wire.struct<LinkRules>(tables);

export const nodeFaults: wire.Shape<Partial<NodeFaults>> = wire.partial<NodeFaults>({
  turnDelayMs: wire.duration,
  clock: wire.struct({ skewMs: wire.number, drift: wire.number, sinceMs: wire.number }),
  disk: wire.partial<Required<NodeFaults['disk']>>({
    syncDelayMs: wire.duration,
    failsSyncs: wire.boolean,
    roomBytes: wire.count,
    unsynced: wire.oneOf('torn', 'lost'),
    isDamaged: wire.boolean,
  }),
});

const node = wire.name;

const fault = wire.struct<ActiveFault>({
  id: wire.count,
  words: wire.text,
  by: wire.text,
  since: wire.number,
  effect: wire.union<FaultEffect>({
    links: {
      rules: wire.partial<LinkRules>(tables),
      linked: { ...directions, toWire: (all = []) => directions.toWire(all) },
    },
    node: { node, faults: nodeFaults },
    stopped: { node, how: wire.oneOf('paused', 'killed') },
  }),
});

/** What is stored of a cluster's faults from `up` to `down`. */
export const storedFaults = wire.struct({
  nextId: wire.count,
  faults: wire.list(fault, activeFaultsMax),
});

export type StoredFaults = wire.Shaped<typeof storedFaults>;

/** Faults as nodes are told of them, and as they are stored. */
import type { Millis } from '../../core/ids.js';
import { nodesMax } from '../../core/limits.js';
import * as wire from '../../core/wire.js';
import {
  type ActiveFault,
  activeFaultsMax,
  type FaultEffect,
  type NodeFaults,
} from '../../faults/active.js';
import type {
  BandwidthRule,
  ChanceRule,
  DelayRule,
  LinkRules,
  ReorderRule,
  SingleRule,
} from '../../faults/link-rules.js';

/** Rules are kept as long as the node lives: of all nodes, and as many clients, to all nodes. */
export const directionsMax = 4 * nodesMax ** 2;

const direction = { from: wire.name, to: wire.name };
const directions = wire.list(wire.struct(direction), directionsMax);

const scope = { ...direction, type: wire.optional(wire.name) };
const chance = { ...scope, chance: wire.chance };
const spread = wire.plain<'exponential' | Millis>(
  'a spread of delays',
  (raw) => raw === 'exponential' || wire.duration.take(raw) >= 0,
);

/** A byte a second at least: else nothing would ever leave. */
const rate = wire.plain<number>('bytes a second', (raw) => wire.number.take(raw) >= 1);

const tables = {
  cuts: directions,
  delays: listOf<DelayRule>({ ...scope, meanMs: wire.duration, spread: wire.optional(spread) }),
  losses: listOf<ChanceRule>(chance),
  duplications: listOf<ChanceRule>(chance),
  reorderings: listOf<ReorderRule>({ ...chance, heldMsMax: wire.duration }),
  bandwidths: listOf<BandwidthRule>({ ...scope, bytesPerSecond: rate, queueBytes: wire.count }),
  singles: listOf<SingleRule>({
    ...{ ...scope, nth: wire.count, fate: wire.oneOf('lost', 'doubled', 'held') },
    ...{ heldMs: wire.duration, fault: wire.optional(wire.count) },
  }),
};

function listOf<T extends object>(fields: Parameters<typeof wire.struct<T>>[0]) {
  return wire.list(wire.struct(fields), directionsMax);
}

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
  failRate: wire.chance,
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
      linked: { ...directions, write: (all = [], sink) => directions.write(all, sink) },
    },
    node: { node, faults: nodeFaults },
    stopped: { node, how: wire.oneOf('paused', 'killed') },
    added: { node },
  }),
});

/** What is stored of a cluster's faults from `up` to `down`. */
export const storedFaults = wire.struct({
  nextId: wire.count,
  faults: wire.list(fault, activeFaultsMax),
});

export type StoredFaults = wire.Shaped<typeof storedFaults>;

import { type Key, keyFromText } from '../../src/core/key.js';
import { noRules } from '../../src/faults/link-rules.js';
import { parseModeOptions } from '../../src/protocols/options.js';
import { modeNamed } from '../../src/protocols/registry.js';
import { SimCluster } from '../../src/sim/cluster.js';
import { fairConditions } from '../../src/sim/network.js';
import { World } from '../../src/sim/world.js';

export interface Spread {
  readonly nodes: number;
  /** From the write until every node held it. */
  readonly rounds: number;
  /** What epidemic theory expects (Pittel 1987) when who knows tells one random node a round: log2 n + ln n. */
  readonly theory: number;
  /** Between nodes, from the write until every node held it, by all of them together. */
  readonly messages: number;
  readonly wallMs: number;
}

/** One round of the theory: the time between two tellings of one node, and as long as a message takes. */
const roundMs = 50;

/**
 * One update, written on one of so many idle nodes, until all have it. As in the theory a node tells `fanout` others a
 * round, and what it tells arrives in the next one.
 */
export function spreadOneUpdate(nodes: number, fanout: number, seed: number): Spread {
  const startedAt = performance.now();
  const world = new World({ seed, eventsMax: 100_000_000 });
  const mode = modeNamed('gossip');
  const names = Array.from({ length: nodes }, (_, at) => `n${at + 1}`);
  const cluster = new SimCluster({
    world,
    protocol: mode.protocol,
    uneven: false,
    nodes: names,
    options: parseModeOptions('gossip', { intervalMs: roundMs, fanout }, nodes),
    rules: noRules,
    conditions: { ...fairConditions, latencyMsMin: roundMs, latencyMsMean: 0 },
    onViolation: (what) => {
      throw new Error(what);
    },
  });
  cluster.start();
  world.runUntil(20 * roundMs);
  const key = keyFromText('news');
  putAt(cluster.host('n1'), key);
  const sentBefore = cluster.sentCount;
  const wroteAt = world.now;
  const lacking = new Set(names);
  while (lacking.size > 0) {
    world.runUntil(world.now + roundMs / 10);
    for (const name of lacking) {
      if (cluster.host(name).view()?.lookup(key) !== undefined) lacking.delete(name);
    }
  }
  return {
    nodes,
    rounds: (world.now - wroteAt) / roundMs,
    theory: Math.log2(nodes) + Math.log(nodes),
    messages: cluster.sentCount - sentBefore,
    wallMs: performance.now() - startedAt,
  };
}

function putAt(host: ReturnType<SimCluster['host']>, key: Key): void {
  const operation = { type: 'put', key, value: Buffer.from('spreads') } as const;
  const request = { operation, level: null, session: null, floor: null, timeoutMs: 1_000 };
  host.request(request, (result) => {
    if (result?.type !== 'done') throw new Error(`the put came to ${JSON.stringify(result)}`);
  });
}

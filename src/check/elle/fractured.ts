/**
 * Atomic reads (P. Bailis et al., "Scalable atomic visibility with RAMP transactions", SIGMOD 2014; the test of Crooks
 * et al., 2017): who read something of a transaction does not read, of any other key that this wrote, something older.
 */
import type { StepWatch } from '../budget.js';
import type { DirectAnomaly } from './anomaly.js';
import { EdgeList, edgeTypes } from './graph.js';
import { type Seen, SeenKeys } from './seen.js';
import type { Sources } from './sources.js';

export interface Demands {
  /** Whoever wrote what was read must come after these. */
  readonly edges: EdgeList;
  readonly anomalies: readonly DirectAnomaly[];
}

export function fracturedReads(sources: Sources, watch: StepWatch): Demands {
  const edges = new EdgeList();
  const anomalies: DirectAnomaly[] = [];
  const keys = new SeenKeys(sources);
  for (let by = 0; by < sources.live.length; by++) {
    if (sources.happened[by] === 0) continue;
    const all = keys.of(by);
    if (all.length < 2) continue;
    const seenOf = new Map(all.map((seen) => [seen.key, seen]));
    for (const from of all) {
      for (const writer of keys.writersSeen(from)) {
        const { writes } = sources.access[writer] ?? { writes: [] };
        watch(writes.length);
        for (const { key } of writes) {
          const seen = seenOf.get(key);
          if (seen === undefined || key === from.key || writer === by) continue;
          demand({ keys, edges, anomalies }, { by, writer, seen });
        }
      }
    }
  }
  return { edges, anomalies };
}

function demand(
  { keys, edges, anomalies }: { keys: SeenKeys; edges: EdgeList; anomalies: DirectAnomaly[] },
  { by, writer, seen }: { by: number; writer: number; seen: Seen },
): void {
  switch (keys.agrees(seen, writer)) {
    case 'yes':
      return;
    case 'no':
      anomalies.push({
        ...{ name: 'fractured read', forbiddenBy: 'read-atomic', by: [by, writer] },
        told: '{0} saw one write of {1} and missed another one',
      });
      return;
    case 'if later': {
      const why = { key: seen.key, before: -1, after: -1 };
      edges.add(edgeTypes.known, writer, seen.source, why, [by]);
    }
  }
}

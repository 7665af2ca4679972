/** What each transaction saw of which keys, by whom: the terms in which atomic and causal reads are defined. */

import { entryOf } from '../../core/lookup.js';
import type { StepWatch } from '../budget.js';
import { atFirst } from './access.js';
import { type DirectAnomaly, directAnomaly } from './anomaly.js';
import { EdgeList, edgeTypes } from './graph.js';
import { type Sources, undecided } from './sources.js';

/** A key that a transaction read from others. */
export interface Seen {
  readonly key: number;
  /** Whose version it was. */
  readonly source: number;
  /** Of a list: how many transactions of its chain had appended; else -1. */
  readonly blocks: number;
}

export class SeenKeys {
  readonly #sources: Sources;
  readonly #seen: Seen[][];
  /** By list: the place of each transaction in its chain. */
  readonly #places = new Map<number, ReadonlyMap<number, number>>();

  constructor(sources: Sources) {
    this.#sources = sources;
    this.#seen = sources.live.map(() => []);
    for (const { by, key, source } of sources.reads) {
      if (source !== undecided) this.#add(by, { key, source, blocks: -1 });
    }
    for (const [key, reads] of sources.lists) {
      const order = sources.chains.get(key)?.order ?? [];
      this.#places.set(key, new Map(order.map((by, place) => [by, place])));
      for (const { by, blocks } of reads) {
        this.#add(by, { key, source: order[blocks - 1] ?? atFirst, blocks });
      }
    }
  }

  /** Who read a key twice saw the same, where any of this counts. */
  #add(by: number, seen: Seen): void {
    const own = this.#seen[by] as Seen[];
    if (own.every(({ key }) => key !== seen.key)) own.push(seen);
  }

  of(by: number): readonly Seen[] {
    return this.#seen[by] ?? [];
  }

  /** Those whose writes it saw: of a list, all that had appended to it. */
  writersSeen({ key, source, blocks }: Seen): readonly number[] {
    if (blocks >= 0) return this.#sources.chains.get(key)?.order.slice(0, blocks) ?? [];
    return source >= 0 ? [source] : [];
  }

  /** Whether what was read has the write of `writer` in it, or may have been written after it. */
  agrees(seen: Seen, writer: number): 'yes' | 'no' | 'if later' {
    if (writer === seen.source) return 'yes';
    if (seen.blocks >= 0) {
      const place = this.#places.get(seen.key)?.get(writer) ?? Number.POSITIVE_INFINITY;
      return place < seen.blocks ? 'yes' : 'no';
    }
    return seen.source === atFirst ? 'no' : 'if later';
  }
}

/**
 * Atomic reads (P. Bailis et al., "Scalable atomic visibility with RAMP transactions", SIGMOD 2014; the test of Crooks
 * et al., 2017): who read something of a transaction does not read, of any other key that this wrote, something older.
 */

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

const fractured = '{0} saw one write of {1} and missed another one';
const lost = '{0} and {1} read the same and both wrote in its place';

function demand(
  { keys, edges, anomalies }: { keys: SeenKeys; edges: EdgeList; anomalies: DirectAnomaly[] },
  { by, writer, seen }: { by: number; writer: number; seen: Seen },
): void {
  switch (keys.agrees(seen, writer)) {
    case 'yes':
      return;
    case 'no':
      anomalies.push(directAnomaly('fractured read', 'read-atomic', [by, writer], fractured));
      return;
    case 'if later':
      edges.add(edgeTypes.known, writer, seen.source, { key: seen.key }, [by]);
  }
}

/** Two that read the same and each put something in its place: at most one of them can have been the next. */
export function lostUpdates(sources: Sources): DirectAnomaly[] {
  const { live, happened, access } = sources;
  const keys = new SeenKeys(sources);
  const anomalies: DirectAnomaly[] = [];
  const first = new Map<number, Map<number, number>>();
  live.forEach((_, by) => {
    if (happened[by] === 0) return;
    for (const { key, source } of keys.of(by)) {
      if (!access[by]?.writes.some((write) => write.key === key)) continue;
      const ofKey = entryOf(first, key, () => new Map());
      const other = ofKey.get(source);
      if (other === undefined) ofKey.set(source, by);
      else if (other !== by) {
        anomalies.push(directAnomaly('lost update', 'snapshot-isolation', [other, by], lost));
      }
    }
  });
  return anomalies;
}

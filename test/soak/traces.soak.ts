/**
 * Traces of whole simulated runs, with all their crashes, lost messages and nodes that come and go: merged they are a linear
 * extension that leaves nothing out, and ShiViz and Perfetto take them with every arrow.
 */
import { expect, test } from 'vitest';
import { simulate } from '../../src/explore/simulate.js';
import { modeNames } from '../../src/protocols/catalog.js';
import { exportAs } from '../../src/trace/exports.js';
import { eventOfTraceLine, traceLineOf } from '../../src/trace/line.js';
import { isFate, isGap, Merge, ownOf } from '../../src/trace/merge.js';
import { type KnownEvent, Recall } from '../../src/trace/recall.js';
import { sourceOf } from '../../src/trace/testing/generated-trace.js';
import { importedByPerfetto } from '../../src/trace/testing/perfetto-rules.js';
import { parsedByShiviz } from '../../src/trace/testing/shiviz-rules.js';

const seeds = Array.from({ length: 25 }, (_, at) => at + 1);

function exported(name: 'shiviz' | 'perfetto', events: readonly KnownEvent[]): string {
  const to = exportAs(name);
  return [to.begin(), ...events.map((each) => to.event(each)), to.end()].join('');
}

test.each(modeNames)('%s', (mode) => {
  for (const seed of seeds) {
    const { trace } = simulate({ mode, seed, durationMs: 1500, trace: true });
    const events = (trace ?? []).map((event) => eventOfTraceLine(traceLineOf(event)));
    const nodes = [...new Set(events.map(({ node }) => node))];
    const sources = nodes.map((name) => events.filter(({ node }) => node === name));
    const merge = new Merge(sources.map((source, at) => sourceOf(source, nodes[at])));
    const recall = new Recall();
    const merged: KnownEvent[] = [];
    const seen = new Map<string, number>();
    for (let next = merge.next(); next !== null; next = merge.next()) {
      if (next === 'later') throw new Error('all is there');
      if (isGap(next)) throw new Error(`${mode} ${seed}: ${next.gap} ${next.node}`);
      const known = recall.take(next);
      merged.push(known);
      const { node, clock, data } = next;
      if (isFate(next)) {
        expect(known.typed).not.toBeNull();
        continue;
      }
      if (data.type === 'return') expect(known.call).not.toBeNull();
      for (const [other, count] of Object.entries(clock)) {
        if (other !== node) expect(count).toBeLessThanOrEqual(seen.get(other) ?? 0);
      }
      seen.set(node, ownOf(next));
    }
    expect(merged.length).toBe(events.length);
    expect(parsedByShiviz(exported('shiviz', merged))).toHaveLength(events.length);
    const delivered = events.filter(({ data }) => data.type === 'delivered');
    expect(importedByPerfetto(exported('perfetto', merged)).arrows).toBe(delivered.length);
  }
});

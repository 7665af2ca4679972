/** What nodes tell Prometheus, under load and with faults, is what its own parser takes, and says what happened. */
import { describe, expect, test } from 'vitest';
import { nodeRows } from '../../src/cluster/host/metrics/node-metrics.js';
import { runtimeRows } from '../../src/cluster/host/metrics/process-metrics.js';
import { promtool, reasonToSkipPromtool, scrapedUnderLoad, sumOf } from './metrics-sandbox.js';

const reason = reasonToSkipPromtool();

/** The other halves are in test/soak/metrics.soak.ts. */
describe.skipIf(reason !== null)(reason ?? 'metrics', () => {
  // They mostly wait for what was lost.
  test.concurrent.for([
    ['quorum', 'processes'],
    ['2pc', 'threads'],
    ['gossip', 'threads'],
    ['paxos', 'processes'],
  ])('of mode %s on %s', async ([mode = '', runtime = '']) => {
    const [first = '', second = '', third = ''] = await scrapedUnderLoad(mode, runtime);
    for (const text of [first, second, third]) expect(promtool(text)).toBe('');
    const all = first + second + third;
    expect(sumOf(all, 'kvx_operations_total')).toBeGreaterThan(100);
    expect(sumOf(all, 'kvx_operation_duration_seconds_count')).toBe(
      sumOf(all, 'kvx_operations_total'),
    );
    expect(all).toMatch(/kvx_operations_total\{.*operation="insert".*outcome="(ok|refused)"/);
    expect(sumOf(all, 'kvx_messages_dropped_total')).toBeGreaterThan(0);
    expect(sumOf(second, 'kvx_faults_active')).toBe(sumOf(first, 'kvx_faults_active') + 1);
    const syncs = sumOf(second, 'kvx_journal_sync_duration_seconds_count');
    const seconds = sumOf(second, 'kvx_journal_sync_duration_seconds_sum');
    expect(seconds / syncs).toBeGreaterThan(0.001);
    for (const { name } of [...nodeRows, ...runtimeRows]) {
      const ofMode = /^kvx_(2pc|quorum|gossip|paxos)_/.exec(name)?.[1] ?? mode;
      // In a second or so nothing may have been collected.
      const isRare = /^kvx_(resp|protocol)_|_repeated_|gossip_(horizon|waves)|^nodejs_gc_/.test(
        name,
      );
      if (ofMode === mode && !isRare) expect(all).toContain(`\n# TYPE ${name} `);
    }
  });
});

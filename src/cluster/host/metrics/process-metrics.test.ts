import { expect, test } from 'vitest';
import { familiesOf } from './metric-row.js';
import { RuntimeWatch, runtimeRows } from './process-metrics.js';

test('the loop of events and collections are seen by each of two who look at about the same time', async () => {
  const watch = new RuntimeWatch();
  const names = () => familiesOf(runtimeRows, watch, []).map(({ name }) => name);
  try {
    const deadline = performance.now() + 20_000;
    while (!names().includes('nodejs_eventloop_lag_p99_seconds')) {
      if (performance.now() > deadline) throw new Error('no delay was seen');
      await new Promise(setImmediate);
    }
    watch.lookedAt();
    expect(names()).toContain('nodejs_eventloop_lag_p99_seconds');
    expect(names()).toContain('process_cpu_seconds_total');
  } finally {
    watch.stop();
  }
});

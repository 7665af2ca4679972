import { expect, test } from 'vitest';
import { promtool, scrapedUnderLoad, sumOf } from '../e2e/metrics-sandbox.js';

test.each(
  ['quorum', '2pc', 'gossip', 'paxos'].flatMap((mode) =>
    ['threads', 'processes'].map((runtime) => [mode, runtime] as const),
  ),
)('Prometheus takes the metrics of mode %s on %s', async (mode, runtime) => {
  const scraped = await scrapedUnderLoad(mode, runtime);
  for (const text of scraped) expect(promtool(text)).toBe('');
  expect(sumOf(scraped.join(''), 'kvx_operations_total')).toBeGreaterThan(100);
});

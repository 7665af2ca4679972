import type { Coverage } from '../../src/explore/report.js';

/** What has to happen in so many runs, told for a thousand of them. */
export function perThousand(
  coverage: Coverage,
  counts: Readonly<Record<string, number>>,
): Record<string, number> {
  const share = coverage.get('runs') / 1000;
  return Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, count * share]));
}

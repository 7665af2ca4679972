import type { MetricFamily } from '../../../runtime/metrics/family.js';
import { familiesOf, type MetricSource } from './metric-row.js';
import { nodeRows } from './node-metrics.js';
import { OperationCounts } from './operation-counts.js';
import { RuntimeWatch, runtimeRows } from './process-metrics.js';

/** What a host keeps for its metrics beside what is counted anyway. */
export class OwnMetrics {
  readonly operations = new OperationCounts();
  readonly #startedAt = Date.now() / 1000;
  #watch: RuntimeWatch | null = null;

  families(source: Omit<MetricSource, 'operations' | 'startedAt'>): MetricFamily[] {
    const { operations } = this;
    const labels = [
      ['cluster', source.record.name],
      ['node', source.node],
    ] as const;
    this.#watch ??= new RuntimeWatch();
    const families = [
      ...familiesOf(nodeRows, { ...source, operations, startedAt: this.#startedAt }, labels),
      ...familiesOf(runtimeRows, this.#watch, labels),
    ];
    this.#watch.lookedAt();
    return families;
  }

  stop(): void {
    this.#watch?.stop();
  }
}

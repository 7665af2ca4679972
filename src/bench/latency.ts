// By subpath: the package's index brings WebAssembly and a compressor into the bundle.
import { constructorFromBucketSize } from 'hdr-histogram-js/dist/JsHistogramFactory.js';
import type { Millis } from '../core/ids.js';

/** Half an hour; what took longer counts as that. */
const microsMax = 1_800_000_000;
const significantDigits = 3;

const countBits = 32;
const Histogram = constructorFromBucketSize(countBits);

export interface LatencySummary {
  readonly p50: Millis;
  readonly p90: Millis;
  readonly p99: Millis;
  readonly 'p99.9': Millis;
  readonly max: Millis;
}

/** How long operations took, to a thousandth of each figure, in a tenth of a megabyte however many there are. */
export class Latencies {
  readonly #histogram = new Histogram(1, microsMax, significantDigits);

  record(ms: Millis): void {
    this.#histogram.recordValue(Math.min(microsMax, Math.max(0, Math.round(ms * 1000))));
  }

  /** `null` when nothing was recorded. */
  summary(): LatencySummary | null {
    const histogram = this.#histogram;
    if (histogram.totalCount === 0) return null;
    const at = (percentile: number): Millis => histogram.getValueAtPercentile(percentile) / 1000;
    return {
      p50: at(50),
      p90: at(90),
      p99: at(99),
      'p99.9': at(99.9),
      max: histogram.maxValue / 1000,
    };
  }
}

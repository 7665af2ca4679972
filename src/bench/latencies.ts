/** How long operations took: histograms with a high dynamic range (Gil Tene's HdrHistogram). */
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

/** What {@link Latencies} hold, for another thread: places that are not empty, each followed by its count. */
export interface PackedLatencies {
  readonly counts: Float64Array;
  readonly maxMicros: number;
}

/** To a thousandth of each figure, in a tenth of a megabyte however many there are. */
export class Latencies {
  /** In microseconds. */
  readonly histogram = new Histogram(1, microsMax, significantDigits);

  record(ms: Millis): void {
    this.histogram.recordValue(Math.min(microsMax, Math.max(0, Math.round(ms * 1000))));
  }

  get count(): number {
    return this.histogram.totalCount;
  }

  /** `null` when nothing was recorded. */
  summary(): LatencySummary | null {
    const { histogram } = this;
    if (histogram.totalCount === 0) return null;
    return {
      ...{ p50: this.at(50), p90: this.at(90), p99: this.at(99), 'p99.9': this.at(99.9) },
      max: histogram.maxValue / 1000,
    };
  }

  /** The share of them, in percent, that took no longer than this. 0 when nothing was recorded. */
  at(percentile: number): Millis {
    return this.histogram.getValueAtPercentile(percentile) / 1000;
  }

  pack(): PackedLatencies {
    const { histogram } = this;
    const counts: number[] = [];
    for (let at = 0; at < histogram.countsArrayLength; at++) {
      const count = histogram.getCountAtIndex(at);
      if (count > 0) counts.push(at, count);
    }
    return { counts: Float64Array.from(counts), maxMicros: histogram.maxValue };
  }

  add({ counts, maxMicros }: PackedLatencies): void {
    const { histogram } = this;
    for (let at = 0; at < counts.length; at += 2) {
      histogram.addToCountAtIndex(counts[at] as number, counts[at + 1] as number);
      histogram.addToTotalCount(counts[at + 1] as number);
    }
    histogram.maxValue = Math.max(histogram.maxValue, maxMicros);
  }
}

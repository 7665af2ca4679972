import type { Millis } from '../../core/ids.js';
import type { MetricSample } from './family.js';

/** In seconds: from what a read of the memory takes to what a client waits for at most. */
const boundsSeconds = [
  ...[0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01],
  ...[0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
] as const;

const boundsMs = Float64Array.from(boundsSeconds, (seconds) => seconds * 1000);
const boundTexts = boundsSeconds.map(String);

/** How long things took. To note one is a comparison or a few and two additions: nothing is made. */
export class TimeHistogram {
  readonly #counts = new Float64Array(boundsMs.length + 1);
  #sumMs = 0;

  note(ms: Millis): void {
    let at = 0;
    while (at < boundsMs.length && ms > (boundsMs[at] as number)) at++;
    this.#counts[at] = (this.#counts[at] as number) + 1;
    this.#sumMs += ms;
  }

  get count(): number {
    return this.#counts.reduce((sum, count) => sum + count, 0);
  }

  /** As Prometheus has histograms: each bucket counts those below it, too. */
  *samples(labels: MetricSample['labels'] = []): Generator<MetricSample> {
    let count = 0;
    for (const [at, within] of this.#counts.entries()) {
      count += within;
      const le = boundTexts[at] ?? '+Inf';
      yield { suffix: '_bucket', labels: [...labels, ['le', le]], value: count };
    }
    yield { suffix: '_sum', labels, value: this.#sumMs / 1000 };
    yield { suffix: '_count', labels, value: count };
  }
}

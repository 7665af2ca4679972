/** What a node measures of itself, as data: how that travels to who asks, and what becomes text for Prometheus. */
import * as wire from '../../core/wire.js';

export const metricTypes = ['counter', 'gauge', 'histogram'] as const;

const sample = wire.struct({
  /** Behind the family's name: empty, or of a histogram `_bucket`, `_sum` and `_count`. */
  suffix: wire.text,
  labels: wire.list(wire.pair(wire.text, wire.text)),
  /** Never infinite, nor NaN. */
  value: wire.number,
});

/** All that is measured under one name. */
export const metricFamily = wire.struct({
  /** As Prometheus would have it: base units, and `_total` behind a counter's. */
  name: wire.text,
  type: wire.oneOf(...metricTypes),
  help: wire.text,
  samples: wire.list(sample),
});

export type MetricFamily = wire.Shaped<typeof metricFamily>;
export type MetricSample = wire.Shaped<typeof sample>;
export type MetricType = MetricFamily['type'];

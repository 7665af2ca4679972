/** What a node's process and its own thread are like, under the names that prom-client has made usual. */
import { readdirSync, readFileSync } from 'node:fs';
import {
  type IntervalHistogram,
  monitorEventLoopDelay,
  type PerformanceEntry,
  PerformanceObserver,
  performance,
} from 'node:perf_hooks';
import { getHeapSpaceStatistics, getHeapStatistics } from 'node:v8';
import { TimeHistogram } from '../../../runtime/metrics/histogram.js';
import { counterRow, gaugeRow, histogramRow, labelled, type MetricRow } from './metric-row.js';

type Collection = PerformanceEntry & { readonly detail?: { readonly kind?: number } };

/** By the number that Node gives a collection. */
const collections: Readonly<Record<number, string>> = {
  1: 'minor',
  4: 'major',
  8: 'incremental',
  16: 'weakcb',
};

/**
 * What costs something to watch, watched from the first time that somebody asks: a node that nobody scrapes has neither.
 * How late the loop of events is, is looked at every 10 ms.
 */
export class RuntimeWatch {
  readonly #delay: IntervalHistogram = monitorEventLoopDelay({ resolution: resolutionMs });
  readonly #collected = new Map<string, TimeHistogram>();
  readonly #observer = new PerformanceObserver((list) => {
    for (const { duration, detail } of list.getEntries() as Collection[]) {
      const { kind = 0 } = detail ?? {};
      this.#timesOf(collections[kind] ?? 'other').note(duration);
    }
  });

  #resetAt = performance.now();

  constructor() {
    this.#delay.enable();
    this.#observer.observe({ entryTypes: ['gc'] });
  }

  stop(): void {
    this.#delay.disable();
    this.#observer.disconnect();
  }

  /** In seconds; since the last look. `null` before there was anything to see. */
  lag(of: (delay: IntervalHistogram) => number): number | null {
    if (this.#delay.count === 0) return null;
    // What Node counts is how long each wait was, which should be 10 ms.
    return Math.max(0, of(this.#delay) / 1e9 - resolutionMs / 1e3);
  }

  get lagDeviation(): number | null {
    return this.#delay.count === 0 ? null : this.#delay.stddev / 1e9;
  }

  /** What was seen of the loop's delays is forgotten, but not by who looks right after another. */
  lookedAt(): void {
    const now = performance.now();
    if (now - this.#resetAt < windowMsMin) return;
    this.#resetAt = now;
    this.#delay.reset();
  }

  *collectionTimes() {
    for (const [kind, times] of this.#collected) yield* times.samples([['kind', kind]]);
  }

  #timesOf(kind: string): TimeHistogram {
    const times = this.#collected.get(kind) ?? new TimeHistogram();
    this.#collected.set(kind, times);
    return times;
  }
}

const resolutionMs = 10;
const windowMsMin = 1_000;

const seconds = (micros: number): number => micros / 1e6;

const processRows: readonly MetricRow<RuntimeWatch>[] = [
  counterRow('process_cpu_user_seconds_total', 'Total user CPU time spent in seconds.', () =>
    seconds(process.cpuUsage().user),
  ),
  counterRow('process_cpu_system_seconds_total', 'Total system CPU time spent in seconds.', () =>
    seconds(process.cpuUsage().system),
  ),
  counterRow(
    'process_cpu_seconds_total',
    'Total user and system CPU time spent in seconds.',
    () => {
      const { user, system } = process.cpuUsage();
      return seconds(user + system);
    },
  ),
  gaugeRow(
    'process_start_time_seconds',
    'Start time of the process since unix epoch in seconds.',
    () => Math.round(Date.now() / 1000 - process.uptime()),
  ),
  gaugeRow('process_resident_memory_bytes', 'Resident memory size in bytes.', () =>
    process.memoryUsage.rss(),
  ),
  gaugeRow('process_open_fds', 'Number of open file descriptors.', () =>
    ofSystem(() => readdirSync('/proc/self/fd').length),
  ),
  gaugeRow('process_max_fds', 'Maximum number of open file descriptors.', () =>
    ofSystem(() => {
      const limits = readFileSync('/proc/self/limits', 'utf8');
      return Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? Number.NaN);
    }),
  ),
];

const threadRows: readonly MetricRow<RuntimeWatch>[] = [
  gaugeRow(
    ['nodejs_version_info', 'version', 'major', 'minor', 'patch'],
    'Node.js version info.',
    () => {
      const [major = '', minor = '', patch = ''] = process.versions.node.split('.');
      return [labelled(1, { version: process.version, major, minor, patch })];
    },
  ),
  gaugeRow(
    'nodejs_eventloop_utilization',
    "Share of its time since the start in which the node's thread was not idle.",
    () => performance.eventLoopUtilization().utilization,
  ),
  gaugeRow(
    'nodejs_eventloop_lag_seconds',
    'Lag of event loop in seconds: the mean since the last look.',
    (watch) => watch.lag(({ mean }) => mean),
  ),
  ...(['min', 'max', 'mean'] as const).map((of) =>
    gaugeRow(
      `nodejs_eventloop_lag_${of}_seconds`,
      `The ${of} of the event loop delays since the last look.`,
      (watch: RuntimeWatch) => watch.lag((delay) => delay[of]),
    ),
  ),
  gaugeRow(
    'nodejs_eventloop_lag_stddev_seconds',
    'The standard deviation of the event loop delays since the last look.',
    ({ lagDeviation }) => lagDeviation,
  ),
  ...[50, 90, 99].map((percent) =>
    gaugeRow(
      `nodejs_eventloop_lag_p${percent}_seconds`,
      `The ${percent}th percentile of the event loop delays since the last look.`,
      (watch: RuntimeWatch) => watch.lag((delay) => delay.percentile(percent)),
    ),
  ),
  gaugeRow(
    'nodejs_heap_size_total_bytes',
    'Process heap size from Node.js in bytes.',
    () => getHeapStatistics().total_heap_size,
  ),
  gaugeRow(
    'nodejs_heap_size_used_bytes',
    'Process heap size used from Node.js in bytes.',
    () => getHeapStatistics().used_heap_size,
  ),
  gaugeRow(
    'nodejs_external_memory_bytes',
    'Node.js external memory size in bytes.',
    () => getHeapStatistics().external_memory,
  ),
  gaugeRow(
    ['nodejs_heap_space_size_used_bytes', 'space'],
    'Process heap space size used from Node.js in bytes.',
    () =>
      getHeapSpaceStatistics().map(({ space_name, space_used_size }) =>
        labelled(space_used_size, { space: space_name.replace(/_space$/, '') }),
      ),
  ),
  histogramRow(
    ['nodejs_gc_duration_seconds', 'kind'],
    'Garbage collection duration by kind, one of major, minor, incremental or weakcb.',
    (watch) => watch.collectionTimes(),
  ),
];

export const runtimeRows: readonly MetricRow<RuntimeWatch>[] = [...processRows, ...threadRows];

/** What only some systems tell. */
function ofSystem(look: () => number): number | null {
  try {
    const found = look();
    return Number.isFinite(found) ? found : null;
  } catch {
    return null;
  }
}

/** Throughput, errors and latency over time, with what was broken; and how latencies are spread. */
import { useMemo } from 'preact/hooks';
import { nanoseconds } from '../../check/evidence/time.js';
import type { FaultSpan } from '../../history/faults.js';
import { faultTitle } from '../../history/faults.js';
import { type HistoryFigures, percentileCurve } from '../../report/figures.js';
import { Chart, type ChartBand } from './Chart.js';

interface FigureChartsProps {
  readonly figures: HistoryFigures;
  readonly faults: readonly FaultSpan[];
  /** By the clock of the history. */
  readonly onRange: (from: number, to: number) => void;
}

const count = (value: number): string => Math.round(value).toLocaleString('en-US');
const seconds = (value: number): string => nanoseconds(value * 1e9);

export function FigureCharts({ figures, faults, onRange }: FigureChartsProps) {
  const { slots, from, to } = figures;
  const shared = useMemo(() => {
    const x = slots.at.map((time) => (time - from) / 1e9);
    const bands: ChartBand[] = faults.map(({ words, beganAt, endedAt }) => ({
      from: (beganAt - from) / 1e9,
      to: (Math.min(endedAt, to) - from) / 1e9,
      title: faultTitle(words),
    }));
    const range = (first: number, last: number) => onRange(from + first * 1e9, from + last * 1e9);
    return { x, bands, shownX: seconds, group: 'time', onRange: range };
  }, [slots, from, to, faults, onRange]);
  const series = useMemo(() => seriesOf(figures), [figures]);
  const each = nanoseconds(slots.length);
  return (
    <div class="charts">
      <figure>
        <figcaption>Throughput: ok operations per second, by {each}</figcaption>
        <Chart {...shared} summary="Throughput over time" series={series.throughput} />
      </figure>
      <figure>
        <figcaption>Latency of ok operations, by {each} (logarithmic)</figcaption>
        <Chart {...shared} isLogarithmic summary="Latency over time" series={series.latency} />
      </figure>
      {figures.total.failed + figures.total.unknown > 0 && (
        <figure>
          <figcaption>Not ok: failed and of unknown outcome, by {each}</figcaption>
          <Chart {...shared} summary="Errors over time" series={series.errors} height={150} />
        </figure>
      )}
      <PercentileChart figures={figures} />
    </div>
  );
}

function seriesOf({ slots }: HistoryFigures) {
  const shown = count;
  return {
    throughput: [{ label: 'ok/s', colour: '--c1', values: slots.perSecond, shown, isFilled: true }],
    latency: [
      { label: 'p50', colour: '--c3', values: slots.p50, shown: nanoseconds },
      { label: 'p99', colour: '--c1', values: slots.p99, shown: nanoseconds, dash: [7, 4] },
      { label: 'max', colour: '--c4', values: slots.max, shown: nanoseconds, dash: [2, 3] },
    ],
    errors: [
      // Unknown ones stand behind, as high as both.
      {
        ...{ label: 'unknown (with failed)', colour: '--c5', shown, isBars: true },
        values: slots.unknown.map((value, slot) => value + (slots.failed[slot] ?? 0)),
      },
      { label: 'failed', colour: '--c4', values: slots.failed, shown, isBars: true },
    ],
  };
}

const nineMarks = [0, 1, 2, 3, 4, 5, 6];

/** 0 is every second one, 1 nine of ten, 2 ninety-nine of a hundred. */
function nineName(nines: number): string {
  const share = 100 * (1 - 10 ** -nines);
  return `p${Number(share.toFixed(Math.max(0, Math.ceil(nines) - 2)))}`;
}

function PercentileChart({ figures: { latencies } }: { readonly figures: HistoryFigures }) {
  const curve = useMemo(() => percentileCurve(latencies), [latencies]);
  const series = useMemo(
    () => [
      {
        label: 'latency',
        colour: '--c1',
        values: curve.latency,
        shown: nanoseconds,
        isFilled: false,
      },
    ],
    [curve],
  );
  return (
    <figure>
      <figcaption>
        Percentiles of latency: how long all but the slowest took (logarithmic)
      </figcaption>
      <Chart
        summary="Percentiles of latency"
        x={curve.nines}
        series={series}
        shownX={nineName}
        marksX={nineMarks.filter((mark) => mark <= (curve.nines.at(-1) ?? 0))}
        isLogarithmic
        height={150}
      />
    </figure>
  );
}

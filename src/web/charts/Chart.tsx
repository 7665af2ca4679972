/** A chart by uPlot in the colours of the page: drawn anew when these change or the room does. */
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { onResize } from '../parts/frame.js';
import { onThemeChange, themeColour } from '../parts/theme.js';

export interface ChartSeries {
  readonly label: string;
  /** A variable of theme.css. */
  readonly colour: string;
  readonly values: Float64Array;
  readonly shown: (value: number) => string;
  readonly dash?: readonly number[];
  readonly isFilled?: boolean;
  /** Drawn as columns from below. */
  readonly isBars?: boolean;
}

/** A stretch of x that is shaded, with its name above. */
export interface ChartBand {
  readonly from: number;
  readonly to: number;
  readonly title: string;
}

interface ChartProps {
  /** For who can't see it. */
  readonly summary: string;
  readonly x: Float64Array;
  readonly series: readonly ChartSeries[];
  readonly shownX: (x: number) => string;
  /** Where x is to be marked; absent: at round numbers. */
  readonly marksX?: readonly number[];
  readonly isLogarithmic?: boolean;
  readonly bands?: readonly ChartBand[];
  readonly height?: number;
  /** Charts of one name have one cursor. */
  readonly group?: string;
  readonly onRange?: (from: number, to: number) => void;
}

export function Chart(props: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const latest = useRef(props);
  latest.current = props;
  const { x, series } = props;
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const drawn = () =>
      new uPlot(optionsOf(latest.current, element.clientWidth), dataOf(x, series), element);
    let chart = drawn();
    const forget = onThemeChange(() => {
      chart.destroy();
      chart = drawn();
    });
    const forgetSize = onResize(element, () => {
      if (element.clientWidth !== chart.width) {
        chart.setSize({ width: element.clientWidth, height: chart.height });
      }
    });
    return () => {
      forget();
      forgetSize();
      chart.destroy();
    };
  }, [x, series]);
  return <div class="chart" ref={place} role="img" aria-label={props.summary} />;
}

/** uPlot leaves gaps at null, and draws nothing of a logarithm of what is not above zero. */
function dataOf(x: Float64Array, series: readonly ChartSeries[]): uPlot.AlignedData {
  const columns = series.map(({ values }) =>
    Array.from(values, (value) => (Number.isNaN(value) ? null : value)),
  );
  return [x, ...columns];
}

function optionsOf(props: ChartProps, width: number): uPlot.Options {
  const { series, shownX, isLogarithmic = false, height = 190, group, onRange } = props;
  const axis = axisIn({ stroke: themeColour('--muted'), line: themeColour('--line') });
  const first = series[0];
  return {
    ...{ width, height, padding: [14, 12, 0, 0] },
    scales: { x: { time: false }, y: isLogarithmic ? { distr: 3 } : { range: fromZero } },
    axes: [
      {
        ...axis,
        size: 30,
        values: (_, splits) => splits.map(shownX),
        ...(props.marksX === undefined
          ? { space: 70 }
          : { splits: () => [...(props.marksX ?? [])] }),
      },
      {
        ...axis,
        size: 68,
        values: (_, splits) =>
          splits.map((value) => (value === null ? '' : (first?.shown(value) ?? ''))),
      },
    ],
    series: [
      { label: 'at', value: (_, value) => (value === null ? '–' : shownX(value)) },
      ...series.map(seriesOf),
    ],
    cursor: {
      ...(group === undefined ? {} : { sync: { key: group } }),
      drag: { x: onRange !== undefined, y: false, setScale: false },
    },
    hooks: {
      drawClear: [(chart) => drawBands(chart, props.bands ?? [])],
      setSelect: [
        (chart) => {
          const { left, width: length } = chart.select;
          if (length < 4) return;
          onRange?.(chart.posToVal(left, 'x'), chart.posToVal(left + length, 'x'));
          chart.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
        },
      ],
    },
  };
}

const fromZero = (_: uPlot, __: number, most: number): [number, number] => [
  0,
  most > 0 ? most * 1.08 : 1,
];

const axisIn = ({ stroke, line }: { stroke: string; line: string }): uPlot.Axis => ({
  stroke,
  font: '11px system-ui, sans-serif',
  grid: { stroke: line, width: 1 },
  ticks: { stroke: line, width: 1, size: 4 },
});

function seriesOf({ label, colour, shown, dash, isFilled, isBars }: ChartSeries): uPlot.Series {
  const stroke = themeColour(colour);
  const bars = uPlot.paths.bars;
  return {
    ...{ label, stroke, width: 1.75, points: { size: 4 } },
    value: (_, value) => (value === null || value === undefined ? '–' : shown(value)),
    ...(dash === undefined ? {} : { dash: [...dash] }),
    ...(isFilled === true ? { fill: stroke.replace(/^rgb\((.*)\)$/, 'rgba($1, 0.12)') } : {}),
    ...(isBars === true && bars !== undefined
      ? { paths: bars({ size: [0.9] }), fill: stroke, width: 0 }
      : {}),
  };
}

function drawBands(chart: uPlot, bands: readonly ChartBand[]): void {
  const { ctx: pen, bbox } = chart;
  const ratio = devicePixelRatio;
  const colour = themeColour('--warn');
  pen.save();
  pen.font = `${11 * ratio}px system-ui, sans-serif`;
  pen.textBaseline = 'bottom';
  let takenTo = 0;
  for (const { from, to, title } of bands) {
    const left = Math.max(bbox.left, chart.valToPos(from, 'x', true));
    const right = Math.min(bbox.left + bbox.width, chart.valToPos(to, 'x', true));
    pen.fillStyle = colour;
    pen.globalAlpha = 0.14;
    pen.fillRect(left, bbox.top, Math.max(ratio, right - left), bbox.height);
    pen.globalAlpha = 1;
    pen.fillRect(left, bbox.top - ratio, Math.max(ratio, right - left), 2 * ratio);
    const room = bbox.left + bbox.width - left;
    const shown = fitting(pen, title, Math.min(room, Math.max(right - left, 150 * ratio)));
    if (left < takenTo || shown === '') continue;
    pen.fillText(shown, left, bbox.top - 2 * ratio);
    takenTo = left + pen.measureText(shown).width + 8 * ratio;
  }
  pen.restore();
}

/** As much of it as there is room for; nothing where that says nothing. */
function fitting(pen: CanvasRenderingContext2D, text: string, room: number): string {
  if (pen.measureText(text).width <= room) return text;
  const letters = Math.floor((text.length * room) / pen.measureText(text).width) - 1;
  return letters < 5 ? '' : `${text.slice(0, letters)}…`;
}

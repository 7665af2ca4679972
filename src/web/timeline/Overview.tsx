/** The whole run as a strip: how much was going on when, what was broken, and which stretch is seen below. */
import { useEffect, useRef } from 'preact/hooks';
import { outcomeCode } from '../../history/event.js';
import { onResize } from '../parts/frame.js';
import { onThemeChange, themeColour } from '../parts/theme.js';
import type { TimelineData } from './paint.js';
import { clamped, type TimeView } from './viewport.js';

const height = 44;

interface OverviewProps {
  readonly data: TimelineData;
  readonly view: TimeView;
  readonly onLook: (view: TimeView) => void;
}

export function Overview({ data, view, onLook }: OverviewProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const element = canvas.current;
    if (element === null) return;
    const paint = () => paintOverview(element, data);
    paint();
    const forgetSize = onResize(element, paint);
    const forgetTheme = onThemeChange(paint);
    return () => {
      forgetSize();
      forgetTheme();
    };
  }, [data]);
  const { from, to } = data.bounds;
  const percent = (time: number) => ((time - from) / (to - from)) * 100;
  const drag = (event: PointerEvent) => {
    if (event.buttons !== 1) return;
    const strip = event.currentTarget as HTMLElement;
    const box = strip.getBoundingClientRect();
    const middle = from + ((event.clientX - box.left) / box.width) * (to - from);
    const half = (view.to - view.from) / 2;
    onLook(clamped({ from: middle - half, to: middle + half }, data.bounds));
  };
  return (
    <div
      class="overview no-print"
      aria-hidden="true"
      onPointerDown={(event) => {
        (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
        drag(event);
      }}
      onPointerMove={drag}
    >
      <canvas ref={canvas} style={{ height: `${height}px` }} />
      <div
        class="overview-window"
        style={{
          left: `${percent(view.from)}%`,
          width: `${percent(view.to) - percent(view.from)}%`,
        }}
      />
    </div>
  );
}

function paintOverview(
  canvas: HTMLCanvasElement,
  { history, bounds, rows, illegal }: TimelineData,
) {
  const width = canvas.clientWidth;
  canvas.width = Math.round(width * devicePixelRatio);
  canvas.height = Math.round(height * devicePixelRatio);
  const pen = canvas.getContext('2d');
  if (pen === null || width === 0) return;
  pen.scale(devicePixelRatio, devicePixelRatio);
  const pixelOf = (time: number): number =>
    Math.min(width - 1, Math.max(0, ((time - bounds.from) / (bounds.to - bounds.from)) * width));
  pen.fillStyle = themeColour('--warn');
  pen.globalAlpha = 0.2;
  for (const { beganAt, endedAt } of history.faults) {
    const x = pixelOf(beganAt);
    pen.fillRect(x, 0, Math.max(1, pixelOf(endedAt) - x), height);
  }
  pen.globalAlpha = 1;
  const [all, odd] = [new Float64Array(width), new Float64Array(width)];
  for (const { operations } of rows) {
    for (const at of operations) {
      const pixel = Math.floor(pixelOf(history.invokedAt[at] as number));
      all[pixel] = (all[pixel] as number) + 1;
      if (history.outcome[at] !== outcomeCode.ok) odd[pixel] = (odd[pixel] as number) + 1;
    }
  }
  const most = Math.max(1, ...all);
  for (const [counts, colour] of [
    [all, '--c1'],
    [odd, '--c5'],
  ] as const) {
    pen.fillStyle = themeColour(colour);
    for (let x = 0; x < width; x++) {
      // By the root, so that a burst does not hide the rest.
      const bar = Math.sqrt((counts[x] as number) / most) * (height - 10);
      if (bar > 0) pen.fillRect(x, height - Math.max(1, bar), 1, Math.max(1, bar));
    }
  }
  pen.fillStyle = themeColour('--bad');
  for (const at of illegal) {
    const x = pixelOf(history.invokedAt[at] as number);
    pen.beginPath();
    pen.moveTo(x - 5, 0);
    pen.lineTo(x + 5, 0);
    pen.lineTo(x, 9);
    pen.fill();
  }
}

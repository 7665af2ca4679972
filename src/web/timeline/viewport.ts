/** Which stretch of time is seen, and where times stand in it. Times are nanoseconds of the history's clock. */

export interface TimeView {
  readonly from: number;
  readonly to: number;
}

/** Closer than this there is nothing more to see; less where numbers of lines stand for times. */
const spanMin = 1000;
const spansMax = 50;

const spanOf = ({ from, to }: TimeView): number => to - from;
const leastOf = (bounds: TimeView): number => Math.min(spanMin, spanOf(bounds) / spansMax);

/** Moved, and shortened if it must be, to lie within the bounds; never shorter than a microsecond. */
export function clamped({ from, to }: TimeView, bounds: TimeView): TimeView {
  const room = spanOf(bounds);
  const span = Math.min(room, Math.max(leastOf(bounds), to - from));
  const middle = (from + to) / 2;
  const first = Math.min(Math.max(bounds.from, middle - span / 2), bounds.from + room - span);
  return { from: first, to: first + span };
}

/** `factor` > 1: closer. What stands at `time` stays where it is. */
export function zoomed(view: TimeView, bounds: TimeView, factor: number, time: number): TimeView {
  const span = Math.min(spanOf(bounds), Math.max(leastOf(bounds), spanOf(view) / factor));
  const share = (time - view.from) / spanOf(view);
  const from = time - share * span;
  return clamped({ from, to: from + span }, bounds);
}

/** By a share of what is seen. */
export function panned(view: TimeView, bounds: TimeView, share: number): TimeView {
  const by = share * spanOf(view);
  return clamped({ from: view.from + by, to: view.to + by }, bounds);
}

/** The stretch with some room on both sides. */
export function viewAround({ from, to }: TimeView, bounds: TimeView, room = 1.5): TimeView {
  const margin = Math.max(leastOf(bounds) / 2, (to - from) * room);
  return clamped({ from: from - margin, to: to + margin }, bounds);
}

/** As long as it was, and moved only if the operation can't be seen; longer where it would not fit. */
export function showing(view: TimeView, bounds: TimeView, { from, to }: TimeView): TimeView {
  if (to - from > spanOf(view) * 0.8) return viewAround({ from, to }, bounds, 0.3);
  const margin = spanOf(view) * 0.1;
  if (from >= view.from + margin && to <= view.to - margin) return view;
  const by = (from + to) / 2 - (view.from + view.to) / 2;
  return clamped({ from: view.from + by, to: view.to + by }, bounds);
}

const units = [
  { ns: 1, name: 'ns' },
  { ns: 1e3, name: 'µs' },
  { ns: 1e6, name: 'ms' },
  { ns: 1e9, name: 's' },
] as const;

export interface Tick {
  readonly time: number;
  readonly label: string;
}

/** Round times, counted from the beginning of all, at least `gapPx` apart. */
export function ticksIn(view: TimeView, origin: number, widthPx: number, gapPx = 90): Tick[] {
  const step = roundStep((spanOf(view) * gapPx) / Math.max(1, widthPx));
  const unit = [...units].reverse().find(({ ns }) => step * 10 >= ns) ?? units[0];
  const digits = Math.max(0, -Math.floor(Math.log10(step / unit.ns) + 1e-9));
  const ticks: Tick[] = [];
  for (let nth = Math.ceil((view.from - origin) / step); ; nth++) {
    const time = origin + nth * step;
    if (time > view.to) return ticks;
    ticks.push({ time, label: `${((nth * step) / unit.ns).toFixed(digits)} ${unit.name}` });
  }
}

function roundStep(atLeast: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, atLeast)));
  return ([1, 2, 5].find((each) => each * power >= atLeast) ?? 10) * power;
}

/** Draws clients' operations as bars in real time: only what is in view. */
import { kindCode, outcomeCode } from '../../history/event.js';
import { faultTitle } from '../../history/faults.js';
import type { History } from '../../history/history.js';
import { themeColours } from '../parts/theme.js';
import { barsInView, type ClientRow } from './rows.js';
import { type TimeView, ticksIn } from './viewport.js';

const variables = {
  ...{ panel: '--panel', line: '--line', text: '--text', muted: '--muted' },
  ...{ read: '--read', write: '--c1', onWrite: '--on-accent', unknown: '--c5', failed: '--c4' },
  ...{ illegal: '--bad', fault: '--warn', order: '--c3' },
} as const;

/** Of theme.css, as a canvas takes them. */
export type TimelineColours = Readonly<Record<keyof typeof variables, string>>;

export const timelineColours = (): TimelineColours => themeColours(variables);

export interface TimelineData {
  readonly history: History;
  readonly bounds: TimeView;
  /** Else numbers of lines stand for times. */
  readonly isTimed: boolean;
  readonly rows: readonly ClientRow[];
  /** Until when each operation is drawn. */
  readonly ends: Float64Array;
  readonly illegal: ReadonlySet<number>;
  /** Operations in the order in which they took effect, those around the step that is looked at, each with when. */
  readonly path: readonly { readonly operation: number; readonly time: number }[];
  readonly selected: number;
  readonly labelOf: (operation: number) => string;
  /** When it is pointed at, line by line. */
  readonly tipOf: (operation: number) => readonly string[];
}

export interface TimelineFrame {
  readonly view: TimeView;
  readonly width: number;
  readonly height: number;
  readonly scrollTop: number;
  readonly rowHeight: number;
  /** Where names of clients stand. */
  readonly gutter: number;
  readonly hovered: number;
}

/** Above the rows: times, and names of faults. */
export const headHeight = 36;
const labelWidthMin = 34;
const font = '11px ui-monospace, Menlo, "DejaVu Sans Mono", monospace';

interface Picture {
  readonly pen: CanvasRenderingContext2D;
  readonly data: TimelineData;
  readonly frame: TimelineFrame;
  readonly colours: TimelineColours;
}

export function paintTimeline(picture: Picture): void {
  const { pen, data, frame, colours } = picture;
  pen.font = font;
  pen.textBaseline = 'middle';
  pen.fillStyle = colours.panel;
  pen.fillRect(0, 0, frame.width, frame.height);
  paintTimes(picture);
  paintFaults(picture);
  pen.save();
  pen.beginPath();
  pen.rect(0, headHeight, frame.width, frame.height - headHeight);
  pen.clip();
  const first = Math.max(0, Math.floor(frame.scrollTop / frame.rowHeight));
  const last = Math.ceil((frame.scrollTop + frame.height - headHeight) / frame.rowHeight);
  for (let at = first; at < Math.min(last, data.rows.length); at++) {
    const top = headHeight + at * frame.rowHeight - frame.scrollTop;
    paintRow(picture, data.rows[at] as ClientRow, top);
  }
  paintMarks(picture);
  pen.restore();
}

export const toPx = ({ view, width, gutter }: TimelineFrame, time: number): number =>
  gutter + ((time - view.from) * (width - gutter)) / (view.to - view.from);

function paintFaults({ pen, data: { history }, frame, colours }: Picture): void {
  let labelsTo = 0;
  for (const { words, beganAt, endedAt } of history.faults) {
    if (beganAt > frame.view.to || endedAt < frame.view.from) continue;
    const from = Math.max(frame.gutter, toPx(frame, beganAt));
    const to = Math.min(frame.width, toPx(frame, endedAt));
    pen.globalAlpha = 0.13;
    pen.fillStyle = colours.fault;
    pen.fillRect(from, 18, Math.max(1, to - from), frame.height);
    pen.globalAlpha = 1;
    pen.fillRect(from, 18, Math.max(1, to - from), 2);
    const title = faultTitle(words);
    const room = Math.floor((frame.width - from - 8) / 6.7);
    if (from < labelsTo || room < 6) continue;
    const shown = title.length > room ? `${title.slice(0, room - 1)}…` : title;
    pen.fillText(shown, from + 4, 28);
    labelsTo = from + 12 + shown.length * 6.7;
  }
}

function paintRow(picture: Picture, row: ClientRow, top: number): void {
  const { pen, data, frame, colours } = picture;
  const { history, ends } = data;
  const { view, width, gutter, rowHeight } = frame;
  pen.fillStyle = colours.line;
  pen.fillRect(0, top + rowHeight - 1, width, 1);
  const inset = rowHeight < 12 ? 1 : 3;
  const [y, height] = [top + inset, rowHeight - 2 * inset];
  pen.save();
  pen.beginPath();
  pen.rect(gutter, top, width - gutter, rowHeight);
  pen.clip();
  const room = width - gutter;
  barsInView(row.operations, history.invokedAt, ends, view, room, (operation, from, to, count) => {
    const isRead = history.kind[operation] === kindCode.get;
    if (count === 1 && history.outcome[operation] !== outcomeCode.ok) return;
    const [x, length] = [gutter + from, Math.max(1, to - from - (to - from > 3 ? 1 : 0))];
    pen.fillStyle = isRead ? colours.read : colours.write;
    pen.fillRect(x, y, length, height);
    if (to - from < labelWidthMin || rowHeight < 14) return;
    const colour = isRead ? colours.text : colours.onWrite;
    paintLabel(picture, operation, { x, to: gutter + to, y: y + height / 2, colour });
  });
  barsInView(row.odd, history.invokedAt, ends, view, room, (operation, from, to) => {
    const bar = { x: gutter + from, length: Math.max(2, to - from), y, height };
    if (history.outcome[operation] === outcomeCode.fail) paintFailed(picture, bar);
    else paintUnknown(picture, bar);
    if (to - from < labelWidthMin || rowHeight < 14) return;
    const place = { x: bar.x + 14, to: gutter + to, y: y + height / 2, colour: colours.text };
    paintLabel(picture, operation, place);
  });
  pen.restore();
  if (rowHeight < 9) return;
  pen.fillStyle = colours.muted;
  const letters = Math.floor((gutter - 8) / 6.7);
  const name = row.name.length > letters ? `${row.name.slice(0, letters - 1)}…` : row.name;
  pen.fillText(name, 6, top + rowHeight / 2, gutter - 8);
}

interface Bar {
  readonly x: number;
  readonly length: number;
  readonly y: number;
  readonly height: number;
}

/** An empty box with a cross: it did not happen. */
function paintFailed({ pen, colours }: Picture, { x, length, y, height }: Bar): void {
  pen.fillStyle = colours.panel;
  pen.strokeStyle = colours.failed;
  pen.lineWidth = 1.5;
  if (length < 5) {
    pen.fillStyle = colours.failed;
    pen.fillRect(x, y + height / 4, length, height / 2);
    return;
  }
  pen.fillRect(x, y, length, height);
  pen.strokeRect(x + 0.75, y + 0.75, length - 2, height - 1.5);
  const arm = Math.min(3, height / 3, length / 3);
  const [cx, cy] = [x + Math.min(8, length / 2), y + height / 2];
  pen.beginPath();
  pen.moveTo(cx - arm, cy - arm);
  pen.lineTo(cx + arm, cy + arm);
  pen.moveTo(cx - arm, cy + arm);
  pen.lineTo(cx + arm, cy - arm);
  pen.stroke();
}

/** Dashed and open at its end: nobody knows when, or whether. */
function paintUnknown({ pen, colours }: Picture, { x, length, y, height }: Bar): void {
  pen.fillStyle = colours.unknown;
  if (length < 5) {
    pen.fillRect(x, y, length, height);
    return;
  }
  pen.globalAlpha = 0.28;
  pen.fillRect(x, y, length, height);
  pen.globalAlpha = 1;
  pen.fillRect(x, y, 3, height);
  pen.strokeStyle = colours.unknown;
  pen.lineWidth = 1.5;
  pen.setLineDash([4, 3]);
  pen.beginPath();
  pen.moveTo(x, y + 0.75);
  pen.lineTo(x + length, y + 0.75);
  pen.moveTo(x, y + height - 0.75);
  pen.lineTo(x + length, y + height - 0.75);
  pen.stroke();
  pen.setLineDash([]);
}

function paintLabel(
  { pen, data, frame }: Picture,
  operation: number,
  { x, to, y, colour }: { x: number; to: number; y: number; colour: string },
): void {
  // What begins left of the view is named where it can be seen.
  const from = Math.max(x, frame.gutter) + 4;
  const letters = Math.floor((Math.min(to, frame.width) - from - 3) / 6.7);
  if (letters < 4) return;
  const label = data.labelOf(operation);
  pen.fillStyle = colour;
  pen.fillText(label.length > letters ? `${label.slice(0, letters - 1)}…` : label, from, y);
}

/** What stands out of all the bars: the illegal ones, the order, and what is looked at. */
function paintMarks(picture: Picture): void {
  const { pen, data, frame, colours } = picture;
  const tops = new Map<number, number>();
  for (const [at, { process }] of data.rows.entries()) {
    tops.set(process, headHeight + at * frame.rowHeight - frame.scrollTop);
  }
  const boxOf = (operation: number): Bar | null => {
    const top = tops.get(data.history.process[operation] as number);
    if (top === undefined) return null;
    const from = toPx(frame, data.history.invokedAt[operation] as number);
    const to = toPx(frame, data.ends[operation] as number);
    if (to < frame.gutter || from > frame.width) return null;
    const x = Math.max(frame.gutter, from);
    return { x, length: Math.max(3, to - x), y: top + 1, height: frame.rowHeight - 3 };
  };
  pen.save();
  pen.beginPath();
  pen.rect(frame.gutter, 0, frame.width, frame.height);
  pen.clip();
  for (const operation of data.illegal) {
    const box = boxOf(operation);
    if (box !== null) paintIllegal(picture, operation, box);
  }
  paintPath(picture, tops);
  for (const operation of [frame.hovered, data.selected]) {
    const box = boxOf(operation);
    if (box === null) continue;
    pen.strokeStyle = colours.text;
    pen.lineWidth = operation === data.selected ? 2.5 : 1;
    pen.strokeRect(box.x - 0.5, box.y - 0.5, box.length + 1, box.height + 1);
  }
  pen.restore();
}

function paintIllegal(picture: Picture, operation: number, { x, length, y, height }: Bar): void {
  const { pen, colours } = picture;
  pen.fillStyle = colours.illegal;
  pen.fillRect(x, y, length, height);
  pen.beginPath();
  pen.moveTo(x - 5, y - 5);
  pen.lineTo(x + 5, y - 5);
  pen.lineTo(x, y + 3);
  pen.fill();
  if (length < labelWidthMin || height < 10) return;
  const place = { x, to: x + length, y: y + height / 2, colour: colours.onWrite };
  paintLabel(picture, operation, place);
}

/** A line through the moments at which operations took effect, if the order is right. */
function paintPath(
  { pen, data: { path, history }, frame, colours }: Picture,
  tops: ReadonlyMap<number, number>,
): void {
  const points = path.flatMap(({ operation, time }) => {
    const top = tops.get(history.process[operation] as number);
    return top === undefined ? [] : { x: toPx(frame, time), y: top + frame.rowHeight / 2 };
  });
  pen.strokeStyle = colours.order;
  pen.fillStyle = colours.order;
  pen.lineWidth = 1.5;
  pen.beginPath();
  for (const [at, { x, y }] of points.entries()) {
    if (at === 0) pen.moveTo(x, y);
    else pen.lineTo(x, y);
  }
  pen.stroke();
  for (const { x, y } of points) {
    pen.beginPath();
    pen.arc(x, y, 3.5, 0, 2 * Math.PI);
    pen.fill();
  }
}

function paintTimes({ pen, data: { bounds, isTimed }, frame, colours }: Picture): void {
  const { view, width, gutter } = frame;
  for (const { time, label: timed } of ticksIn(view, bounds.from, width - gutter)) {
    const label = isTimed ? timed : `${Math.round(time - bounds.from)}`;
    const x = toPx(frame, time);
    pen.fillStyle = colours.line;
    pen.fillRect(x, 14, 1, frame.height);
    pen.fillStyle = colours.muted;
    if (x + label.length * 6.7 < width) pen.fillText(label, x + 3, 9);
  }
  pen.fillStyle = colours.line;
  pen.fillRect(gutter - 1, 0, 1, frame.height);
}

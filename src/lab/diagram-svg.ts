/** A part of a space-time diagram as a picture that needs nothing else: lanes, time from left to right, an arrow a message. */

import type { Millis } from '../core/ids.js';
import { lowerBound } from '../core/lookup.js';
import {
  type Lanes,
  laneEventKinds,
  laneSpanKinds,
  messageFates,
  noEvent,
} from '../trace/lanes.js';

export interface SvgPart {
  /** Since the first event. */
  readonly fromMs: Millis;
  readonly toMs: Millis;
  /** Only these events and their messages, in their order; `null`: all. */
  readonly slice: ArrayLike<number> | null;
  readonly title: string;
}

/** More nobody could tell apart. */
const drawnMax = 4000;
const width = 1280;
const left = 84;
const right = 24;
const top = 56;
const laneHeight = 84;
const charWidth = 6.2;
const ticksMax = 8;
/** Okabe and Ito's, darkened until they can be read on white. */
const colours = { line: '#c8d0d9', text: '#15202b', muted: '#586675', lost: '#c43d0a' } as const;
const ofMessages = ['#0072b2', '#009e73', '#b8568b', '#b57b00', '#45505c', '#3d9bd6'] as const;

export function diagramSvg(lanes: Lanes, part: SvgPart): string {
  const height = top + lanes.names.length * laneHeight + 24;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12">`,
    `<title>${escaped(part.title)}</title>`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    `<text x="12" y="22" font-size="15" fill="${colours.text}">${escaped(part.title)}</text>`,
    ...new Drawing(lanes, part).lines(),
    '</svg>',
    '',
  ].join('\n');
}

class Drawing {
  readonly #lanes: Lanes;
  readonly #part: SvgPart;
  /** Events in their order, and where each of them is. */
  readonly #shown: readonly number[];
  readonly #places: ReadonlyMap<number, number>;
  /** Where the last label in each lane ends, above it and below. */
  readonly #labelled: [number, number][];

  constructor(lanes: Lanes, part: SvgPart) {
    this.#lanes = lanes;
    this.#part = part;
    this.#shown = shownIn(lanes, part);
    this.#places = new Map(this.#shown.map((event, nth) => [event, nth]));
    this.#labelled = lanes.names.map(() => [0, 0]);
  }

  lines(): string[] {
    const shown = this.#shown.slice(0, drawnMax);
    const leftOut = this.#shown.length - shown.length;
    return [
      ...this.#axis(),
      ...this.#lanes.names.map((name, lane) => laneLine(name, lane)),
      ...this.#spans(),
      ...this.#messages(),
      ...shown.flatMap((event) => this.#event(event)),
      ...(leftOut > 0
        ? [words(width / 2, 40, `${leftOut} more events are left out`, colours.lost)]
        : []),
    ];
  }

  #atMs(event: number): Millis {
    return this.#lanes.events.atMs[event] ?? Number.POSITIVE_INFINITY;
  }

  /** What led to something is told step by step, whatever time passes between them; all that happens, in time. */
  #x(atMs: Millis): number {
    const { fromMs, toMs, slice } = this.#part;
    const shown = this.#shown;
    const after = shown.findIndex((event) => this.#atMs(event) > atMs);
    const share =
      slice === null
        ? (atMs - fromMs) / Math.max(toMs - fromMs, 1e-6)
        : (after < 0 ? shown.length : after) / shown.length;
    return left + Math.min(1, Math.max(0, share)) * (width - left - right);
  }

  #xOf(event: number): number {
    const nth = this.#places.get(event);
    if (this.#part.slice === null || nth === undefined) return this.#x(this.#atMs(event));
    return left + ((nth + 0.5) / this.#shown.length) * (width - left - right);
  }

  #axis(): string[] {
    const bottom = top + this.#lanes.names.length * laneHeight;
    return this.#ticks().flatMap(([x, atMs]) => [
      `<path d="M${place(x)} ${top - 6}V${bottom}" stroke="${colours.line}" stroke-dasharray="1 4"/>`,
      words(x, top - 12, `${Number(atMs.toFixed(3))} ms`, colours.muted, 'middle'),
    ]);
  }

  #ticks(): (readonly [x: number, atMs: Millis])[] {
    const { fromMs, toMs, slice } = this.#part;
    if (slice !== null) {
      const every = Math.ceil(this.#shown.length / ticksMax);
      return this.#shown
        .filter((_, nth) => nth % every === 0)
        .map((event) => [this.#xOf(event), this.#atMs(event)]);
    }
    const stepMs = niceStep((toMs - fromMs) / ticksMax);
    const first = Math.ceil(fromMs / stepMs);
    const count = Math.max(0, Math.floor(toMs / stepMs) - first + 1);
    return Array.from({ length: Math.min(count, 2 * ticksMax) }, (_, nth) => {
      const atMs = (first + nth) * stepMs;
      return [this.#x(atMs), atMs];
    });
  }

  #spans(): string[] {
    const { spans } = this.#lanes;
    const { fromMs, toMs } = this.#part;
    const lines: string[] = [];
    for (let span = 0; span < spans.count && lines.length < drawnMax; span++) {
      const kind = laneSpanKinds[spans.kind[span] as number] ?? 'down';
      const [begin, end] = [spans.begin[span] as number, spans.end[span] as number];
      if (kind === 'undurable' || this.#atMs(end) < fromMs || this.#atMs(begin) > toMs) continue;
      const x = this.#xOf(begin);
      const row = Math.min(spans.row[span] as number, 3);
      const y = laneY(spans.lane[span] as number) - 8 + (kind === 'down' ? 0 : 6 * row - 20);
      const fill = { operation: '#dcedf8', down: '#e3e3e3', fault: '#fde6da' }[kind];
      const size = `width="${place(Math.max(2, this.#xOf(end) - x))}" height="${kind === 'down' ? 16 : 5}"`;
      lines.push(`<rect x="${place(x)}" y="${place(y)}" ${size} fill="${fill}"/>`);
      if (kind === 'operation') {
        lines.push(...this.#label(spans.lane[span] as number, x, this.#lanes.labelOf(begin)));
      }
    }
    return lines;
  }

  #messages(): string[] {
    const { messages, types } = this.#lanes;
    const { slice, toMs, fromMs } = this.#part;
    const lines: string[] = [];
    for (let message = 0; message < messages.count && lines.length < drawnMax; message++) {
      const sent = messages.sent[message] as number;
      const taken = messages.delivered[message] as number;
      if (this.#atMs(sent) > toMs) break;
      const [isFrom, isTo] = [this.#places.has(sent), this.#places.has(taken)];
      if ((messages.endMs[message] as number) < fromMs || !(isFrom || isTo)) continue;
      const isLost = messageFates[messages.fate[message] as number] === 'lost';
      if (slice !== null && !isLost && !(isFrom && isTo)) continue;
      const type = messages.type[message] as number;
      const colour = isLost ? colours.lost : (ofMessages[type % ofMessages.length] ?? '');
      const title = `${types[type]} at ${this.#atMs(sent).toFixed(3)} ms`;
      lines.push(this.#arrow(message, { isLost, colour, title }));
    }
    return lines;
  }

  #arrow(
    message: number,
    { isLost, colour, title }: { isLost: boolean; colour: string; title: string },
  ): string {
    const { from, to, sent, delivered, endMs } = this.#lanes.messages;
    const [x, y] = [this.#xOf(sent[message] as number), laneY(from[message] as number)];
    const taken = delivered[message] as number;
    const end = taken === noEvent ? this.#x(endMs[message] as number) : this.#xOf(taken);
    const whole = laneY(to[message] as number) - y;
    // What is lost does not arrive.
    const [endX, endY] = isLost ? [Math.max(end, x + 14), y + 0.55 * whole] : [end, y + whole];
    const dash = isLost ? ' stroke-dasharray="4 3"' : '';
    const length = Math.hypot(endX - x, endY - y) || 1;
    const [dx, dy] = [(endX - x) / length, (endY - y) / length];
    const tip = isLost
      ? `M${place(endX - 4)} ${place(endY - 4)}l8 8m0 -8l-8 8`
      : `M${place(endX)} ${place(endY)}l${place(-8 * dx - 3 * dy)} ${place(-8 * dy + 3 * dx)}M${place(endX)} ${place(endY)}l${place(-8 * dx + 3 * dy)} ${place(-8 * dy - 3 * dx)}`;
    return (
      `<g stroke="${colour}" fill="none"><title>${escaped(title)}</title>` +
      `<path d="M${place(x)} ${place(y)}L${place(endX)} ${place(endY)}"${dash}/><path d="${tip}"/></g>`
    );
  }

  #event(event: number): string[] {
    const { events } = this.#lanes;
    const lane = events.lane[event] as number;
    const kind = laneEventKinds[events.kind[event] as number] ?? 'tell';
    const [x, y] = [this.#xOf(event), laneY(lane)];
    const fill = kind === 'violation' ? colours.lost : colours.text;
    const dot = `<circle cx="${place(x)}" cy="${y}" r="2.5" fill="${fill}"/>`;
    const label = this.#lanes.labelOf(event) || kind;
    return isTold.has(kind) ? [dot, ...this.#label(lane, x, label)] : [dot];
  }

  /** Where there is room, above the lane or below it. */
  #label(lane: number, x: number, text: string): string[] {
    const ends = this.#labelled[lane] as [number, number];
    const side = ends[0] <= x ? 0 : ends[1] <= x ? 1 : null;
    const end = x + text.length * charWidth + 6;
    if (side === null || end > width) return [];
    ends[side] = end;
    return [words(x + 4, laneY(lane) + (side === 0 ? -9 : 18), text, colours.text)];
  }
}

function shownIn({ events }: Lanes, { fromMs, toMs, slice }: SvgPart): readonly number[] {
  const isShown = (event: number): boolean => {
    const atMs = events.atMs[event] as number;
    return atMs >= fromMs && atMs <= toMs;
  };
  if (slice !== null) return Array.from(slice).filter(isShown);
  const first = lowerBound(events.atMs, fromMs);
  const last = lowerBound(events.atMs, toMs + 1e-9);
  return Array.from({ length: last - first }, (_, at) => first + at);
}

/** Of the others there are too many, or their arrows say enough. */
const isTold = new Set(['start', 'stop', 'sent', 'call', 'return', 'role', 'tell', 'violation'])
  .add('fault begins')
  .add('fault ends');

const laneY = (lane: number): number => top + lane * laneHeight + laneHeight / 2;

const laneLine = (name: string, lane: number): string =>
  `<path d="M${left} ${laneY(lane)}H${width - right}" stroke="${colours.line}"/>` +
  words(12, laneY(lane) + 4, name, colours.text);

const words = (x: number, y: number, text: string, fill: string, anchor = 'start'): string =>
  `<text x="${place(x)}" y="${place(y)}" fill="${fill}" text-anchor="${anchor}">${escaped(text)}</text>`;

const place = (at: number): string => String(Number(at.toFixed(1)));

/** 1, 2 or 5 times a power of ten, at least so much. */
function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(least, 1e-6)));
  return power * ([1, 2, 5, 10].find((each) => each * power >= least) ?? 10);
}

function escaped(text: string): string {
  const plain = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
  // Characters that XML does not have.
  return plain.replace(/[^\t\n\u0020-\ud7ff\ue000-\ufffd]/g, '\ufffd');
}

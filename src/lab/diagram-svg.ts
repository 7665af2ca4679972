/** A part of a space-time diagram as a picture that needs nothing else: lanes, time from left to right, an arrow a message. */
import type { Millis } from '../core/ids.js';
import {
  type Lanes,
  laneEventKinds,
  laneSpanKinds,
  lowerBound,
  messageFates,
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
  /** Where the last label in each lane ends, above it and below. */
  readonly #labelled: [number, number][];

  constructor(lanes: Lanes, part: SvgPart) {
    this.#lanes = lanes;
    this.#part = part;
    this.#labelled = lanes.names.map(() => [0, 0]);
  }

  lines(): string[] {
    const events = this.#events();
    const shown = events.slice(0, drawnMax);
    const left = events.length - shown.length;
    return [
      ...this.#axis(),
      ...this.#lanes.names.map((name, lane) => laneLine(name, lane)),
      ...this.#spans(),
      ...this.#messages(new Set(shown)),
      ...shown.flatMap((event) => this.#event(event)),
      ...(left > 0 ? [words(width / 2, 40, `${left} more events are left out`, colours.lost)] : []),
    ];
  }

  #events(): number[] {
    const { events } = this.#lanes;
    const { fromMs, toMs, slice } = this.#part;
    const isShown = (event: number): boolean => {
      const atMs = events.atMs[event] as number;
      return atMs >= fromMs && atMs <= toMs;
    };
    if (slice !== null) return Array.from(slice).filter(isShown);
    const first = lowerBound(events.atMs, fromMs);
    const last = lowerBound(events.atMs, toMs + 1e-9);
    return Array.from({ length: last - first }, (_, at) => first + at);
  }

  #x(atMs: Millis): number {
    const { fromMs, toMs } = this.#part;
    const share = (atMs - fromMs) / Math.max(toMs - fromMs, 1e-6);
    return left + Math.min(1, Math.max(0, share)) * (width - left - right);
  }

  #axis(): string[] {
    const { fromMs, toMs } = this.#part;
    const stepMs = niceStep((toMs - fromMs) / 8);
    const bottom = top + this.#lanes.names.length * laneHeight;
    const lines: string[] = [];
    for (let nth = Math.ceil(fromMs / stepMs); nth * stepMs <= toMs && lines.length < 60; nth++) {
      const x = this.#x(nth * stepMs);
      const text = `${Number((nth * stepMs).toPrecision(9))} ms`;
      lines.push(
        `<path d="M${place(x)} ${top - 6}V${bottom}" stroke="${colours.line}" stroke-dasharray="1 4"/>`,
        words(x, top - 12, text, colours.muted, 'middle'),
      );
    }
    return lines;
  }

  #spans(): string[] {
    const { spans, events } = this.#lanes;
    const { fromMs, toMs } = this.#part;
    const lines: string[] = [];
    for (let span = 0; span < spans.count && lines.length < drawnMax; span++) {
      const kind = laneSpanKinds[spans.kind[span] as number] ?? 'down';
      const beginMs = events.atMs[spans.begin[span] as number] as number;
      const endMs = events.atMs[spans.end[span] as number] ?? Number.POSITIVE_INFINITY;
      if (kind === 'undurable' || endMs < fromMs || beginMs > toMs) continue;
      const [x, end] = [this.#x(beginMs), this.#x(endMs)];
      const row = Math.min(spans.row[span] as number, 3);
      const y = laneY(spans.lane[span] as number) - 8 + (kind === 'down' ? 0 : 6 * row - 12);
      const fill = { operation: '#dcedf8', down: '#e3e3e3', fault: '#fde6da' }[kind];
      const size = `width="${place(Math.max(2, end - x))}" height="${kind === 'down' ? 16 : 5}"`;
      lines.push(`<rect x="${place(x)}" y="${place(y)}" ${size} fill="${fill}"/>`);
    }
    return lines;
  }

  #messages(shown: ReadonlySet<number>): string[] {
    const { messages, events, types } = this.#lanes;
    const { slice, toMs, fromMs } = this.#part;
    const lines: string[] = [];
    for (let message = 0; message < messages.count && lines.length < drawnMax; message++) {
      const [sent, taken] = [
        messages.sent[message] as number,
        messages.delivered[message] as number,
      ];
      const sentMs = events.atMs[sent] as number;
      const endMs = messages.endMs[message] as number;
      if (sentMs > toMs) break;
      if (endMs < fromMs || !(shown.has(sent) || shown.has(taken))) continue;
      const isLost = messageFates[messages.fate[message] as number] === 'lost';
      if (slice !== null && !isLost && !(shown.has(sent) && shown.has(taken))) continue;
      const type = messages.type[message] as number;
      const colour = isLost ? colours.lost : (ofMessages[type % ofMessages.length] ?? '');
      const title = `${types[type]} at ${sentMs.toFixed(3)} ms`;
      lines.push(this.#arrow(message, [sentMs, endMs], { isLost, colour, title }));
    }
    return lines;
  }

  #arrow(
    message: number,
    [sentMs, endMs]: readonly [Millis, Millis],
    { isLost, colour, title }: { isLost: boolean; colour: string; title: string },
  ): string {
    const { from, to } = this.#lanes.messages;
    const [x, y] = [this.#x(sentMs), laneY(from[message] as number)];
    const whole = laneY(to[message] as number) - y;
    // What is lost does not arrive.
    const [endX, endY] = isLost
      ? [Math.max(this.#x(endMs), x + 14), y + 0.55 * whole]
      : [this.#x(endMs), y + whole];
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
    const [x, y] = [this.#x(events.atMs[event] as number), laneY(lane)];
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

/**
 * A space-time diagram in text: a column a node and one for the clients, time downwards, an arrow a message.
 *
 *        ms  clients          n1               n2
 *      3.18     ●───put a 2───▶│                │
 *      3.40     │              ●──replicate 2─▶│
 *      3.52     │◀────done─────●                │
 *
 * Signs of life are left out, and so is what has just been said and done already.
 */
import type { Millis, NodeId } from '../core/ids.js';
import { eventText } from '../core/protocol-event.js';
import { printable } from '../core/show.js';
import type { TraceEvent, TypedData } from '../core/trace-event.js';
import { Around } from './around.js';
import { isAbout } from './keys.js';
import { operationLabel, resultLabel, signsOfLife, typedLabel } from './labels.js';
import { type KnownEvent, Recall } from './recall.js';
import { cut } from './text.js';

export interface DiagramOptions {
  /** Columns of the output. */
  readonly width: number;
  /** What it is about: the operations on this key, and what had a part in them; `null`: all that happened. */
  readonly key: string | null;
  /** Shows all rows there are. */
  readonly whole?: boolean;
}

/** More nobody reads: how it begins and how it ends. */
const firstRowsMax = 20;
const lastRowsMax = 60;
const timeChars = 9;
const clients = 'clients';

/** In an order in which causes come first. Lines without their ends. */
export function diagramOf(events: readonly TraceEvent[], options: DiagramOptions): string[] {
  const slice = untilTheEnd(sliceOf(events, options.key));
  const nodes = [...new Set(slice.filter(hasNode).map(({ event: { node } }) => node))].sort(byName);
  const columns = [clients, ...nodes];
  const pitch = Math.max(8, Math.floor((options.width - timeChars - 2) / columns.length));
  const canvas = new Canvas(columns, pitch, options.width);
  const beginMs = events[0]?.atMs ?? 0;
  const draw = (known: KnownEvent) => rowOf(known, canvas, known.event.atMs - beginMs, options.key);
  const rows = folded(slice.flatMap(draw), canvas);
  const left = rows.length - firstRowsMax - lastRowsMax;
  if (left <= 0 || options.whole) return [canvas.heading(), ...rows];
  const leftOut = `… ${left} rows are left out`;
  return [canvas.heading(), ...rows.slice(0, firstRowsMax), leftOut, ...rows.slice(-lastRowsMax)];
}

interface Row {
  readonly text: string;
  /** What it shows but for the time; `null`: it is never like one before. */
  readonly sign: string | null;
}

/** What has been shown since the last row that is like no other is said by a number. */
function folded(rows: readonly Row[], canvas: Canvas): string[] {
  const shown: string[] = [];
  let signs = new Set<string>();
  let alike: string[] = [];
  const unfold = (): void => {
    if (alike.length > 1) shown.push(canvas.note(`⋮ ${alike.length} more like these`));
    else shown.push(...alike);
    alike = [];
  };
  for (const { text, sign } of rows) {
    if (sign !== null && signs.has(sign)) {
      alike.push(text);
      continue;
    }
    unfold();
    shown.push(text);
    if (sign === null) signs = new Set();
    else signs.add(sign);
  }
  unfold();
  return shown;
}

const byName = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true });

const hasNode = ({ event: { data } }: KnownEvent): boolean =>
  data.type !== 'fault' && data.type !== 'violation';

/** What is shown: what operations on the key have to do with, and what was broken once they had begun. */
function sliceOf(events: readonly TraceEvent[], key: string | null): KnownEvent[] {
  const recall = new Recall();
  const known = events.map((event) => recall.take(event));
  const shown = known.filter(({ event: { data } }) => drawn.has(data.type));
  // Before anybody asks for anything or breaks anything, nodes do what they always do.
  const begun = shown.slice(Math.max(0, shown.findIndex(begins)));
  if (key === null) return begun;
  const about = shown.filter((each) => each.event.data.type === 'call' && isAbout(each, key));
  const around = new Around(key);
  for (const each of known) around.find(each);
  const [first] = about;
  if (first === undefined) return begun;
  return begun.filter((each) => {
    const { type } = each.event.data;
    // What was lost only its sender knows of, and it may be what was missing.
    if (type === 'lost' && each.event.atMs >= first.event.atMs) return true;
    return rare.has(type) || (around.takes(each) && (type === 'delivered' || isAbout(each, key)));
  });
}

const begins = ({ event: { data } }: KnownEvent): boolean =>
  data.type === 'call' || data.type === 'fault';

/** That the cluster is taken down at the end is no part of it. */
function untilTheEnd(slice: readonly KnownEvent[]): readonly KnownEvent[] {
  const last = slice.findLastIndex(({ event: { data } }) => {
    const isOver = data.type === 'stop' && (data.why === null || data.why === 'kill');
    return !isOver && !(data.type === 'fault' && data.change === 'end');
  });
  return slice.slice(0, last + 1);
}

/** Of no key, and rare. */
const rare: ReadonlySet<string> = new Set(['start', 'stop', 'fault', 'violation', 'tell']);
const drawn: ReadonlySet<string> = new Set([
  ...['call', 'return', 'delivered', 'lost', 'persist'],
  ...rare,
]);

function rowOf(
  { event, typed }: KnownEvent,
  canvas: Canvas,
  ms: Millis,
  key: string | null,
): readonly Row[] {
  const { node, data } = event;
  const only = (text: string): readonly Row[] => [{ text, sign: null }];
  const arrow = (from: NodeId, to: NodeId, message: TypedData | null, head?: '✗') => {
    if (signsOfLife.has(message?.type ?? '')) return [];
    const label = message === null ? '' : typedLabel(message, key);
    const text = canvas.arrow(ms, [from, to], label, { short: message?.type ?? '', head });
    return [{ text, sign: `${from} ${to} ${label} ${head}` }];
  };
  switch (data.type) {
    case 'call':
      return only(canvas.arrow(ms, [clients, node], operationLabel(data.operation)));
    case 'return':
      return only(canvas.arrow(ms, [node, clients], resultLabel(data.result)));
    case 'delivered':
      return arrow(data.from, node, data.message);
    case 'lost':
      return arrow(node, data.to, typed, '✗');
    case 'persist': {
      const what = `writes ${typedLabel(data.record, key)}`;
      return [{ text: canvas.mark(ms, node, what), sign: `${node} ${what}` }];
    }
    case 'tell': {
      const what = eventText(data.event);
      return [{ text: canvas.mark(ms, node, what, '◆'), sign: `${node} ${what}` }];
    }
    case 'start':
      return only(canvas.mark(ms, node, 'starts'));
    case 'stop':
      return only(canvas.mark(ms, node, `stops: ${data.why ?? 'in good order'}`));
    case 'fault':
      return canvas
        .bar(ms, data.change === 'begin' ? data.fault.words : `no more: ${data.fault.words}`)
        .flatMap(only);
    case 'violation':
      return canvas.bar(ms, `${data.check}: ${data.message}`).flatMap(only);
    default:
      return [];
  }
}

/** Rows of characters, each with the life lines of all columns. */
class Canvas {
  readonly #places: ReadonlyMap<string, number>;
  readonly #width: number;

  constructor(columns: readonly string[], pitch: number, width: number) {
    this.#places = new Map(
      columns.map((name, at) => [name, timeChars + 2 + at * pitch + (pitch >> 1)]),
    );
    this.#width = width;
  }

  heading(): string {
    const row = this.#blank('ms'.padStart(timeChars));
    for (const [name, at] of this.#places) put(row, at - (name.length >> 1), name);
    return this.#line(row);
  }

  /** `short`: where there is no room for the label; `head`: what becomes of it. */
  arrow(
    ms: Millis,
    [from, to]: readonly [NodeId, NodeId],
    label: string,
    { short = label, head }: { readonly short?: string; readonly head?: '✗' | undefined } = {},
  ): string {
    const row = this.#row(ms);
    const [begin = 0, end = 0] = [this.#places.get(from), this.#places.get(to)];
    const [left, right] = [Math.min(begin, end), Math.max(begin, end)];
    for (let at = left + 1; at < right; at++) row[at] = '─';
    const room = right - left - 4;
    if (room > 0) {
      const text = cut(printable(label.length > room ? short : label), room);
      put(row, left + 2 + ((room - text.length) >> 1), text);
    }
    row[begin] = '●';
    const isRight = end > begin;
    row[isRight ? end - 1 : end + 1] = head ?? (isRight ? '▶' : '◀');
    return this.#line(row);
  }

  mark(ms: Millis, node: NodeId, text: string, sign: '■' | '◆' = '■'): string {
    const row = this.#row(ms);
    const at = this.#places.get(node) ?? 0;
    row[at] = sign;
    const shown = printable(text);
    // To its left where there is no room to its right.
    const isRight = at + 2 + shown.length <= this.#width;
    const from = isRight ? at + 2 : Math.max(timeChars + 1, at - 1 - shown.length);
    put(row, from, isRight ? shown : cut(shown, at - 1 - from));
    return this.#line(row);
  }

  /** Of nobody in particular; on as many lines as it takes. */
  bar(ms: Millis, text: string): string[] {
    return linesOf(printable(text), this.#width - timeChars - 8).map((line, at) => {
      const row = this.#blank(at === 0 ? timeText(ms) : '');
      put(row, timeChars + 2, `░░ ${line} ░░`);
      return this.#line(row);
    });
  }

  /** Of what is not drawn. */
  note(text: string): string {
    const row = this.#blank('');
    put(row, this.#places.get(clients) ?? 0, text);
    return this.#line(row);
  }

  #row(ms: Millis): string[] {
    const row = this.#blank(timeText(ms));
    for (const at of this.#places.values()) row[at] = '│';
    return row;
  }

  #blank(begin: string): string[] {
    const row = Array.from({ length: this.#width }, () => ' ');
    put(row, 0, begin);
    return row;
  }

  #line(row: readonly string[]): string {
    return row.slice(0, this.#width).join('').trimEnd();
  }
}

const timeText = (ms: Millis): string => ms.toFixed(2).padStart(timeChars);

function put(row: string[], at: number, text: string): void {
  for (const [nth, character] of [...text].entries()) row[at + nth] = character;
}

/** Broken at blanks; a word that is longer is cut. */
function linesOf(text: string, charsMax: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > charsMax)
      lines.push(cut(word, charsMax));
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

/**
 * A space-time diagram in text: a column a node and one for the clients, time downwards, an arrow a message.
 *
 *        ms  clients          n1               n2
 *      3.18     ●───put a 2───▶│                │
 *      3.40     │              ●────replicate──▶│
 *      3.52     │◀────done─────●                │
 */
import type { Millis, NodeId } from '../core/ids.js';
import type { ClientResult, Operation } from '../core/operation.js';
import { printable } from '../core/show.js';
import type { TraceEvent } from '../core/trace-event.js';
import { decodeUtf8 } from '../core/utf8.js';
import { Around } from './around.js';
import { isAbout } from './keys.js';
import { type KnownEvent, Recall } from './recall.js';

export interface DiagramOptions {
  /** Columns of the output. */
  readonly width: number;
  /** What it is about: the operations on this key, and what had a part in them; `null`: all that happened. */
  readonly key: string | null;
}

/** More nobody reads. */
const rowsMax = 80;
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
  const rows = slice.flatMap((known) => rowOf(known, canvas, known.event.atMs - beginMs));
  const left = rows.length - rowsMax;
  const leftOut = left > 0 ? [`… ${left} earlier rows are left out`] : [];
  return [canvas.heading(), ...leftOut, ...rows.slice(-rowsMax)];
}

const byName = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true });

const hasNode = ({ event: { data } }: KnownEvent): boolean =>
  data.type !== 'fault' && data.type !== 'violation';

/** What is shown: what operations on the key have to do with, and what was broken once they had begun. */
function sliceOf(events: readonly TraceEvent[], key: string | null): KnownEvent[] {
  const recall = new Recall();
  const known = events.map((event) => recall.take(event));
  const shown = known.filter(({ event: { data } }) => drawn.has(data.type));
  if (key === null) return shown;
  const about = shown.filter((each) => each.event.data.type === 'call' && isAbout(each, key));
  const around = new Around(key);
  for (const each of known) around.find(each);
  const [first] = about;
  if (first === undefined) return shown;
  const beginMs = first.event.atMs;
  return shown.filter((each) => {
    const { type } = each.event.data;
    if (type === 'fault') return true;
    if (type === 'start' || type === 'stop' || type === 'violation')
      return each.event.atMs >= beginMs;
    return around.takes(each) && (type === 'delivered' || isAbout(each, key));
  });
}

/** That the cluster is taken down at the end is no part of it. */
function untilTheEnd(slice: readonly KnownEvent[]): readonly KnownEvent[] {
  const last = slice.findLastIndex(({ event: { data } }) => {
    const isOver = data.type === 'stop' && (data.why === null || data.why === 'kill');
    return !isOver && !(data.type === 'fault' && data.change === 'end');
  });
  return slice.slice(0, last + 1);
}

const drawn: ReadonlySet<string> = new Set([
  ...['call', 'return', 'delivered', 'lost', 'persist', 'start', 'stop', 'fault', 'violation'],
]);

function rowOf({ event, typed }: KnownEvent, canvas: Canvas, ms: Millis): string[] {
  const { node, data } = event;
  switch (data.type) {
    case 'call':
      return [canvas.arrow(ms, clients, node, operationText(data.operation))];
    case 'return':
      return [canvas.arrow(ms, node, clients, resultText(data.result))];
    case 'delivered':
      return [canvas.arrow(ms, data.from, node, data.message.type)];
    case 'lost':
      return [canvas.arrow(ms, node, data.to, typed?.type ?? '', '✗')];
    case 'persist':
      return [canvas.mark(ms, node, `writes ${data.record.type}`)];
    case 'start':
      return [canvas.mark(ms, node, 'starts')];
    case 'stop':
      return [canvas.mark(ms, node, `stops: ${data.why ?? 'in good order'}`)];
    case 'fault':
      return [
        canvas.bar(ms, data.change === 'begin' ? data.fault.words : `no more: ${data.fault.words}`),
      ];
    case 'violation':
      return [canvas.bar(ms, `${data.check}: ${data.message}`)];
    default:
      return [];
  }
}

function operationText(operation: Operation): string {
  const { type, ...fields } = operation;
  const { key, expected, value } = fields as Readonly<Record<string, unknown>>;
  return [type, ...[key, expected, value].filter((each) => each !== undefined).map(plain)].join(
    ' ',
  );
}

function resultText(result: ClientResult): string {
  if (result.type === 'value') return plain(result.value);
  return result.type === 'error' ? result.code : result.type;
}

/** Keys and values as they are, also as a file of events has them. */
function plain(value: unknown): string {
  if (value === null) return 'absent';
  if (value instanceof Uint8Array) return decodeUtf8(value) ?? `${value.length} bytes`;
  return typeof value === 'string' ? value : JSON.stringify(value);
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

  /** `head`: what becomes of it. */
  arrow(ms: Millis, from: NodeId, to: NodeId, label: string, head?: '✗'): string {
    const row = this.#row(ms);
    const [begin = 0, end = 0] = [this.#places.get(from), this.#places.get(to)];
    const [left, right] = [Math.min(begin, end), Math.max(begin, end)];
    for (let at = left + 1; at < right; at++) row[at] = '─';
    const room = right - left - 4;
    if (room > 0) {
      const text = cut(printable(label), room);
      put(row, left + 2 + ((room - text.length) >> 1), text);
    }
    row[begin] = '●';
    const isRight = end > begin;
    row[isRight ? end - 1 : end + 1] = head ?? (isRight ? '▶' : '◀');
    return this.#line(row);
  }

  mark(ms: Millis, node: NodeId, text: string): string {
    const row = this.#row(ms);
    const at = this.#places.get(node) ?? 0;
    row[at] = '■';
    const shown = printable(text);
    // To its left where there is no room to its right.
    const isRight = at + 2 + shown.length <= this.#width;
    const from = isRight ? at + 2 : Math.max(timeChars + 1, at - 1 - shown.length);
    put(row, from, isRight ? shown : cut(shown, at - 1 - from));
    return this.#line(row);
  }

  /** Of nobody in particular. */
  bar(ms: Millis, text: string): string {
    const row = this.#blank(timeText(ms));
    put(row, timeChars + 2, `░░ ${cut(printable(text), this.#width - timeChars - 8)} ░░`);
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

const cut = (text: string, charsMax: number): string =>
  text.length <= charsMax ? text : `${text.slice(0, Math.max(0, charsMax - 1))}…`;

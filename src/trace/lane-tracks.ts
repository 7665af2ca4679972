/** What a {@link LanesBuilder} keeps of what is under way. */

import { GrowingTable } from '../core/growing-table.js';
import { lowerBound } from '../core/lookup.js';
import { noEvent } from './lanes.js';
import type { KnownCall } from './recall.js';

/** So many texts a column of 16 bits can name. */
export const wordsMax = 0x10000;
/** And so many are kept for what is rare, where values take all others. */
const wordsKept = 0x1000;
const rowsMax = 256;

/** What is known of a node, or of a track like one. */
export class Track {
  /** In the order in which tracks were met. */
  readonly lane: number;
  /** Its messages: the number of each among its events, and that among all messages. */
  readonly sent = new GrowingTable({ own: Uint32Array, message: Uint32Array });
  /** By the number of the request: the call, and its span. */
  readonly calls = new Map<number, KnownCall & { readonly span: number }>();
  lastEvent = noEvent;
  /** The span since it stopped. */
  down: number | null = null;
  /** Records of this start. */
  appended = 0;
  undurableSpan: number | null = null;

  constructor(lane: number) {
    this.lane = lane;
  }

  messageOf(own: number): number {
    const { rows, count } = this.sent;
    const at = lowerBound(rows.own, own, count);
    return at < count && rows.own[at] === own ? (rows.message[at] as number) : noEvent;
  }
}

/** Rows for what overlaps. */
export class FreeRows {
  readonly #isTaken: boolean[] = [];

  take(): number {
    const at = this.#isTaken.indexOf(false);
    const row = Math.min(rowsMax - 1, at < 0 ? this.#isTaken.length : at);
    this.#isTaken[row] = true;
    return row;
  }

  give(row: number): void {
    this.#isTaken[row] = false;
  }
}

/** Texts by number. Once all but `wordsKept` are taken, only what is rare gets new ones. */
export class LaneWords {
  readonly list: string[] = [''];
  readonly #numbers = new Map<string, number>([['', 0]]);
  readonly #max: number;

  constructor(max: number) {
    this.#max = max;
  }

  /** Of the first of these that it has or has room for. */
  numberOf(text: string, isRare: boolean, instead = ''): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    const room = this.#max - this.list.length - (isRare ? 0 : wordsKept);
    if (room <= 0) return text === instead ? 0 : this.numberOf(instead, true, instead);
    this.#numbers.set(text, this.list.length);
    return this.list.push(text) - 1;
  }
}

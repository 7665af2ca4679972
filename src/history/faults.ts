/** What was broken on purpose while clients asked: the events of the nemesis, as Jepsen calls who breaks it, made spans. */

import { told } from './told.js';

export interface FaultSpan {
  /** What was done, as the history has it: `fault partition n1/n2,n3`, `start-partition majority`. */
  readonly words: string;
  /** Whose doing: `user`, `nemesis halves`; `null` when the history does not say. */
  readonly by: string | null;
  /** By the history's clock. An event of which nobody knows how long its effect lasted ends when it had been done. */
  readonly beganAt: number;
  /** Infinity: not while clients were asking. */
  readonly endedAt: number;
  /** The line in which it begins. */
  readonly line: number;
}

/** A line of the nemesis as its format has it, which may be anything. */
export interface NemesisFields {
  readonly f?: unknown;
  readonly value?: unknown;
  readonly time?: unknown;
  /** Tells which end belongs to which beginning; only kvx says it. */
  readonly fault?: unknown;
  readonly by?: unknown;
}

interface NemesisEvent {
  readonly f: string;
  /** What of; may be empty. */
  readonly value: string;
  readonly time: number;
  readonly by: string | null;
}

/** As it is written. */
export interface NemesisLine extends NemesisFields {
  readonly process: 'nemesis';
  readonly type: 'info';
  readonly f: 'start' | 'stop';
  readonly value: string;
  readonly time: number;
  readonly fault: number | string;
  readonly by: string | undefined;
}

/** What somebody breaks while clients are recorded; its end has the same id. */
export interface RecordedFault extends Pick<FaultSpan, 'words' | 'by'> {
  readonly id: number | string;
}

/** Who is told of them when they begin and end. */
export interface FaultListener {
  faultBegan(fault: RecordedFault): void;
  faultEnded(fault: RecordedFault): void;
}

/** As people call it: `partition n1/n2,n3`, `n2 paused`. */
export function faultTitle(words: string): string {
  const [, how, nodes] = /^node (kill|pause) +(.+)$/.exec(words) ?? [];
  if (nodes !== undefined) return `${nodes} ${how === 'kill' ? 'killed' : 'paused'}`;
  return words.replace(/^fault /, '');
}

/** Each is told twice, which Jepsen's tools count on: before it is done, and after. */
export const nemesisLine = (
  f: NemesisLine['f'],
  { id, words, by }: RecordedFault,
  time: number,
): NemesisLine => ({
  ...{ process: 'nemesis', type: 'info', f, value: words, time, fault: id, by: by ?? undefined },
});

/** Past it no more are kept: what clients saw is judged all the same. */
const spansMax = 100_000;

type Growing = { -readonly [Field in keyof FaultSpan]: FaultSpan[Field] };

interface Told {
  readonly f: string;
  readonly begun: Growing | null;
  readonly ended: readonly Growing[];
}

/** What Jepsen's nemeses begin, and by what it is ended; besides, `start-…` by `stop-…`. */
const endings: ReadonlyMap<string, string> = new Map(
  Object.entries({
    ...{ start: 'stop', kill: 'start', pause: 'resume', 'bump-clock': 'reset-clock' },
    ...{ isolate: 'heal', partition: 'heal' },
  }),
);
const endingOf = (f: string): string | null =>
  f.startsWith('start-') ? f.replace('start', 'stop') : (endings.get(f) ?? null);
const onlyEnds = (f: string): boolean =>
  f.startsWith('stop-') || ['stop', 'resume', 'reset-clock', 'heal'].includes(f);

/**
 * Spans from events. Those without an id are read as Jepsen's nemeses write them: each twice, before it is done and after,
 * and an end ends all that it can. A span reaches from before its beginning to after its end, for nobody knows when in
 * between. What is not known to last, lasts for as long as it took to do.
 */
export class FaultSpans {
  readonly #spans: Growing[] = [];
  /** The last of each id. */
  readonly #byId = new Map<string, Growing>();
  /** What has not ended, by what will end it. */
  readonly #open = new Map<string, Growing[]>();
  #wasHealed = false;
  #lastTime = 0;
  /** The event that will be told once more. */
  #told: Told | null = null;

  /** Refuses nothing. `now`: when a client last said something; no clock goes back. */
  take(fields: NemesisFields, now: number, line: number): void {
    const f = told(fields.f).replace(/^:/, '');
    if (f === '') return;
    const given = Number.isSafeInteger(fields.time) ? (fields.time as number) : now;
    const time = Math.max(this.#lastTime, now, given);
    this.#lastTime = time;
    const by = typeof fields.by === 'string' ? fields.by : null;
    const event = { f, value: told(fields.value), time, by };
    const id = told(fields.fault);
    if (id !== '') this.#takeNumbered(event, id, line);
    else if (this.#told?.f === f) this.#takeAgain(event, this.#told);
    else this.#takeFirst(event, line);
  }

  finish(): readonly FaultSpan[] {
    // Where nodes are killed, `start` starts them; and where nothing is ever healed, nobody says how long it was broken.
    const unsure = [this.#open.has('start') ? 'stop' : '', this.#wasHealed ? '' : 'heal'];
    for (const span of unsure.flatMap((ending) => this.#open.get(ending) ?? [])) {
      span.endedAt = span.beganAt;
    }
    return this.#spans.map((span) => ({ ...span }));
  }

  #takeNumbered(event: NemesisEvent, id: string, line: number): void {
    const last = this.#byId.get(id);
    if (event.f === 'stop') {
      if (last !== undefined) last.endedAt = event.time;
    } else if (last?.endedAt !== Number.POSITIVE_INFINITY) {
      const span = this.#begin(event, line);
      if (span !== null) this.#byId.set(id, span);
    }
  }

  #takeAgain(event: NemesisEvent, { begun, ended }: Told): void {
    for (const span of ended) span.endedAt = event.time;
    if (begun !== null && event.value !== '') begun.words = wordsOf(event);
    this.#told = null;
  }

  #takeFirst(event: NemesisEvent, line: number): void {
    const { f, time } = event;
    const open = this.#open.get(f);
    if (open !== undefined || onlyEnds(f)) {
      for (const span of open ?? []) span.endedAt = time;
      if (open !== undefined) this.#open.set(f, []);
      this.#wasHealed ||= f === 'heal';
      this.#told = { f, begun: null, ended: open ?? [] };
      return;
    }
    const begun = this.#begin(event, line);
    const ending = endingOf(f);
    this.#told = { f, begun, ended: begun === null || ending !== null ? [] : [begun] };
    if (begun === null) return;
    if (ending === null) begun.endedAt = time;
    else if (this.#open.get(ending)?.push(begun) === undefined) this.#open.set(ending, [begun]);
  }

  #begin(event: NemesisEvent, line: number): Growing | null {
    if (this.#spans.length === spansMax) return null;
    const { by, time: beganAt } = event;
    const span = { words: wordsOf(event), by, beganAt, endedAt: Number.POSITIVE_INFINITY, line };
    this.#spans.push(span);
    return span;
  }
}

/** That something starts goes without saying. */
function wordsOf({ f, value }: NemesisEvent): string {
  const words = `${f === 'start' ? '' : f.replace(/^start-/, '')} ${value}`.trim();
  return words === '' ? f : words;
}

/** All lines of the nemesis in the order of their times, beginnings first. */
export function nemesisLines(spans: readonly FaultSpan[]): NemesisLine[] {
  const lines = spans.flatMap((span, at) => {
    const fault = { id: at + 1, ...span };
    const begin = nemesisLine('start', fault, span.beganAt);
    const end = nemesisLine('stop', fault, span.endedAt);
    return [begin, begin, ...(Number.isFinite(span.endedAt) ? [end, end] : [])];
  });
  return lines.sort((a, b) => a.time - b.time || Number(a.f === 'stop') - Number(b.f === 'stop'));
}

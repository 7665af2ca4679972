/** Where the player may stop: by kinds of stop, and what comes next. */
import { partitionPoint } from '../../core/lookup.js';
import type { Recording } from '../../lab/recording.js';
import { laneEventKinds } from '../../trace/lanes.js';

export const stopKinds = ['event', 'message', 'verdict'] as const;
export type StopKind = (typeof stopKinds)[number];

const messageKinds = ['sent', 'delivered'].map((kind) =>
  laneEventKinds.indexOf(kind as (typeof laneEventKinds)[number]),
);

type OfStops = Pick<Recording, 'lanes' | 'falls' | 'failure'>;

export class Stops {
  readonly #count: number;
  readonly #messages: readonly number[];
  readonly #verdicts: readonly number[];

  constructor({ lanes: { events }, falls, failure }: OfStops) {
    this.#count = events.count;
    const messages: number[] = [];
    for (let event = 0; event < events.count; event++) {
      if (messageKinds.includes(events.kind[event] as number)) messages.push(event);
    }
    this.#messages = messages;
    const verdicts = new Set(falls.map(({ event }) => event));
    // The script's own comes at its end.
    if (failure !== null) verdicts.add(events.count - 1);
    this.#verdicts = [...verdicts].sort((a, b) => a - b);
  }

  /** The event to stop at next, from this one (-1: before all); `null`: there is none. */
  next(kind: StopKind, from: number, direction: 1 | -1): number | null {
    if (kind === 'event') {
      const to = from + direction;
      return to < -1 || to >= this.#count ? null : to;
    }
    const stops = kind === 'message' ? this.#messages : this.#verdicts;
    const place = partitionPoint(stops.length, (at) => (stops[at] as number) <= from);
    if (direction === 1) return stops[place] ?? null;
    const isAt = stops[place - 1] === from;
    return stops[place - (isAt ? 2 : 1)] ?? null;
  }
}

/** How many lines the script has printed by the time of this event. */
export const shownOutput = (output: Recording['output'], cursor: number): number =>
  partitionPoint(
    output.length,
    (at) => (output[at] as Recording['output'][number]).event <= cursor + 1,
  );

/** One line of a history, whatever its format: an operation begins, or ends. */
import { type Kind, kinds, type Outcome, outcomes, type Step, unsaid } from './history.js';

/** `invoke`, or what came of it. */
export const eventTypes = ['invoke', ...outcomes] as const;
export type EventType = (typeof eventTypes)[number];

export const eventType = { invoke: 0, ok: 1, fail: 2, info: 3 } as const satisfies Record<
  EventType,
  number
>;

export const kindCode = Object.fromEntries(kinds.map((kind, code) => [kind, code])) as Readonly<
  Record<Kind, number>
>;

export const outcomeCode = Object.fromEntries(
  outcomes.map((outcome, code) => [outcome, code]),
) as Readonly<Record<Outcome, number>>;

/** One object that every line in turn is read into, since there may be millions. Ids are those of the builder's tables. */
export interface Event {
  process: number;
  /** Of {@link eventType}. */
  type: number;
  /** Of {@link kindCode}. */
  kind: number;
  key: number;
  /** What a write writes, or a get returned; `unsaid` where the line has no value. */
  value: number;
  /** What a cas expects. */
  expected: number;
  /** What a conditional write that was refused says it met. */
  actual: number;
  /** Nanoseconds. */
  time: number;
  node: number;
  session: number;
  versionStamp: number;
  versionNode: number;
  /** Of a transaction; `null` where the line has none. */
  steps: Step[] | null;
}

export const newEvent = (): Event => ({
  process: 0,
  type: 0,
  kind: 0,
  key: unsaid,
  value: unsaid,
  expected: unsaid,
  actual: unsaid,
  time: 0,
  node: unsaid,
  session: unsaid,
  versionStamp: Number.NaN,
  versionNode: unsaid,
  steps: null,
});

/** Forgets the line before, but for what every line must say. */
export function clearEvent(event: Event): void {
  event.key = unsaid;
  event.value = unsaid;
  event.expected = unsaid;
  event.actual = unsaid;
  event.node = unsaid;
  event.session = unsaid;
  event.versionStamp = Number.NaN;
  event.versionNode = unsaid;
  event.steps = null;
}

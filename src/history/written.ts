/** A history as the lines of a file, whatever its format. */
import { type EventType, eventTypes } from './event.js';
import {
  absent,
  type History,
  type Kind,
  kinds,
  type Outcome,
  outcomes,
  type Step,
  unsaid,
} from './history.js';
import { momentsOf } from './order.js';

type Text = string | null;

export interface WrittenStep {
  readonly f: Step['f'];
  readonly key: string;
  readonly value: Text | readonly Text[];
}

/** What is `undefined` is not said. */
export interface WrittenLine {
  readonly process: number;
  readonly type: EventType;
  readonly f: Kind;
  readonly key: string | undefined;
  /** What was or will be written, or was read; of a cas both values. */
  readonly value: Text | readonly [expected: Text, value: Text] | readonly WrittenStep[];
  readonly time: number;
  readonly actual: Text | undefined;
  readonly node: string | undefined;
  readonly session: string | undefined;
  readonly version: { readonly stamp: number; readonly node: string } | undefined;
}

/** Reading them gives the history again, but for the numbers of its lines and the ids of its names. */
export function* writtenLines(history: History): Generator<WrittenLine> {
  for (const { operation, isReturn, time } of momentsOf(history)) {
    yield isReturn ? returnLine(history, operation, time) : invokeLine(history, operation, time);
  }
}

function invokeLine(history: History, at: number, time: number): WrittenLine {
  return {
    ...commonOf(history, at, time),
    type: eventTypes[0],
    value: spokenValue(history, at, null),
    actual: undefined,
    node: undefined,
    session: nameOf(history.sessions, history.session[at]),
    version: undefined,
  };
}

function returnLine(history: History, at: number, time: number): WrittenLine {
  const outcome = outcomes[history.outcome[at] as number] as Outcome;
  const isRead = kinds[history.kind[at] as number] === 'get';
  const seen = history.seen[at] as number;
  const versionNode = nameOf(history.nodes, history.versionNode[at]);
  return {
    ...commonOf(history, at, time),
    type: outcome,
    value: spokenValue(history, at, outcome),
    actual: isRead || seen === unsaid ? undefined : textOf(history, seen),
    node: nameOf(history.nodes, history.node[at]),
    session: undefined,
    version:
      versionNode === undefined
        ? undefined
        : { stamp: history.versionStamp[at] as number, node: versionNode },
  };
}

function commonOf(history: History, at: number, time: number) {
  return {
    process: history.process[at] as number,
    f: kinds[history.kind[at] as number] as Kind,
    key: nameOf(history.keys, history.key[at]),
    time,
  };
}

function spokenValue(history: History, at: number, outcome: Outcome | null): WrittenLine['value'] {
  const written = history.written[at] as number;
  switch (kinds[history.kind[at] as number]) {
    case 'get':
      return outcome === 'ok' ? textOf(history, history.seen[at]) : null;
    case 'cas':
      return [textOf(history, history.expected[at]), textOf(history, written)];
    case 'txn':
      return (history.steps.get(at) ?? []).map((step) => stepOf(history, step, outcome));
    default:
      return textOf(history, written);
  }
}

function stepOf(history: History, { f, key, value }: Step, outcome: Outcome | null): WrittenStep {
  const name = history.keys[key] as string;
  if (value === null || (f === 'r' && outcome !== 'ok')) return { f, key: name, value: null };
  if (typeof value === 'number') return { f, key: name, value: textOf(history, value) };
  return { f, key: name, value: value.map((item) => textOf(history, item)) };
}

const textOf = ({ values }: History, id: number | undefined): Text => values[id ?? absent] ?? null;

const nameOf = (names: readonly string[], id: number | undefined): string | undefined =>
  id === undefined || id === unsaid ? undefined : names[id];

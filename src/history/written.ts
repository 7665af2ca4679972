/** A history as the lines of a file, whatever its format. */
import type { EventType } from './event.js';
import { type NemesisLine, nemesisLines } from './faults.js';
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

export type WrittenStep = readonly [f: Step['f'], key: string, value: Text | readonly Text[]];

/** What is `undefined` is not said. The order of the fields is the one that is fastest to read. */
export interface WrittenLine {
  readonly process: number;
  readonly type: EventType;
  readonly f: Kind;
  readonly key: string | undefined;
  /** What was or will be written, or was read; of a cas both values; of a transaction its steps. */
  readonly value: Text | readonly Text[] | readonly WrittenStep[];
  readonly time: number;
  readonly actual: Text | undefined;
  readonly node: string | undefined;
  readonly session: string | undefined;
  readonly version: { readonly stamp: number; readonly node: string } | undefined;
}

/** Reading them gives the history again, but for the numbers of its lines and the ids of its names. */
export function* writtenLines(history: History): Generator<WrittenLine | NemesisLine> {
  const others = nemesisLines(history.faults);
  let next = 0;
  for (const { operation, isReturn, time } of momentsOf(history)) {
    for (let other = others[next]; other !== undefined; other = others[++next]) {
      if (other.time > time || (other.time === time && other.f === 'stop')) break;
      yield other;
    }
    const outcome = outcomes[history.outcome[operation] as number] as Outcome;
    yield lineOf(history, operation, isReturn ? outcome : null, time);
  }
  yield* others.slice(next);
}

/** `outcome`: `null` where it begins. */
function lineOf(history: History, at: number, outcome: Outcome | null, time: number): WrittenLine {
  const f = kinds[history.kind[at] as number] as Kind;
  const seen = outcome === null || f === 'get' ? unsaid : (history.seen[at] as number);
  const versionNode = nameOf(history.nodes, outcome === null ? unsaid : history.versionNode[at]);
  const stamp = history.versionStamp[at] as number;
  return {
    process: history.process[at] as number,
    type: outcome ?? 'invoke',
    f,
    key: nameOf(history.keys, history.key[at]),
    value: spokenValue(history, at, outcome),
    time,
    actual: seen === unsaid ? undefined : textOf(history, seen),
    node: nameOf(history.nodes, outcome === null ? unsaid : history.node[at]),
    session: nameOf(history.sessions, outcome === null ? history.session[at] : unsaid),
    version: versionNode === undefined ? undefined : { stamp, node: versionNode },
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
  if (value === null || (f === 'r' && outcome !== 'ok')) return [f, name, null];
  if (typeof value === 'number') return [f, name, textOf(history, value)];
  return [f, name, value.map((item) => textOf(history, item))];
}

const textOf = ({ values }: History, id: number | undefined): Text => values[id ?? absent] ?? null;

const nameOf = (names: readonly string[], id: number | undefined): string | undefined =>
  id === undefined || id === unsaid ? undefined : names[id];

/** Two runs side by side: where they part, who was answered otherwise, and what is judged otherwise. */

import type { ModelName, Verdict } from '../check/report.js';
import { pushTo } from '../core/lookup.js';
import { absent, type History, kinds, outcomes, unsaid } from '../history/history.js';
import { faultsLane, type Lanes, laneEventKinds } from '../trace/lanes.js';
import type { Recording } from './recording.js';

/** An operation that both runs have, or one of them. */
export interface DifferentAnswer {
  /** `get x`. */
  readonly operation: string;
  /** `1`, `nothing`, `ok`, `failed`, `unknown`; `null`: it was never asked. */
  readonly a: string | null;
  readonly b: string | null;
}

export interface DifferentVerdict {
  readonly model: ModelName;
  readonly a: Verdict | null;
  readonly b: Verdict | null;
}

export interface RunComparison {
  /** The first event of a node or a client that is not the same, in each; `null`: they are the same to the end. */
  readonly parting: {
    /** How many are the same before. */
    readonly alike: number;
    readonly atMs: number;
    /** What happens there: `n2: delivered accept`; `null`: that run is over. */
    readonly a: string | null;
    readonly b: string | null;
  } | null;
  readonly answers: readonly DifferentAnswer[];
  readonly verdicts: readonly DifferentVerdict[];
  /** What the script expected and did not see; `null`: it held. */
  readonly failures: { readonly a: string | null; readonly b: string | null };
}

export function compareRuns(a: Recording, b: Recording): RunComparison {
  return {
    parting: partingOf(a.lanes, b.lanes),
    answers: differentAnswers(answersOf(a.history), answersOf(b.history)),
    verdicts: differentVerdicts(a, b),
    failures: { a: a.failure, b: b.failure },
  };
}

/** What is broken on purpose is what was decided: where that is not the same, nodes still may be. */
function partingOf(a: Lanes, b: Lanes): RunComparison['parting'] {
  let [inA, inB, alike] = [0, 0, 0];
  for (;;) {
    inA = nextOfNodes(a, inA);
    inB = nextOfNodes(b, inB);
    if (!isSameEvent(a, inA, b, inB)) break;
    inA++;
    inB++;
    alike++;
  }
  const [isOverA, isOverB] = [inA >= a.events.count, inB >= b.events.count];
  if (isOverA && isOverB) return null;
  const [first, event] = isOverA ? [b, inB] : [a, inA];
  const atMs = first.beginMs + (first.events.atMs[event] as number);
  return { alike, atMs, a: saidAt(a, inA), b: saidAt(b, inB) };
}

function nextOfNodes({ events, names }: Lanes, from: number): number {
  const faults = names.indexOf(faultsLane);
  let event = from;
  while (event < events.count && events.lane[event] === faults) event++;
  return event;
}

function saidAt(lanes: Lanes, event: number): string | null {
  const { events, names } = lanes;
  if (event >= events.count) return null;
  const kind = laneEventKinds[events.kind[event] as number];
  return `${names[events.lane[event] as number]}: ${kind} ${lanes.labelOf(event)}`.trimEnd();
}

function isSameEvent(a: Lanes, inA: number, b: Lanes, inB: number): boolean {
  if (inA >= a.events.count || inB >= b.events.count) return false;
  const [one, other] = [a.events, b.events];
  return (
    one.atMs[inA] === other.atMs[inB] &&
    one.kind[inA] === other.kind[inB] &&
    a.names[one.lane[inA] as number] === b.names[other.lane[inB] as number] &&
    a.labelOf(inA) === b.labelOf(inB)
  );
}

/** In their order; of those that ask the same, which one it is. */
function answersOf(history: History | null): ReadonlyMap<string, readonly string[]> {
  const answers = new Map<string, string[]>();
  for (let at = 0; at < (history?.count ?? 0); at++) {
    pushTo(answers, operationWords(history as History, at), answerWords(history as History, at));
  }
  return answers;
}

function differentAnswers(
  a: ReadonlyMap<string, readonly string[]>,
  b: ReadonlyMap<string, readonly string[]>,
): DifferentAnswer[] {
  return [...new Set([...a.keys(), ...b.keys()])].flatMap((operation) => {
    const [ofA, ofB] = [a.get(operation) ?? [], b.get(operation) ?? []];
    const count = Math.max(ofA.length, ofB.length);
    return Array.from({ length: count }, (_, nth) => ({
      operation: count === 1 ? operation : `${operation} (${nth + 1})`,
      a: ofA[nth] ?? null,
      b: ofB[nth] ?? null,
    })).filter((each) => each.a !== each.b);
  });
}

/** `put x 1`; of a transaction, its steps. */
export function operationWords(history: History, at: number): string {
  const { keys, kind, key, written, expected, steps } = history;
  const values = [expected[at], written[at]].flatMap((id) =>
    id === undefined || id === unsaid || id === absent ? [] : [valueWords(history, id)],
  );
  const name = keys[key[at] as number];
  const inside = (steps.get(at) ?? []).map((step) =>
    step.f === 'r'
      ? `get ${keys[step.key]}`
      : `${step.f === 'w' ? 'put' : step.f} ${keys[step.key]} ${valueWords(history, step.value)}`,
  );
  const words = [kinds[kind[at] as number], name, ...values, inside.join(', ')];
  return words.filter((word) => word !== undefined && word !== '').join(' ');
}

export function answerWords(history: History, at: number): string {
  const outcome = outcomes[history.outcome[at] as number];
  const seen = history.seen[at] as number;
  if (outcome === 'info') return 'unknown';
  if (outcome === 'fail')
    return seen === unsaid ? 'failed' : `refused: ${valueWords(history, seen)}`;
  const reads = (history.steps.get(at) ?? []).flatMap((step) =>
    step.f === 'r' && typeof step.value === 'number' ? [valueWords(history, step.value)] : [],
  );
  if (reads.length > 0) return reads.join(', ');
  return seen === unsaid ? 'ok' : valueWords(history, seen);
}

const valueWords = ({ values }: History, id: number): string => values[id] ?? 'nothing';

function differentVerdicts(a: Recording, b: Recording): DifferentVerdict[] {
  const verdicts = ({ check }: Recording) =>
    new Map((check?.models ?? []).map(({ model, verdict }) => [model, verdict]));
  const [ofA, ofB] = [verdicts(a), verdicts(b)];
  return [...new Set([...ofA.keys(), ...ofB.keys()])]
    .map((model) => ({ model, a: ofA.get(model) ?? null, b: ofB.get(model) ?? null }))
    .filter((each) => each.a !== each.b);
}

/** A history as a person would write it down: rows, with texts in the place of ids. */
import { type History, kinds, outcomes, type Step, unsaid } from '../history.js';

type Text = string | null;

/** What is `undefined` was not said. */
export interface Row {
  readonly process: number;
  readonly kind: string;
  readonly outcome: string;
  readonly key: string | undefined;
  readonly written: Text | undefined;
  readonly expected: Text | undefined;
  readonly seen: Text | undefined;
  readonly invokedAt: number;
  readonly returnedAt: number;
  readonly node: string | undefined;
  readonly session: string | undefined;
  readonly version: string | undefined;
  readonly steps: readonly unknown[] | undefined;
}

export function rowsOf(history: History): Row[] {
  return Array.from({ length: history.count }, (_, at) => rowOf(history, at));
}

function rowOf(history: History, at: number): Row {
  const { keys, values, nodes, sessions } = history;
  const named = <T>(names: readonly T[], id: number | undefined): T | undefined =>
    id === unsaid ? undefined : names[id as number];
  const versionNode = named(nodes, history.versionNode[at]);
  const step = ({ f, key, value }: Step) => [f, keys[key], textOf(history, value)];
  return {
    process: history.process[at] as number,
    kind: kinds[history.kind[at] as number] as string,
    outcome: outcomes[history.outcome[at] as number] as string,
    key: named(keys, history.key[at]),
    written: named(values, history.written[at]),
    expected: named(values, history.expected[at]),
    seen: named(values, history.seen[at]),
    invokedAt: history.invokedAt[at] as number,
    returnedAt: history.returnedAt[at] as number,
    node: named(nodes, history.node[at]),
    session: named(sessions, history.session[at]),
    version: versionNode === undefined ? undefined : `${history.versionStamp[at]}@${versionNode}`,
    steps: history.steps.get(at)?.map(step),
  };
}

/** A step's value: a text, a list of them, or `'?'` while unknown. */
function textOf({ values }: History, value: Step['value']): unknown {
  if (value === null) return '?';
  return typeof value === 'number' ? values[value] : value.map((id) => values[id]);
}

/** Which operations are shown: those that every facet lets pass, and how many each choice would show. */
import { outcomeCode } from '../../history/event.js';
import { type History, kinds, unsaid } from '../../history/history.js';
import { clientName } from './rows.js';

/** What can be chosen of; the numbers of a choice are ids, processes or codes of the history. */
export const facets = ['outcome', 'kind', 'client', 'node', 'key'] as const;
export type Facet = (typeof facets)[number];

export interface OperationFilter {
  /** Of each facet what is shown; an empty set: all. */
  readonly chosen: Readonly<Record<Facet, ReadonlySet<number>>>;
  /** Words, each of which stands in the key, a value, the client or the node. */
  readonly text: string;
  /** Only what contradicts a model. */
  readonly onlyIllegal: boolean;
}

const nothingChosen: ReadonlySet<number> = new Set();
export const noFilter: OperationFilter = {
  chosen: {
    ...{ outcome: nothingChosen, kind: nothingChosen, client: nothingChosen },
    ...{ node: nothingChosen, key: nothingChosen },
  },
  text: '',
  onlyIllegal: false,
};

export interface Filtered {
  /** 1: shown. */
  readonly keep: Uint8Array;
  readonly count: number;
  /** By facet and choice: how many are shown, or would be if it were chosen as well. */
  readonly counts: Readonly<Record<Facet, ReadonlyMap<number, number>>>;
}

/** With the choice if it was without, and without if it was with. */
export function toggled(filter: OperationFilter, facet: Facet, choice: number): OperationFilter {
  const own = new Set(filter.chosen[facet]);
  if (!own.delete(choice)) own.add(choice);
  return { ...filter, chosen: { ...filter.chosen, [facet]: own } };
}

export const isFiltering = ({ chosen, text, onlyIllegal }: OperationFilter): boolean =>
  onlyIllegal || text.trim() !== '' || facets.some((facet) => chosen[facet].size > 0);

/**
 * In one pass. An operation that only one facet keeps out counts for its choice in that facet: so much more would be shown.
 */
export function filtered(
  history: History,
  filter: OperationFilter,
  illegal: ReadonlySet<number>,
): Filtered {
  const keep = new Uint8Array(history.count);
  const counts = facets.map(() => new Map<number, number>());
  const chosen = facets.map((facet) => filter.chosen[facet]);
  const matches = matcherOf(history, filter.text);
  let count = 0;
  const own: (readonly number[])[] = [];
  for (let at = 0; at < history.count; at++) {
    if (filter.onlyIllegal && !illegal.has(at)) continue;
    if (!matches(at)) continue;
    let refused = -1;
    for (let facet = 0; facet < facets.length; facet++) {
      const choices = choicesOf(history, facet, at);
      own[facet] = choices;
      const wanted = chosen[facet] as ReadonlySet<number>;
      if (wanted.size === 0 || choices.some((choice) => wanted.has(choice))) continue;
      refused = refused === -1 ? facet : facets.length;
    }
    if (refused === -1) {
      keep[at] = 1;
      count++;
    }
    for (let facet = 0; facet < facets.length; facet++) {
      if (refused !== -1 && refused !== facet) continue;
      const countsOf = counts[facet] as Map<number, number>;
      for (const choice of own[facet] as readonly number[]) {
        countsOf.set(choice, (countsOf.get(choice) ?? 0) + 1);
      }
    }
  }
  const named = Object.fromEntries(facets.map((facet, at) => [facet, counts[at]]));
  return { keep, count, counts: named as unknown as Filtered['counts'] };
}

/** Ids of a history's own are few; each has one list for ever. */
const single: (readonly number[])[] = [];
function listOf(choice: number): readonly number[] {
  single[choice] ??= [choice];
  return single[choice];
}
const none: readonly number[] = [];

function choicesOf(history: History, facet: number, at: number): readonly number[] {
  switch (facets[facet]) {
    case 'outcome':
      return listOf(history.outcome[at] as number);
    case 'kind':
      return listOf(history.kind[at] as number);
    case 'client':
      return listOf(history.process[at] as number);
    case 'node': {
      const node = history.node[at] as number;
      return node === unsaid ? none : listOf(node);
    }
    default:
      return keysOf(history, at);
  }
}

function keysOf(history: History, at: number): readonly number[] {
  const key = history.key[at] as number;
  if (key !== unsaid) return listOf(key);
  const steps = history.steps.get(at);
  return steps === undefined ? none : [...new Set(steps.map((step) => step.key))];
}

/** Looks at names, not at operations: which ids do the words stand in? */
function matcherOf(history: History, text: string): (at: number) => boolean {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return () => true;
  const tests = words.map((word) => {
    const has = (name: string | null): boolean => name?.toLowerCase().includes(word) === true;
    const marks = (names: readonly (string | null)[]): boolean[] => names.map(has);
    const [keys, values] = [marks(history.keys), marks(history.values)];
    const [nodes, sessions] = [marks(history.nodes), marks(history.sessions)];
    const clients = new Map<number, boolean>();
    const isClient = (process: number): boolean => {
      const known = clients.get(process);
      if (known !== undefined) return known;
      const found =
        `client ${clientName(history, process)}`.toLowerCase() === word ||
        has(clientName(history, process));
      clients.set(process, found);
      return found;
    };
    const kind = (kinds as readonly string[]).indexOf(word);
    return (at: number): boolean =>
      history.kind[at] === kind ||
      keysOf(history, at).some((key) => keys[key]) ||
      [history.written[at], history.seen[at], history.expected[at]].some(
        (id) => values[id as number],
      ) ||
      (history.steps
        .get(at)
        ?.some(({ value }) => [value].flat().some((id) => id !== null && values[id])) ??
        false) ||
      nodes[history.node[at] as number] === true ||
      sessions[history.session[at] as number] === true ||
      isClient(history.process[at] as number);
  });
  return (at) => tests.every((test) => test(at));
}

/** What a choice is called. */
export function choiceName(history: History, facet: Facet, choice: number): string {
  switch (facet) {
    case 'outcome':
      return choice === outcomeCode.ok ? 'ok' : choice === outcomeCode.fail ? 'failed' : 'unknown';
    case 'kind':
      return kinds[choice] ?? '';
    case 'client':
      return clientName(history, choice);
    case 'node':
      return history.nodes[choice] ?? '';
    case 'key':
      return history.keys[choice] ?? '';
  }
}

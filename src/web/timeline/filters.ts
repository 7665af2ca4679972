/** Which operations are shown: those that every facet lets pass, and how many each choice would show. */
import { entryOf } from '../../core/lookup.js';
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

/** How often each choice came; most are small numbers, of which there may be millions. */
class Counts {
  readonly #small = new Int32Array(1 << 14);
  readonly #others = new Map<number, number>();

  add(choice: number): void {
    if (choice >= 0 && choice < this.#small.length) {
      this.#small[choice] = (this.#small[choice] as number) + 1;
    } else this.#others.set(choice, (this.#others.get(choice) ?? 0) + 1);
  }

  toMap(): Map<number, number> {
    const counts = new Map(this.#others);
    for (const [choice, count] of this.#small.entries()) if (count > 0) counts.set(choice, count);
    return counts;
  }
}

/**
 * In one pass. An operation that only one facet keeps out counts for its choice in that facet: so much more would be shown.
 */
export function filtered(
  history: History,
  filter: OperationFilter,
  illegal: ReadonlySet<number>,
): Filtered {
  const keep = new Uint8Array(history.count);
  const counts = facets.map(() => new Counts());
  const columns = facets.map((facet) => columnOf(history, facet));
  const chosen = facets.map((facet) => filter.chosen[facet]);
  const matches = matcherOf(history, filter.text);
  let count = 0;
  for (let at = 0; at < history.count; at++) {
    if (filter.onlyIllegal && !illegal.has(at)) continue;
    if (matches !== null && !matches(at)) continue;
    const refused = refusedBy(history, columns, chosen, at);
    if (refused === nobody) {
      keep[at] = 1;
      count++;
    }
    for (let facet = 0; facet < facets.length; facet++) {
      if (refused !== nobody && refused !== facet) continue;
      const choice = columns[facet]?.[at] as number;
      if (choice !== unsaid) counts[facet]?.add(choice);
      else if (facets[facet] === 'key') {
        for (const key of keysOf(history, at)) counts[facet]?.add(key);
      }
    }
  }
  const named = Object.fromEntries(facets.map((facet, at) => [facet, counts[at]?.toMap()]));
  return { keep, count, counts: named as unknown as Filtered['counts'] };
}

const columnNames = {
  ...({ outcome: 'outcome', kind: 'kind', client: 'process', node: 'node', key: 'key' } as const),
};
const columnOf = (history: History, facet: Facet): Int32Array | Uint8Array =>
  history[columnNames[facet]];

const nobody = -1;
const several = facets.length;

/** The facet that keeps it out, or how many. */
function refusedBy(
  history: History,
  columns: readonly (Int32Array | Uint8Array)[],
  chosen: readonly ReadonlySet<number>[],
  at: number,
): number {
  let refused = nobody;
  for (let facet = 0; facet < facets.length; facet++) {
    const wanted = chosen[facet] as ReadonlySet<number>;
    if (wanted.size === 0 || wanted.has(columns[facet]?.[at] as number)) continue;
    if (facets[facet] === 'key' && keysOf(history, at).some((key) => wanted.has(key))) continue;
    refused = refused === nobody ? facet : several;
  }
  return refused;
}

/** Of a transaction those of its steps. */
function keysOf(history: History, at: number): readonly number[] {
  const key = history.key[at] as number;
  if (key !== unsaid) return [key];
  return [...new Set(history.steps.get(at)?.map((step) => step.key))];
}

/** Looks at names, not at operations: in which do the words stand? `null`: there are none. */
function matcherOf(history: History, text: string): ((at: number) => boolean) | null {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const tests = words.map((word) => wordTest(history, word));
  const [first] = tests;
  if (first === undefined) return null;
  return tests.length === 1 ? first : (at) => tests.every((test) => test(at));
}

function wordTest(history: History, word: string): (at: number) => boolean {
  const has = (name: string | null): number => Number(name?.toLowerCase().includes(word) === true);
  const marks = (names: readonly (string | null)[]) => Uint8Array.from(names, has);
  const [keys, values] = [marks(history.keys), marks(history.values)];
  const [nodes, sessions] = [marks(history.nodes), marks(history.sessions)];
  const clients = new Map<number, boolean>();
  const isClient = (process: number): boolean =>
    entryOf(clients, process, () => has(clientName(history, process)) === 1);
  const kind = (kinds as readonly string[]).indexOf(word);
  const isIn = (mark: Uint8Array, ids: Int32Array, at: number): boolean =>
    mark[ids[at] as number] === 1;
  const isInSteps = (at: number): boolean =>
    history.steps
      .get(at)
      ?.some(
        ({ key, value }) =>
          keys[key] === 1 || [value].flat().some((id) => id !== null && values[id] === 1),
      ) ?? false;
  return (at) =>
    history.kind[at] === kind ||
    isIn(keys, history.key, at) ||
    isIn(values, history.written, at) ||
    isIn(values, history.seen, at) ||
    isIn(values, history.expected, at) ||
    isIn(nodes, history.node, at) ||
    isIn(sessions, history.session, at) ||
    isClient(history.process[at] as number) ||
    isInSteps(at);
}

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

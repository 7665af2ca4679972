/**
 * Which words may stand for an argument or a flag's value: some are known beforehand, some are those of the cluster that is
 * meant. What may stand where is data, so that a shell's Tab key waits for no operation to load.
 */
import type { NodeId } from '../core/ids.js';

/** What there is to choose from at present. */
export interface Surroundings {
  readonly nodes: readonly NodeId[];
  /** Clients and sessions that have a name. */
  readonly clients: readonly string[];
  /** Where those are others. */
  readonly sessions?: readonly string[];
  readonly levels: readonly string[];
  readonly keys?: readonly string[];
  /** Types of message that the mode has. */
  readonly messages?: readonly string[];
  /** Of the mode. */
  readonly options?: readonly { readonly name: string; readonly summary: string }[];
  readonly clusters?: readonly Suggested[];
}

export interface CompletionOption {
  /** A whole word. */
  readonly label: string;
  readonly detail: string;
  readonly kind: 'command' | 'keyword' | 'flag' | 'value' | 'node' | 'client' | 'key';
}

/** A word, and what it means. */
export type Suggested = readonly [label: string, detail: string];

export type LiveWords =
  | 'nodes'
  /** `n1,n2/n3` */
  | 'groups'
  | 'ends'
  | 'link'
  | 'levels'
  | 'sessions'
  | 'keys'
  | 'messages'
  | 'settings'
  | 'clusters';

export interface Suggestions {
  /** Some of what there is at present. */
  readonly live?: LiveWords;
  /** Words that are always the same. */
  readonly values?: readonly Suggested[];
  /** Several, separated by commas. */
  readonly isList?: boolean;
  /** Also files with one of these endings; without any, all files. */
  readonly files?: readonly string[];
}

export const optionsOf = (
  kind: CompletionOption['kind'],
  labels: Iterable<string>,
  detail = '',
): CompletionOption[] => [...labels].map((label) => ({ label, detail, kind }));

export const suggested = (words: readonly Suggested[]): CompletionOption[] =>
  words.map(([label, detail]) => ({ label, detail, kind: 'value' }));

export function valuesAround(
  { live, values = [], isList }: Suggestions,
  typed: string,
  around: Surroundings,
): CompletionOption[] {
  const all = [...(live === undefined ? [] : liveWords(live, typed, around)), ...suggested(values)];
  return isList ? listItem(typed, all) : all;
}

function liveWords(live: LiveWords, typed: string, around: Surroundings): CompletionOption[] {
  switch (live) {
    case 'nodes':
      return optionsOf('node', around.nodes);
    case 'groups':
      return listItem(typed, optionsOf('node', around.nodes), /[^,/]*$/);
    case 'ends':
      return endsIn(around);
    case 'link': {
      const begun = typed.replace(/[^>-]*$/, '');
      return endsIn(around)
        .filter(({ label }) => label !== begun.slice(0, -1))
        .map((end) => ({ ...end, label: begun + end.label }));
    }
    case 'levels':
      return optionsOf('value', around.levels);
    case 'sessions':
      return optionsOf('client', around.sessions ?? around.clients);
    case 'keys':
      return optionsOf('key', around.keys ?? []);
    case 'messages':
      return optionsOf('value', around.messages ?? []);
    case 'settings':
      return (around.options ?? []).map(({ name, summary }) => {
        return { label: `${name}=`, detail: summary, kind: 'value' };
      });
    case 'clusters':
      return suggested(around.clusters ?? []);
  }
}

const endsIn = ({ nodes, clients }: Surroundings): CompletionOption[] => [
  ...optionsOf('node', nodes),
  ...optionsOf('client', clients),
];

/** One more of `n1,n2`; with another `lastItem`, of `n1,n2/n3`. */
export function listItem(
  typed: string,
  all: readonly CompletionOption[],
  lastItem = /[^,]*$/,
): CompletionOption[] {
  const begun = typed.replace(lastItem, '');
  const named = begun.split(/[,/]/);
  return all
    .filter(({ label }) => !named.includes(label))
    .map((option) => ({ ...option, label: begun + option.label }));
}

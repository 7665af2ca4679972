/** The words that may stand for an argument or a flag's value, as far as they can be known. */
import type { NodeId } from '../core/ids.js';
import { nemesisSummaries } from '../faults/nemeses.js';
import { topologyNames } from '../faults/topology.js';
import type { ArgumentSpec, FlagSpec } from '../operations/flags.js';
import { healableKinds } from '../operations/heal.js';
import { catalog } from '../protocols/catalog.js';
import type { ModeOption } from '../protocols/shared/mode-options.js';

/** What there is to choose from at present. */
export interface Surroundings {
  readonly nodes: readonly NodeId[];
  /** Clients and sessions that have a name. */
  readonly clients: readonly string[];
  /** Levels that the cluster's mode has. */
  readonly levels: readonly string[];
  readonly keys?: readonly string[];
  /** Types of message that the mode has. */
  readonly messages?: readonly string[];
  /** Of the mode. */
  readonly options?: readonly ModeOption[];
}

export interface CompletionOption {
  /** A whole word. */
  readonly label: string;
  readonly detail: string;
  readonly kind: 'command' | 'keyword' | 'flag' | 'value' | 'node' | 'client' | 'key';
}

export const optionsOf = (
  kind: CompletionOption['kind'],
  labels: Iterable<string>,
  detail = '',
): CompletionOption[] => [...labels].map((label) => ({ label, detail, kind }));

export const flagOptions = (flags: readonly FlagSpec[]): CompletionOption[] =>
  flags
    .filter(({ hidden }) => !hidden)
    .map(({ name, description }) => ({ label: `--${name}`, detail: description, kind: 'flag' }));

export function valuesOfArgument(
  { kind, name, options = [] }: ArgumentSpec,
  typed: string,
  around: Surroundings,
): CompletionOption[] {
  switch (kind) {
    case 'key':
      return optionsOf('key', around.keys ?? []);
    case 'node':
      return optionsOf('node', around.nodes);
    case 'end':
      return endsIn(around);
    case 'link': {
      const begun = typed.replace(/[^>-]*$/, '');
      return endsIn(around).map((end) => ({ ...end, label: begun + end.label }));
    }
    case 'groups':
      return listItem(typed, around.nodes);
    case 'nemesis':
      return nemesisSummaries.map(([label, detail]) => ({ label, detail, kind: 'value' }));
    default:
      return optionsOf('value', name === 'FAULT' ? healableKinds : options);
  }
}

const endsIn = ({ nodes, clients }: Surroundings): CompletionOption[] => [
  ...optionsOf('node', nodes),
  ...optionsOf('client', clients),
];

/** One more of `n1,n2/n3`. */
export function listItem(typed: string, nodes: readonly NodeId[]): CompletionOption[] {
  const begun = typed.replace(/[^,/]*$/, '');
  const named = begun.split(/[,/]/);
  const left = nodes.filter((node) => !named.includes(node));
  return optionsOf(
    'node',
    left.map((node) => begun + node),
  );
}

export function valuesOfFlag(
  { kind, name, options = [] }: FlagSpec,
  typed: string,
  around: Surroundings,
): CompletionOption[] {
  switch (kind) {
    case 'node':
      return optionsOf('node', around.nodes);
    case 'level':
      return optionsOf('value', around.levels);
    case 'session':
      return optionsOf('client', around.clients);
    case 'guarantees':
      return listItem(typed, ['ryw', 'mr', 'mw', 'wfr', 'all']).map((option) => {
        return { ...option, kind: 'value' };
      });
    default:
      return options.length > 0 ? optionsOf('value', options) : namedValues(name, around);
  }
}

/** Of flags that take a text: what `cluster up` and faults make of it. */
function namedValues(flag: string, { levels, messages = [], options = [] }: Surroundings) {
  switch (flag) {
    case 'mode':
      return Object.values(catalog).map(({ name, summary }): CompletionOption => {
        return { label: name, detail: summary, kind: 'value' };
      });
    case 'type':
      return optionsOf('value', messages);
    case 'option':
      return options.map(({ name, summary }): CompletionOption => {
        return { label: `${name}=`, detail: summary, kind: 'value' };
      });
    case 'read':
    case 'write':
      return optionsOf('value', levels);
    case 'sync':
      return optionsOf('value', ['always', 'off']);
    case 'reads':
      return optionsOf('value', ['usual', 'worst']);
    case 'topology':
      return optionsOf('value', topologyNames);
    default:
      return [];
  }
}

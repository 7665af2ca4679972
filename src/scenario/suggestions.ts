/** What may stand for an argument or a flag's value, as the table of operations has it. */
import { loadNames, namedLoads } from '../bench/workloads.js';
import { modelNames } from '../check/models.js';
import { nemesisSummaries } from '../faults/nemeses.js';
import { topologyNames } from '../faults/topology.js';
import type { ArgumentSpec, FlagSpec, Takes } from '../operations/flags.js';
import { healableKinds } from '../operations/heal.js';
import { catalog } from '../protocols/catalog.js';
import { bugs } from '../zoo/bugs.js';
import type { Completable } from './complete-command.js';
import type { Suggested, Suggestions } from './values-around.js';

export function completable({ arguments: args, flags }: Takes): Completable {
  return {
    arguments: args.map((argument) => {
      const { rest } = argument;
      return { ...forArgument(argument), ...(rest === undefined ? {} : { rest }) };
    }),
    flags: flags
      .filter(({ hidden }) => !hidden)
      .map((flag) => {
        const { name, char, kind, bare, multiple, description } = flag;
        return {
          ...{ name, description, ...forFlag(flag) },
          ...(char === undefined ? {} : { char }),
          ...(kind === 'switch' ? { isSwitch: true } : {}),
          ...(bare === undefined ? {} : { bare }),
          ...(multiple ? { multiple } : {}),
        };
      }),
  };
}

const words = (labels: Iterable<string>): Suggestions => ({
  values: [...labels].map((label): Suggested => [label, '']),
});

const modes: readonly Suggested[] = Object.values(catalog).map(({ name, summary }) => [
  name,
  summary,
]);

const loads: readonly Suggested[] = [
  ['rapidset', 'one key, again and again'],
  ['multiset', 'many keys, once each'],
  ...loadNames.map((name): Suggested => [name, namedLoads[name].summary]),
];

function forArgument({ kind, name, options }: ArgumentSpec): Suggestions {
  switch (kind) {
    case 'key':
      return { live: 'keys' };
    case 'node':
      return { live: 'nodes' };
    case 'end':
      return { live: 'ends' };
    case 'link':
    case 'groups':
      return { live: kind };
    case 'nemesis':
      return { values: nemesisSummaries };
    default:
      return options === undefined ? (namedArguments[name] ?? {}) : words(options);
  }
}

/** What words stand for, by the name of the argument. */
const namedArguments: Readonly<Record<string, Suggestions>> = {
  FAULT: words(healableKinds),
  MODEL: words(modelNames),
  WORKLOAD: { values: loads },
  FILE: { files: [] },
  FOLDER: { files: ['/'] },
  HISTORY: { files: [] },
};

function forFlag({ kind, name, helpValue, options, multiple }: FlagSpec): Suggestions {
  switch (kind) {
    case 'node':
      return { live: 'nodes' };
    case 'level':
      return { live: 'levels' };
    case 'session':
      return { live: 'sessions' };
    case 'guarantees':
      return { ...words(['ryw', 'mr', 'mw', 'wfr', 'all']), isList: true };
    default: {
      if (options !== undefined) return words(options);
      const found = namedFlags[`${name} ${helpValue}`] ?? byHelpValue[helpValue ?? ''] ?? {};
      return multiple ? { ...found, isList: true } : found;
    }
  }
}

/** By what help calls the value. */
const byHelpValue: Readonly<Record<string, Suggestions>> = {
  FILE: { files: [] },
  FOLDER: { files: ['/'] },
  LEVEL: { live: 'levels' },
  LINK: { live: 'link' },
  NODE: { live: 'nodes' },
  'NODE,…': { live: 'nodes', isList: true },
  'NODE|HOST:PORT': { live: 'nodes' },
  SHAPE: words(topologyNames),
  MESSAGE: { live: 'messages' },
  TYPE: { live: 'messages' },
};

/** A mode of one's own is a module. */
export const modeFiles = ['.js', '.mjs', '.cjs', '.ts'];

/** Of flags that take a text: what `cluster up` and faults make of it. */
const namedFlags: Readonly<Record<string, Suggestions>> = {
  'cluster NAME': { live: 'clusters' },
  'name NAME': { live: 'clusters' },
  'mode MODE': { values: modes, files: modeFiles },
  'mode MODULE': { files: modeFiles },
  'config FILE': { files: ['.yaml', '.yml', '.json'] },
  'option NAME=VALUE': { live: 'settings' },
  'runtime RUNTIME': words(['threads', 'processes']),
  'sync WHEN': words(['always', 'off']),
  'reads WHICH': words(['usual', 'worst']),
  'bug NAME': { values: bugs.map(({ name, mode }): Suggested => [name, mode]) },
  'model NAMES': { ...words(modelNames), isList: true },
  'nemesis NAMES': { values: nemesisSummaries, isList: true },
  'format FORMAT': words(['jsonl', 'edn', 'log', 'timed']),
};

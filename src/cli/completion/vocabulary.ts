/**
 * All that completion must know of the commands, as data: the build writes it down, so that the Tab key loads none of them.
 */
import { join } from 'node:path';
import packageJson from '../../../package.json' with { type: 'json' };
import { presets } from '../../explore/exhaustive/presets.js';
import { faultNames } from '../../faults/fault.js';
import type { FlagSpec } from '../../operations/flags.js';
import { switchFlag, textFlag } from '../../operations/flags.js';
import { briefOf, type OperationEntry } from '../../operations/operation.js';
import { operations } from '../../operations/table.js';
import { catalog } from '../../protocols/catalog.js';
import { modeNamed } from '../../protocols/registry.js';
import type { Completable, CompletableArgument } from '../../scenario/complete-command.js';
import { topicRows } from '../../scenario/help-topics.js';
import { completable, modeFiles } from '../../scenario/suggestions.js';
import type { Suggested, Suggestions } from '../../scenario/values-around.js';
import { bytesFlags } from '../perform-typed.js';
import { scenariosIn } from '../scripts/library.js';
import type { CommandVocabulary } from './command-vocabulary.js';

/** Of every command. */
const baseFlags: readonly FlagSpec[] = [
  textFlag('cluster', 'NAME', 'which cluster', { char: 'C' }),
  switchFlag('json', 'print one JSON document'),
  switchFlag('help', 'show help', { char: 'h' }),
];

/** `library`: the folder of the scenarios that come with kvx. */
export function vocabularyWith(library: string): CommandVocabulary {
  const own = ownSuggestions(library);
  return {
    commands: operations
      .filter(({ only }) => only !== 'scripts')
      .map((spec) => ({ name: spec.name, about: briefOf(spec), ...wordsOf(spec, own) })),
    topics: Object.entries(packageJson.oclif.topics).map(([name, { description }]) => {
      return [name, description];
    }),
    helpTopics: topicRows(),
    modes: Object.fromEntries(
      Object.values(catalog).map(({ name, levels, options }) => {
        const messages = modeNamed(name).protocol.message.types ?? [];
        const settings = options.map((option) => ({ name: option.name, summary: option.summary }));
        return [name, { levels, messages, options: settings }];
      }),
    ),
  };
}

/** `put --value`, `run FILE`: what stands there is known here alone. */
function wordsOf(spec: OperationEntry, own: Readonly<Record<string, Suggestions>>): Completable {
  const { name, arguments: args, flags, block } = spec;
  const taken = [...bytesFlags(args), ...flags];
  const common = baseFlags.filter((flag) => !taken.some((each) => each.name === flag.name));
  const completed = completable({ arguments: args, flags: [...taken, ...common] });
  return {
    arguments: block
      ? [{ files: [] }]
      : completed.arguments.map((argument, at): CompletableArgument => {
          return { ...argument, ...own[`${name} ${args[at]?.name}`] };
        }),
    flags: completed.flags.map((flag) => ({ ...flag, ...own[`${name} --${flag.name}`] })),
  };
}

function ownSuggestions(library: string): Readonly<Record<string, Suggestions>> {
  const scenarios: Suggestions = {
    values: ['', 'zoo/'].flatMap((folder) =>
      scenariosIn(join(library, folder)).map(({ name, title }): Suggested => {
        return [`${folder}${name}`, title];
      }),
    ),
    files: ['.kvx'],
  };
  const modes = Object.values(catalog).map(({ name, summary }): Suggested => [name, summary]);
  return {
    'cluster use NAME': { live: 'clusters' },
    'run FILE': scenarios,
    'lab SCENARIO': scenarios,
    'compare MODE': {
      values: [...modes, ...(scenarios.values ?? [])],
      files: [...(scenarios.files ?? []), ...modeFiles],
    },
    'explore WORLD': { values: presets.map(({ name, mode }): Suggested => [name, mode]) },
    'sim --faults': {
      values: faultNames.map((name): Suggested => [name.replaceAll(' ', '-'), '']),
      isList: true,
    },
  };
}

export { packVocabulary } from './command-vocabulary.js';

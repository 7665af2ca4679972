/** What may come next on a command line of kvx. */
import { completeCommand, flagIn } from '../../scenario/complete-command.js';
import {
  type CompletionOption,
  optionsOf,
  type Suggestions,
  suggested,
} from '../../scenario/values-around.js';
import type { CommandVocabulary } from './command-vocabulary.js';
import { filesLike, HereAndNow, type Meant } from './here-and-now.js';

/** `words`: whole ones, after the program's name. */
export function optionsAfter(
  words: readonly string[],
  typed: string,
  vocabulary: CommandVocabulary,
): readonly CompletionOption[] {
  if (words[0] === 'help' || words[0] === 'schema') {
    const pages = words.length === 1 && words[0] === 'help' ? vocabulary.helpTopics : [];
    return [...namesAfter(words.slice(1), vocabulary), ...suggested(pages)];
  }
  const command = vocabulary.commands.find(({ name }) => beginsWith(words, name.split(' ')));
  if (command === undefined) {
    const isFirst = words.length === 0 && typed.startsWith('-');
    return isFirst ? globalFlags : namesAfter(words, vocabulary);
  }
  const given = words.slice(command.name.split(' ').length);
  const around = new HereAndNow(meantBy(given, command), vocabulary.modes);
  const found = completeCommand(command, given, typed, around);
  return [...found.options, ...filesFor(found.suggestions, typed, found.before ?? '')];
}

const globalFlags: readonly CompletionOption[] = [
  ...optionsOf('flag', ['--help'], 'show help'),
  ...optionsOf('flag', ['--version'], 'show the version'),
];

const beginsWith = (words: readonly string[], name: readonly string[]): boolean =>
  name.every((word, at) => words[at] === word);

/** The words of commands' names that go on from these. */
function namesAfter(
  words: readonly string[],
  { commands, topics }: CommandVocabulary,
): readonly CompletionOption[] {
  const next = new Map<string, string>();
  for (const { name, about } of commands) {
    const parts = name.split(' ');
    const word = parts[words.length];
    if (word === undefined || !beginsWith(parts, words)) continue;
    const isWhole = parts.length === words.length + 1;
    const topic = topics.find(([each]) => each === word);
    next.set(word, isWhole ? about : (topic?.[1] ?? ''));
  }
  return [...next].map(([label, detail]) => ({ label, detail, kind: 'command' }));
}

/** Commands that make a cluster, or several, and so mean none that is there. */
const makers: readonly string[] = [
  'cluster up',
  'run',
  'sim',
  'compare',
  'explore',
  'cluster config',
];

function meantBy(
  given: readonly string[],
  { name: command, flags }: CommandVocabulary['commands'][number],
): Meant {
  const said = new Map<string, string>();
  for (const [at, word] of given.entries()) {
    if (word === '--') break;
    const [flag, hasValue] = flagIn(word, flags);
    if (flag === undefined || flag.isSwitch) continue;
    const inWord = word.startsWith('--') ? word.slice(word.indexOf('=') + 1) : word.slice(2);
    said.set(flag.name, hasValue ? inWord : (given[at + 1] ?? ''));
  }
  return {
    cluster: said.get('cluster') ?? said.get('name'),
    ...{ mode: said.get('mode'), nodes: said.get('nodes') },
    isNew: makers.includes(command),
  };
}

function filesFor(
  { files, isList }: Suggestions = {},
  typed: string,
  flag: string,
): CompletionOption[] {
  if (files === undefined) return [];
  const before = isList ? typed.slice(0, Math.max(flag.length, typed.lastIndexOf(',') + 1)) : flag;
  const found = filesLike(typed.slice(before.length), files);
  return optionsOf(
    'value',
    found.map((file) => before + file),
  );
}

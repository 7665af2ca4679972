/** What may come next in a line of the language, from its command table: in the shell, and in the editor of a page. */
import { pushTo } from '../core/lookup.js';
import { briefOf, usageOf } from '../operations/operation.js';
import { bugs } from '../zoo/bugs.js';
import { type ScriptCommand, scriptCommands } from './command-table.js';
import { completeCommand } from './complete-command.js';
import { topicRows } from './help-topics.js';
import { isAside } from './parse-at.js';
import { failureCodes } from './parse-expect.js';
import { structures } from './structures.js';
import { completable } from './suggestions.js';
import {
  type CompletionOption,
  listItem,
  optionsOf,
  type Surroundings,
  suggested,
} from './values-around.js';

export interface Completions {
  /** The part of the word that is there already. */
  readonly typed: string;
  readonly options: readonly CompletionOption[];
  /** A key may stand here: also one of those that the cluster holds. */
  readonly isKey?: boolean;
}

export function completionsAfter(beforeCursor: string, around: Surroundings): Completions {
  const all = wordsIn(beforeCursor);
  const typed = all.pop() ?? '';
  const found = (options: readonly CompletionOption[]): Completions => ({ typed, options });
  const comment = all.findIndex((word) => word.startsWith('#'));
  if (comment >= 0) return found(all.at(-1) === '--bug' ? bugOptions() : []);
  if (all[0] === 'help') {
    const pages = all.length === 1 ? suggested(topicRows()) : [];
    return found([...namesAfter(all.slice(1)), ...pages]);
  }
  if (all[0] === 'client' && !typed.startsWith('-')) return found(inClient(all, typed, around));
  const { words, isExpected, offered, awaitsCommand } = withoutPrefix(all);
  const commands = all[0] === 'at' ? scriptCommands.filter(isAside) : scriptCommands;
  if (words.length === 0) {
    const structural = all.length === 0 ? structureOptions : [];
    const first = awaitsCommand ? namesAfter([], commands) : [];
    return found([...optionsOf('keyword', offered), ...first, ...structural]);
  }
  // The flags of a client are those of what it asks.
  const command = commandOf(words[0] === 'client' ? ['get'] : words);
  if (command === undefined) return found(namesAfter(words, commands));
  const given = words[0] === 'client' ? [] : words.slice(command.name.split(' ').length);
  const { judged = [] } = command;
  const expected = isExpected ? optionsOf('keyword', [...judged, 'ok']) : undefined;
  const completed = completeCommand(completable(command), given, typed, around, expected);
  return { ...found(completed.options), isKey: completed.suggestions?.live === 'keys' };
}

/** One in quotes may hold blanks. The last is that of the cursor, and may be empty. */
function wordsIn(line: string): string[] {
  const words = line.match(/"(?:\\.|[^"\\])*"?|\S+/g) ?? [];
  return line === '' || /\s$/.test(line) ? [...words, ''] : [...words];
}

const structureOptions = structures.map(({ name, summary }): CompletionOption => {
  return { label: name, detail: summary, kind: 'keyword' };
});

const bugOptions = (): CompletionOption[] =>
  bugs.map(({ name, mode }) => ({ label: name, detail: mode, kind: 'value' }));

/** The words of their names that go on from these. */
function namesAfter(words: readonly string[], commands = scriptCommands): CompletionOption[] {
  const next = new Map<string, ScriptCommand[]>();
  for (const command of commands) {
    const name = command.name.split(' ');
    const word = name[words.length];
    const goesOn = words.every((each, at) => name[at] === each);
    if (command.standsFor !== undefined || word === undefined || !goesOn) continue;
    pushTo(next, word, command);
  }
  return [...next].map(([label, commands]) => {
    return { label, detail: aboutAll(commands), kind: 'command' };
  });
}

function aboutAll(commands: readonly ScriptCommand[]): string {
  const [command] = commands;
  if (commands.length > 1) return commands.map(({ name }) => name.split(' ').at(-1)).join(', ');
  return command === undefined ? '' : `${usageOf(command)}: ${briefOf(command)}`;
}

function commandOf(words: readonly string[]): ScriptCommand | undefined {
  const fits = ({ name }: ScriptCommand): boolean =>
    name.split(' ').every((word, at) => words[at] === word);
  return scriptCommands.find(fits);
}

function inClient(
  [, name, preposition, ...more]: readonly string[],
  typed: string,
  { clients, nodes }: Surroundings,
): CompletionOption[] {
  if (name === undefined) return optionsOf('client', clients);
  if (preposition === undefined) return optionsOf('keyword', ['at']);
  return preposition === 'at' && more.length === 0 ? listItem(typed, optionsOf('node', nodes)) : [];
}

interface Prefix {
  /** Of the command behind it. */
  readonly words: readonly string[];
  readonly isExpected: boolean;
  /** Where there are none: words of the language that may stand there… */
  readonly offered: readonly string[];
  /** …and whether a command may. */
  readonly awaitsCommand: boolean;
}

/** Without `expect within 5s`, `try` or `repeat 10`: what follows is a command. */
function withoutPrefix(all: readonly string[]): Prefix {
  let [words, offered]: [readonly string[], readonly string[]] = [all, []];
  let isExpected = false;
  for (;;) {
    const [first = '', second] = words;
    const takesOne = ['at', 'repeat', ...(isExpected ? ['within'] : [])].includes(first);
    if (takesOne && second === undefined) {
      const once = first === 'at' && all.length === 1 ? ['once'] : [];
      return { words: [], isExpected, offered: once, awaitsCommand: false };
    }
    if (first === 'expect') [isExpected, offered] = [true, ['within', 'fails']];
    else if (first === 'fails' && isExpected) offered = failureCodes;
    else if (takesOne) offered = isExpected ? ['fails'] : ['try'];
    else if (first === 'try' || (offered === failureCodes && offered.includes(first))) offered = [];
    else return { words, isExpected, offered, awaitsCommand: true };
    words = words.slice(takesOne ? 2 : 1);
  }
}

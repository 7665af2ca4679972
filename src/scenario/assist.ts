/** What an editor of scenarios asks: what may stand at the cursor, what is wrong, and what each word is. */
import { ConfigError } from '../config/problem.js';
import { resolveSpec } from '../config/resolve.js';
import type { ClusterSpec } from '../config/spec.js';
import type { NodeId } from '../core/ids.js';
import { nextName } from '../core/node-order.js';
import { profileOf } from '../protocols/catalog.js';
import { modeNamed } from '../protocols/registry.js';
import { scriptCommands } from './command-table.js';
import { completionsAfter } from './completion.js';
import { failureCodes, judgementWords } from './parse-expect.js';
import { parseScript } from './parser.js';
import { type CompletionOption, optionsOf, type Surroundings } from './values-around.js';

export interface AssistCompletions {
  /** Where the word begins that the options stand for, in the text. */
  readonly from: number;
  readonly options: readonly CompletionOption[];
}

/** What may stand at `offset` of a script, its beginning taken as it is there. */
export function completionsAt(text: string, offset: number): AssistCompletions {
  const begin = text.lastIndexOf('\n', offset - 1) + 1;
  const before = text.slice(begin, offset);
  const lines = text.slice(0, begin).split('\n');
  const { typed, options } = isInTransaction(lines)
    ? stepsAfter(before)
    : completionsAfter(before, surroundingsOf(text, [...lines, ...beginningsOf(before)]));
  const from = offset - typed.length;
  return { from, options: meantBy(typed, options) };
}

/** Of a line that starts a cluster: what is typed last may not be right yet, and it without that is. */
function beginningsOf(line: string): string[] {
  const words = /^\s*cluster\s+up\b/.test(line) ? line.split(' ') : [];
  return words.map((_, at) => words.slice(0, at).join(' '));
}

/** What begins so; where nothing does, what has it within. */
function meantBy(typed: string, all: readonly CompletionOption[]): CompletionOption[] {
  const others = all.filter(({ label }) => label !== typed);
  const beginning = others.filter(({ label }) => label.startsWith(typed));
  if (beginning.length > 0) return beginning;
  return others.filter(({ label }) => label.toLowerCase().includes(typed.toLowerCase()));
}

/** Between a `txn` and its `end` are steps. */
function isInTransaction(linesBefore: readonly string[]): boolean {
  const opened = linesBefore.findLastIndex((line) => /^[^#"]*\btxn\b/.test(line));
  return opened >= 0 && !linesBefore.slice(opened).some((line) => /^\s*end\b/.test(line));
}

const stepWords = ['put', 'get', 'delete', 'check', 'end'];

function stepsAfter(before: string) {
  const words = before.trimStart().split(/\s+/);
  const typed = words.at(-1) ?? '';
  const options = words.length > 1 ? [] : optionsOf('command', stepWords);
  return { typed, options };
}

/** What a script's lines before the cursor make of it; clients, sessions and keys may also be named below. */
function surroundingsOf(text: string, linesBefore: readonly string[]): Surroundings {
  const { mode, nodes } = specAt(linesBefore) ?? specAt(text.split('\n')) ?? resolveSpec([]);
  const { levels, options } = profileOf(mode);
  const named = (pattern: RegExp): string[] => [
    ...new Set([...text.matchAll(pattern)].map(([, name = '']) => name)),
  ];
  return {
    nodes: linesBefore.reduce(withAdded, nodes),
    clients: named(/(?:^[ \t]*client[ \t]+|--session[ =]+)([A-Za-z0-9][\w-]*)/gm),
    keys: named(/\b(?:put|get|delete|insert|update|cas|search|check)[ \t]+([^\s"#-]\S*)/g),
    messages: modeNamed(mode).protocol.message.types ?? [],
    ...{ levels, options },
  };
}

/** Of the last of these lines that starts a cluster rightly. */
function specAt(lines: readonly string[]): ClusterSpec | null {
  const up = lines.filter((line) => /^\s*cluster\s+up\b/.test(line)).reverse();
  for (const line of up) {
    try {
      const { statements } = parseScript(line, parseOptions);
      const [statement] = statements;
      if (statement?.type === 'command') return statement.invocation.given.spec;
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
    }
  }
  return null;
}

function withAdded(nodes: readonly NodeId[], line: string): readonly NodeId[] {
  const [added, name] = /^\s*node\s+add(?:\s+([A-Za-z0-9]\S*))?/.exec(line) ?? [];
  if (added === undefined) return nodes;
  return [...new Set([...nodes, name ?? nextName({ nodes })])];
}

const parseOptions = { source: 'scenario', spec: resolveSpec([]), attached: false } as const;

export interface ScriptProblem {
  /** From 1, as columns. */
  readonly line: number;
  readonly column: number;
  /** Behind the word that it is about. */
  readonly endColumn: number;
  readonly message: string;
}

/** All that is wrong with a script, up to where nobody would read on. */
export function problemsOf(text: string): ScriptProblem[] {
  try {
    parseScript(text, parseOptions);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const lines = text.split(/\r\n|\n|\r/);
    return error.problems.map(({ line = 1, column = 1, message }) => {
      const [word = ''] = /^\S*/.exec((lines[line - 1] ?? '').slice(column - 1)) ?? [];
      return { line, column, endColumn: column + Math.max(1, word.length), message };
    });
  }
}

export interface Token {
  /** In the line, from 0; `to` is behind it. */
  readonly from: number;
  readonly to: number;
  readonly kind: 'comment' | 'command' | 'keyword' | 'flag' | 'string' | 'number' | 'node' | 'word';
}

const firstWords: ReadonlySet<string> = new Set(
  scriptCommands.map(({ name }) => name.split(' ')[0] as string),
);
const names: ReadonlySet<string> = new Set(scriptCommands.map(({ name }) => name));
/** Behind these, and what they take, stands a command. */
const prefixes: ReadonlySet<string> = new Set(['expect', 'within', 'try', 'repeat', 'at', 'fails']);
const number = /^[+-]?\d+(?:\.\d+)?(?:ms|s|m|h|%|[kMGT]?i?B)?$/;
const node = /^n\d+(?:[,/>-]+(?:n\d+|[A-Za-z][\w-]*))*$/;

/** What the words of a line are, to be coloured; a line alone knows no names, so that nodes are `n1`, `n2`, … */
export function tokensOf(line: string): Token[] {
  const reader = new TokenReader();
  return [...line.matchAll(/"(?:\\.|[^"\\])*"?|#.*|\S+/g)].map(({ 0: word, index }) => {
    return { from: index, to: index + word.length, kind: reader.kindOf(word) };
  });
}

/** What the next word is, by those before it. */
class TokenReader {
  /** Of the command, when it has begun. */
  #name: string | null = null;
  #isExpected = false;
  #isClient = false;

  kindOf(word: string): Token['kind'] {
    if (word.startsWith('#')) return 'comment';
    if (word.startsWith('"')) return 'string';
    if (number.test(word)) return 'number';
    if (/^--?[A-Za-z]/.test(word)) return 'flag';
    if (this.#isClient && word === 'at') return 'keyword';
    if (this.#name === null) return this.#beginning(word);
    if (names.has(`${this.#name} ${word}`)) {
      this.#name += ` ${word}`;
      return 'command';
    }
    if (this.#isExpected && judgementWords.includes(word)) return 'keyword';
    return node.test(word) ? 'node' : 'word';
  }

  #beginning(word: string): Token['kind'] {
    if (
      prefixes.has(word) ||
      word === 'once' ||
      (this.#isExpected && failureCodes.includes(word))
    ) {
      this.#isExpected ||= word === 'expect';
      return 'keyword';
    }
    this.#name = word;
    this.#isClient = word === 'client';
    if (this.#isClient || word === 'end') return 'keyword';
    return firstWords.has(word) ? 'command' : 'word';
  }
}

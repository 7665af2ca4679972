/** One command of a script: its words, checked against the command table. */

import { parseArgs } from 'node:util';
import { toRate } from '../cli/fail-rates.js';
import { meantByOthers as wordMeant } from '../cli/meant-words.js';
import type { Word } from '../cli/script-words.js';
import { toDuration, toNode } from '../cli/values.js';
import { parseGuarantees } from '../config/guarantees.js';
import { namePattern } from '../config/spec.js';
import type { NodeId } from '../core/ids.js';
import { keyBytesMax, valueBytesMax } from '../core/limits.js';
import type { LevelName } from '../core/operation.js';
import { oneLine, show } from '../core/show.js';
import { nearestWord } from '../core/suggest.js';
import { parseGroups } from '../faults/partition.js';
import {
  type Argument,
  type Command,
  commandNamed,
  commands,
  type Flag,
  type FlagKind,
  structures,
  usageOf,
} from './command-table.js';
import { at, LineError, textOf } from './line-error.js';
import type { Invocation } from './program.js';

/** What is known of names at some point of a script. */
export interface Scope {
  /** `null` when it can't be known which nodes there are. */
  readonly nodes: readonly NodeId[] | null;
  readonly clients: ReadonlySet<string>;
}

/** What was said with flags: the text of each, and where it stands. */
export interface Said {
  readonly text: string;
  readonly column: number;
}

export type ParsedCommand = Omit<Invocation, 'steps' | 'spec' | 'flags'> & {
  readonly flags: ReadonlyMap<string, readonly Said[]>;
};

/** `endColumn` is where words that are missing would stand. Throws {@link LineError}. */
export function parseCommand(
  words: readonly Word[],
  endColumn: number,
  scope: Scope,
): ParsedCommand {
  const command = findCommand(words, endColumn);
  const own = words.slice(command.name.split(' ').length);
  const takesFlags = command.arguments[0]?.kind !== 'words';
  const { positional, flags } = takesFlags
    ? splitFlags(own, command.flags, command.name)
    : { positional: own, flags: new Map() };
  checkFlags(flags, command.flags, scope);
  return { command, args: assignArguments(command, positional, endColumn, scope), flags };
}

/** Takes the flags out from among words. */
export function splitFlags(
  words: readonly Word[],
  known: readonly Flag[],
  of: string,
): { readonly positional: readonly Word[]; readonly flags: ReadonlyMap<string, readonly Said[]> } {
  const { tokens } = parseArgs({
    // A word in quotes is never a flag.
    args: words.map((word) => (word.quoted && textOf(word).startsWith('-') ? '"' : textOf(word))),
    options: Object.fromEntries(
      known.map(({ name, short, kind }) => [name, optionOf(short, kind)]),
    ),
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  const positional: Word[] = [];
  const flags = new Map<string, Said[]>();
  for (const token of tokens) {
    const word = words[token.index] as Word;
    if (token.kind === 'positional') positional.push(word);
    if (token.kind !== 'option') continue;
    const flag = known.find(({ name }) => name === token.name);
    if (flag === undefined) throw unknownFlag(word, token.rawName, known, of);
    const said = flags.get(flag.name) ?? [];
    if (said.length > 0 && !flag.multiple) {
      throw new LineError(word.column, `--${flag.name} stands here twice`);
    }
    const value = token.inlineValue ? word : words[token.index + 1];
    flags.set(flag.name, [
      ...said,
      saidOf(flag, token.value, token.inlineValue ?? false, word, value),
    ]);
  }
  return { positional, flags };
}

function optionOf(short: string | undefined, kind: FlagKind) {
  const type: 'boolean' | 'string' = kind === 'switch' ? 'boolean' : 'string';
  return { type, multiple: true, ...(short === undefined ? {} : { short }) };
}

function saidOf(
  flag: Flag,
  inline: string | undefined,
  isInline: boolean,
  word: Word,
  value: Word | undefined,
): Said {
  if (flag.kind === 'switch') {
    if (isInline) throw new LineError(word.column, `--${flag.name} takes no value`);
    return { text: '', column: word.column };
  }
  const isMissing =
    !isInline && (value === undefined || (!value.quoted && /^-./.test(textOf(value))));
  if (isMissing || value === undefined) {
    throw new LineError(word.column + textOf(word).length, `--${flag.name} needs a value`);
  }
  return { text: isInline ? (inline ?? '') : textOf(value), column: value.column };
}

function unknownFlag(word: Word, name: string, known: readonly Flag[], of: string): LineError {
  const names = known.map((flag) => `--${flag.name}`);
  const meant = nearestWord(name, names);
  const question = meant === null ? '' : `, did you mean ${meant}?`;
  const has = names.length === 0 ? 'it has none' : `it has ${names.join(', ')}`;
  const list = meant === null && names.length < 8 ? `; ${has}` : '';
  const value = /^-\d/.test(name) ? '; what begins with - and is no flag needs double quotes' : '';
  return new LineError(
    word.column,
    `\`${of}\` has no flag ${oneLine(name, 60)}${question}${value || list}`,
  );
}

function findCommand(words: readonly Word[], endColumn: number): Command {
  const [first, second] = words;
  if (first === undefined) throw new LineError(endColumn, 'a command is missing');
  const one = textOf(first);
  const two = second === undefined || second.quoted ? one : `${one} ${textOf(second)}`;
  const found = first.quoted ? undefined : (commandNamed(two) ?? commandNamed(one));
  if (found !== undefined) return found;
  const names = [...commands, ...structures].map(({ name }) => name);
  const ofTopic = names.filter((name) => name.startsWith(`${one} `));
  const meant =
    meantByOthers([one, two.slice(one.length + 1)]) ??
    nearestWord(two, names) ??
    (ofTopic.length > 0 ? null : (nearestWord(one, names) ?? partOf(one, names)));
  const question = meant === null ? '' : `, did you mean ${show(meant)}?`;
  const list = meant === null && ofTopic.length > 0 ? `; there are ${ofTopic.join(', ')}` : '';
  const typed = ofTopic.length > 0 ? two : one;
  const message = `there is no command ${show(typed)}${question}${list}`;
  throw new LineError(first.column, message);
}

/** What people who know other tools would say, and scripts can. */
function meantByOthers(words: readonly string[]): string | null {
  const meant = wordMeant(words);
  return meant === null || commandNamed(meant) === undefined ? null : meant;
}

/** `status` is a part of `cluster status`. */
const partOf = (word: string, names: readonly string[]): string | null =>
  names.find((name) => name.endsWith(` ${word}`)) ?? null;

/** Optional arguments take what the required ones leave, from the left. */
function assignArguments(
  command: Command,
  positional: readonly Word[],
  endColumn: number,
  scope: Scope,
): Invocation['args'] {
  const required = command.arguments.filter(({ optional }) => !optional).length;
  let spare = positional.length - required;
  const args = new Map<string, readonly Word[]>();
  let next = 0;
  for (const argument of command.arguments) {
    if (argument.optional && spare <= 0) continue;
    if (argument.optional) spare--;
    const taken = argument.rest ? positional.slice(next) : positional.slice(next, next + 1);
    if (taken.length === 0) throw missing(command, argument, endColumn);
    for (const word of taken) checkArgument(argument, word, scope);
    args.set(argument.name, taken);
    next += taken.length;
  }
  const surplus = positional[next];
  if (surplus === undefined) return args;
  const why = 'what holds blanks needs double quotes';
  throw new LineError(surplus.column, `too many words for \`${usageOf(command)}\`; ${why}`);
}

function missing(command: Command, { name }: Argument, endColumn: number): LineError {
  return new LineError(endColumn, `${name} is missing: \`${usageOf(command)}\``);
}

function checkArgument({ name, kind }: Argument, word: Word, scope: Scope): void {
  const { column, bytes } = word;
  const text = textOf(word);
  switch (kind) {
    case 'key':
      if (bytes.length === 0) throw new LineError(column, 'a key may not be empty');
      return checkSize(word, 'key', keyBytesMax);
    case 'value':
      return checkSize(word, 'value', valueBytesMax);
    case 'node':
      return checkNode(text, column, scope);
    case 'end':
      if (!scope.clients.has(text)) checkEnd(text, column, scope);
      return;
    case 'new node':
      return checkName(text, column, 'node');
    case 'groups':
      if (scope.nodes !== null) at(column, () => parseGroups(text, scope.nodes ?? []));
      return;
    case 'rate':
      at(column, () => toRate(text));
      return;
    case 'duration':
      at(column, () => toDuration(text, name));
      return;
    case 'count':
      if (/^[1-9]\d*$/.test(text) && Number.isSafeInteger(Number(text))) return;
      throw new LineError(column, `${name} is a whole number, 1 or more`);
    case 'words':
  }
}

function checkSize({ bytes, column }: Word, what: string, max: number): void {
  if (bytes.length <= max) return;
  throw new LineError(column, `the ${what} is ${bytes.length} bytes, at most ${max}`);
}

export function checkNode(text: string, column: number, { nodes }: Scope): void {
  if (nodes !== null) at(column, () => toNode(text, nodes));
}

function checkEnd(text: string, column: number, { nodes, clients }: Scope): void {
  if (nodes === null || nodes.includes(text)) return;
  const meant = nearestWord(text, [...nodes, ...clients]);
  const question = meant === null ? '' : `, did you mean ${meant}?`;
  const message = `there is no node or client ${show(text)}${question}`;
  throw new LineError(column, `${message}; the nodes are ${nodes.join(', ')}`);
}

export function checkName(text: string, column: number, what: string): void {
  if (namePattern.test(text)) return;
  const rule = 'use up to 32 letters, digits, - and _, beginning with a letter or digit';
  throw new LineError(column, `${show(text)} can't be a ${what}'s name: ${rule}`);
}

const levelNames: readonly LevelName[] = [
  ...(['one', 'two', 'quorum', 'all', 'local', 'leader', 'linearizable'] as const),
];

export function checkFlags(
  flags: ReadonlyMap<string, readonly Said[]>,
  known: readonly Flag[],
  scope: Scope,
): void {
  for (const [name, said] of flags) {
    const kind = known.find((flag) => flag.name === name)?.kind;
    for (const each of said) if (kind !== undefined) checkFlag(name, kind, each, scope);
  }
}

function checkFlag(name: string, kind: FlagKind, { text, column }: Said, scope: Scope): void {
  switch (kind) {
    case 'duration':
      at(column, () => toDuration(text, `--${name}`));
      return;
    case 'node':
      return checkNode(text, column, scope);
    case 'session':
      return checkName(text, column, 'session');
    case 'guarantees':
      at(column, () => parseGuarantees(text));
      return;
    case 'level':
      return checkLevel(text, column);
    case 'text':
    case 'switch':
  }
}

function checkLevel(text: string, column: number): void {
  if (/^\d+$/.test(text) || levelNames.some((name) => name === text)) return;
  const meant = nearestWord(text, levelNames);
  const question = meant === null ? '' : `, did you mean ${meant}?`;
  const message = `there is no level ${show(text)}${question}`;
  throw new LineError(column, `${message}; they are ${levelNames.join(', ')} and numbers`);
}

/** For flags of the language that are not a command's. */
export const isFlag = (word: Word): boolean => !word.quoted && /^--?[A-Za-z]/.test(textOf(word));

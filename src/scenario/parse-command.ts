/** One command of a script: its words, checked against the command table. */

import { type Place, type Setting, withModuleBeside } from '../config/problem.js';
import { resolveSpec } from '../config/resolve.js';
import type { ClusterSpec } from '../config/spec.js';
import { oneLine } from '../core/show.js';
import { didYouMean } from '../core/suggest.js';
import { type FlagSpec, isBare } from '../operations/flags.js';
import { assign, checkArgument, checkFlag, type Scope } from '../operations/given.js';
import { usageOf } from '../operations/operation.js';
import { checkRespFlags, settingsOfFlag } from '../operations/spec-flags.js';
import { operations } from '../operations/table.js';
import { type Word, wordText } from '../operations/transaction-text.js';
import { unknownCommand } from '../operations/unknown-command.js';
import { commandNamed, type ScriptCommand, scriptCommands } from './command-table.js';
import { at, LineError } from './script-lines.js';
import { structures } from './structures.js';

/** What was said with flags: the text of each, and where it stands. */
export interface Said {
  readonly text: string;
  readonly column: number;
}

export const textsOf = (
  flags: ReadonlyMap<string, readonly Said[]>,
): ReadonlyMap<string, readonly string[]> =>
  new Map([...flags].map(([name, said]) => [name, said.map(({ text }) => text)]));

export interface ParsedCommand {
  readonly command: ScriptCommand;
  /** The words of each argument, by its name; one that was left out is not there. */
  readonly args: ReadonlyMap<string, readonly Word[]>;
  readonly flags: ReadonlyMap<string, readonly Said[]>;
}

/** `endColumn` is where words that are missing would stand. Throws {@link LineError}. */
export function parseCommand(
  words: readonly Word[],
  endColumn: number,
  scope: Scope,
): ParsedCommand {
  const command = findCommand(words, endColumn);
  const own = words.slice(command.name.split(' ').length);
  const [first] = command.arguments;
  const takesFlags = first?.kind !== 'words' || !first.rest;
  const { positional, flags } = takesFlags
    ? splitFlags(own, command.flags, command.name)
    : { positional: own, flags: new Map() };
  checkFlags(flags, command.flags, scope);
  const args = assignArguments(command, positional, flags, endColumn, scope);
  return { command, args, flags };
}

/** Takes the flags out from among words: `--name value`, `--name=value`, `-n value`, `-nvalue`; none after `--`. */
export function splitFlags(
  words: readonly Word[],
  known: readonly FlagSpec[],
  of: string,
): { readonly positional: readonly Word[]; readonly flags: ReadonlyMap<string, readonly Said[]> } {
  const positional: Word[] = [];
  const flags = new Map<string, Said[]>();
  let at = 0;
  for (let word = words[at]; word !== undefined; word = words[++at]) {
    const text = wordText(word);
    if (!word.quoted && text === '--') {
      positional.push(...words.slice(at + 1));
      break;
    }
    // A word in quotes is never a flag, nor is a negative number.
    if (word.quoted || !/^-\D/.test(text)) {
      positional.push(word);
      continue;
    }
    const { name, inline } = flagIn(text);
    const flag = known.find((each) => name === `--${each.name}` || name === `-${each.char}`);
    if (flag === undefined) throw unknownFlag(word, name, known, of);
    const said = flags.get(flag.name) ?? [];
    if (said.length > 0 && !flag.multiple) {
      throw new LineError(word.column, `--${flag.name} stands here twice`);
    }
    const next = words[at + 1];
    flags.set(flag.name, [...said, saidOf(flag, inline, word, next)]);
    const isAlone = flag.kind === 'switch' || isBare(flag, textOfNext(next));
    if (!isAlone && inline === undefined) at++;
  }
  return { positional, flags };
}

/** `--name` with what stands behind `=`, or `-n` with what stands behind it. */
function flagIn(text: string): { readonly name: string; readonly inline: string | undefined } {
  if (!text.startsWith('--')) return { name: text.slice(0, 2), inline: text.slice(2) || undefined };
  const sign = text.indexOf('=');
  if (sign === -1) return { name: text, inline: undefined };
  return { name: text.slice(0, sign), inline: text.slice(sign + 1) };
}

function saidOf(
  flag: FlagSpec,
  inline: string | undefined,
  word: Word,
  next: Word | undefined,
): Said {
  const { column } = word;
  if (flag.kind === 'switch') {
    if (inline !== undefined) throw new LineError(column, `--${flag.name} takes no value`);
    return { text: '', column };
  }
  if (inline !== undefined) return { text: inline, column };
  if (isBare(flag, textOfNext(next))) return { text: flag.bare ?? '', column };
  if (next === undefined || (!next.quoted && /^-\D/.test(wordText(next)))) {
    throw new LineError(column + wordText(word).length, `--${flag.name} needs a value`);
  }
  return { text: wordText(next), column: next.column };
}

const textOfNext = (next: Word | undefined): string | undefined => next && wordText(next);

function unknownFlag(word: Word, name: string, known: readonly FlagSpec[], of: string): LineError {
  const names = known.map((flag) => `--${flag.name}`);
  const question = didYouMean(name, names);
  const has = names.length === 0 ? 'it has none' : `it has ${names.join(', ')}`;
  const list = question === '' && names.length < 8 ? `; ${has}` : '';
  return new LineError(word.column, `\`${of}\` has no flag ${oneLine(name, 60)}${question}${list}`);
}

function findCommand(words: readonly Word[], endColumn: number): ScriptCommand {
  const [first, second] = words;
  if (first === undefined) throw new LineError(endColumn, 'a command is missing');
  const one = wordText(first);
  const two = second === undefined || second.quoted ? one : `${one} ${wordText(second)}`;
  const found = first.quoted ? undefined : (commandNamed(two) ?? commandNamed(one));
  if (found !== undefined) return found;
  const elsewhere = operations.find(({ name, only }) => {
    return only === 'command line' && !first.quoted && (name === two || name === one);
  });
  const names = [...scriptCommands, ...structures].map(({ name }) => name);
  const message =
    elsewhere === undefined
      ? unknownCommand(two.split(' '), names)
      : `\`${elsewhere.name}\` is for the command line, not for scripts`;
  throw new LineError(first.column, message);
}

function assignArguments(
  command: ScriptCommand,
  positional: readonly Word[],
  flags: ParsedCommand['flags'],
  endColumn: number,
  scope: Scope,
): ParsedCommand['args'] {
  const { assigned, missing, surplus } = assign(command.arguments, positional, (flag) =>
    flags.has(flag),
  );
  for (const [argument, words] of assigned) {
    for (const { column, bytes } of words) at(column, () => checkArgument(argument, bytes, scope));
  }
  if (missing !== null) {
    const { name, unless } = missing;
    const wanted = unless === undefined ? name : `${name} or --${unless}`;
    throw new LineError(endColumn, `${wanted} is missing: \`${usageOf(command)}\``);
  }
  const [first] = surplus;
  if (first !== undefined) {
    const replaced = command.arguments.find(({ unless = '' }) => flags.has(unless));
    const why =
      replaced === undefined
        ? 'what holds blanks needs double quotes'
        : `with --${replaced.unless} there is no ${replaced.name}`;
    throw new LineError(first.column, `too many words for \`${usageOf(command)}\`; ${why}`);
  }
  return new Map([...assigned].map(([{ name }, words]) => [name, words]));
}

/** What flags were given, checked each at its place. */
export function checkFlags(
  flags: ReadonlyMap<string, readonly Said[]>,
  known: readonly FlagSpec[],
  scope: Scope,
): void {
  for (const flag of known) {
    for (const { text, column } of flags.get(flag.name) ?? []) {
      at(column, () => checkFlag(flag, text, scope));
    }
  }
}

/** For flags of the language that are not a command's. */
export const isFlag = (word: Word): boolean => !word.quoted && /^--?[A-Za-z]/.test(wordText(word));

/**
 * The cluster that `cluster up` means. `place` is the command's. Throws a {@link LineError} for a flag of the wrong form,
 * and `ConfigError` with all that is wrong with the settings.
 */
export function specOfUp(
  flags: ReadonlyMap<string, readonly Said[]>,
  place: Place,
  readConfig: (path: string) => readonly Setting[],
): ClusterSpec {
  const settings = (flags.get('config') ?? []).flatMap(({ text }) => readConfig(text));
  for (const [flag, all] of flags) {
    if (flag === 'config' || flag === 'fresh') continue;
    for (const said of flag === 'delay' ? [all] : all.map((each) => [each])) {
      const { column } = said[0] as Said;
      const texts = said.map(({ text }) => text);
      const found = at(column, () => settingsOfFlag(flag, texts, { ...place, column }));
      settings.push(...found.map((setting) => withModuleBeside(place.source, setting)));
    }
  }
  const spec = resolveSpec(settings);
  at(place.column ?? 1, () => checkRespFlags(spec, (flag) => flags.has(flag)));
  return spec;
}

/** What was said to an operation: the bytes of its arguments, and the texts of its flags. */

import { parseBytes, parseDuration, parseRate, toDuration } from '../config/duration.js';
import { parseGuarantees } from '../config/guarantees.js';
import { type ClusterSpec, namePattern } from '../config/spec.js';
import { textOfBytes } from '../core/bytes.js';
import { usageError } from '../core/errors.js';
import type { Millis, NodeId } from '../core/ids.js';
import { invariant } from '../core/invariant.js';
import { keyBytesMax, valueBytesMax } from '../core/limits.js';
import type { Level, LevelName, TransactionStep } from '../core/operation.js';
import { show } from '../core/show.js';
import { unknownWord } from '../core/suggest.js';
import { everyClient, parseLink } from '../faults/link-words.js';
import { checkNemesis } from '../faults/nemeses.js';
import { parseGroups } from '../faults/partition.js';
import { bytesToWord } from '../render/bytes.js';
import type { ArgumentSpec, FlagSpec, Takes } from './flags.js';

interface Said {
  /** By the argument's name; one that was left out is not there. */
  readonly args: ReadonlyMap<string, readonly Uint8Array[]>;
  /** By the flag's long name; a switch was given nothing. */
  readonly flags: ReadonlyMap<string, readonly string[]>;
  /** Of an operation with a block. */
  readonly steps?: readonly TransactionStep[];
  /** Of `cluster up`. */
  readonly spec?: ClusterSpec | null;
}

export class Given implements Said {
  readonly #known: readonly FlagSpec[];
  readonly args: ReadonlyMap<string, readonly Uint8Array[]>;
  readonly flags: ReadonlyMap<string, readonly string[]>;
  readonly steps: readonly TransactionStep[];
  readonly spec: ClusterSpec | null;

  constructor({ flags }: Pick<Takes, 'flags'>, said: Said) {
    this.#known = flags;
    this.args = said.args;
    this.flags = said.flags;
    this.steps = said.steps ?? [];
    this.spec = said.spec ?? null;
  }

  /** Of an argument that must be there. */
  bytes(name: string): Uint8Array {
    const [bytes] = this.args.get(name) ?? [];
    invariant(bytes !== undefined, `${name} was given`);
    return bytes;
  }

  /** None when it was left out. */
  texts(name: string): readonly string[] {
    return (this.args.get(name) ?? []).map(textOfBytes);
  }

  text(name: string): string | undefined {
    return this.texts(name)[0];
  }

  /** What was said, else its default. */
  flag(name: string): string | undefined {
    return this.flags.get(name)?.at(-1) ?? this.#known.find((flag) => flag.name === name)?.default;
  }

  has(flag: string): boolean {
    return this.flags.has(flag);
  }

  /** Of a flag with a default. */
  duration(flag: string): Millis {
    return toDuration(this.flag(flag) ?? '', `--${flag}`);
  }
}

/** The command again, as a script has it; flags as `--name=value`. */
export function commandWords(
  { name, arguments: args = [], flags = [] }: { readonly name: string } & Partial<Takes>,
  given: Pick<Given, 'args' | 'flags'>,
): string {
  const said = args.flatMap((argument) => given.args.get(argument.name) ?? []);
  const flagged = flags.flatMap((flag) => {
    const texts = given.flags.get(flag.name);
    if (texts === undefined) return [];
    return texts.length === 0 ? [`--${flag.name}`] : [`--${flag.name}=${texts.join()}`];
  });
  return [name, ...said.map((bytes) => bytesToWord(bytes)), ...flagged].join(' ');
}

interface Assigned<T> {
  readonly assigned: ReadonlyMap<ArgumentSpec, readonly T[]>;
  /** The first that must be there and is not. */
  readonly missing: ArgumentSpec | null;
  readonly surplus: readonly T[];
}

/**
 * Which word is which argument: optional ones take what the required ones leave, from the left. `isSaid`: a flag was given.
 */
export function assign<T>(
  all: readonly ArgumentSpec[],
  words: readonly T[],
  isSaid: (flag: string) => boolean = () => false,
): Assigned<T> {
  const specs = all.filter(({ unless }) => unless === undefined || !isSaid(unless));
  const mayLack = ({ optional, orInput }: ArgumentSpec): boolean => !!optional || !!orInput;
  let spare = words.length - specs.filter((spec) => !mayLack(spec)).length;
  const assigned = new Map<ArgumentSpec, readonly T[]>();
  let next = 0;
  for (const spec of specs) {
    if (mayLack(spec) && spare-- <= 0) continue;
    const taken = spec.rest ? words.slice(next) : words.slice(next, next + 1);
    if (taken.length === 0) return { assigned, missing: spec, surplus: [] };
    assigned.set(spec, taken);
    next += taken.length;
  }
  return { assigned, missing: null, surplus: words.slice(next) };
}

/** Which names there are; `null`: that is not known. */
export interface Scope {
  readonly nodes: readonly NodeId[] | null;
  readonly clients: ReadonlySet<string> | null;
  readonly levels: readonly string[] | null;
}

export const nothingKnown: Scope = { nodes: null, clients: null, levels: null };

/** Throws a definite `bad-request` for the first argument or flag that can't be what it stands for. */
export function checkGiven(
  { arguments: args, flags }: Takes,
  given: Pick<Given, 'args' | 'flags'>,
  scope: Scope,
): void {
  for (const argument of args) {
    for (const bytes of given.args.get(argument.name) ?? []) checkArgument(argument, bytes, scope);
  }
  for (const flag of flags) {
    for (const text of given.flags.get(flag.name) ?? []) checkFlag(flag, text, scope);
  }
}

export function checkArgument(
  { name, kind, options }: Pick<ArgumentSpec, 'name' | 'kind' | 'options'>,
  bytes: Uint8Array,
  scope: Scope,
): void {
  const text = textOfBytes(bytes);
  switch (kind) {
    case 'key':
      if (bytes.length === 0) throw usageError('a key may not be empty');
      return checkSize(bytes, 'key', keyBytesMax);
    case 'value':
      return checkSize(bytes, 'value', valueBytesMax);
    case 'node':
      if (scope.nodes !== null) toNode(text, scope.nodes);
      return;
    case 'end':
      return checkEnd(text, scope);
    case 'new node':
      return checkName(text, 'node');
    case 'groups':
      if (scope.nodes !== null) parseGroups(text, scope.nodes);
      return;
    case 'link':
      if (scope.nodes === null || scope.clients === null) return;
      parseLink(text, scope.nodes, (end) => scope.clients?.has(end) === true);
      return;
    case 'rate':
      toRate(text);
      return;
    case 'chance':
      toChance(text, name);
      return;
    case 'bytes':
      toBytes(text, name);
      return;
    case 'duration':
      toDuration(text, name);
      return;
    case 'nemesis':
      return checkNemesis(text);
    case 'count':
      if (/^[1-9]\d*$/.test(text) && Number.isSafeInteger(Number(text))) return;
      throw usageError(`${name} is a whole number, 1 or more`);
    case 'offset':
      toOffset(text, name);
      return;
    case 'delay':
      toDelay(text, name);
      return;
    case 'amount':
      if (parseBytes(text) !== null || text === '0' || parseDuration(text) !== null) return;
      throw usageError(
        `${name} must be a time such as 20ms or bytes such as 64KiB, not ${show(text)}`,
      );
    case 'words':
      checkOption(name, text, options ?? [text]);
  }
}

function checkOption(name: string, text: string, options: readonly string[]): void {
  if (options.includes(text)) return;
  throw unknownWord(`${name} can't be`, text, options, `It can be ${options.join(', ')}.`);
}

function checkSize(bytes: Uint8Array, what: string, max: number): void {
  if (bytes.length <= max) return;
  throw usageError(`the ${what} is ${bytes.length} bytes, at most ${max}`);
}

function checkEnd(text: string, { nodes, clients }: Scope): void {
  if (nodes === null || clients === null || nodes.includes(text) || clients.has(text)) return;
  if (text === everyClient) return;
  const known = [...nodes, ...clients];
  throw unknownWord(
    'there is no node or client',
    text,
    known,
    `The nodes are ${nodes.join(', ')}.`,
  );
}

export function checkName(text: string, what: string): void {
  if (namePattern.test(text)) return;
  throw usageError(
    `${show(text)} can't be a ${what}'s name`,
    'Use up to 32 letters, digits, - and _, beginning with a letter or digit.',
  );
}

export function checkFlag(flag: FlagSpec, text: string, scope: Scope): void {
  const { name, kind } = flag;
  switch (kind) {
    case 'duration':
      toDuration(text, `--${name}`);
      return;
    case 'node':
      if (scope.nodes !== null) toNode(text, scope.nodes);
      return;
    case 'session':
      return checkName(text, 'session');
    case 'guarantees':
      parseGuarantees(text);
      return;
    case 'level':
      return checkLevel(text, scope);
    case 'count':
      return checkCount(flag, text);
    case 'text':
    case 'switch':
  }
}

function checkCount(
  { name, min = 0, max = Number.MAX_SAFE_INTEGER }: FlagSpec,
  text: string,
): void {
  const isWithin = Number(text) >= min && Number(text) <= max;
  if (/^\d+$/.test(text) && isWithin) return;
  throw usageError(`--${name} is a whole number, ${min} or more, not ${show(text)}`);
}

/** Those of all modes; which of them a mode has, its nodes know. */
export const levelNames: readonly LevelName[] = [
  ...(['one', 'two', 'quorum', 'all', 'local', 'leader', 'linearizable'] as const),
];

function checkLevel(text: string, { levels }: Scope): void {
  if (levels === null || /^\d+$/.test(text) || levels.includes(text)) return;
  throw unknownWord(
    'there is no level',
    text,
    levels,
    `They are ${levels.join(', ')} and numbers.`,
  );
}

/** Which levels there are, the node knows; here only that a number is one. */
export function toLevel(text: string | undefined): Level | null {
  if (text === undefined) return null;
  return (/^\d+$/.test(text) ? Number(text) : text) as Level;
}

export function toNode(text: string, nodes: readonly NodeId[]): NodeId {
  if (nodes.includes(text)) return text;
  throw unknownWord('there is no node', text, nodes, `The nodes are ${nodes.join(', ')}.`);
}

/** `20ms`, or 0. */
export function toDelay(text: string, name: string): Millis {
  return text === '0' ? 0 : toDuration(text, name);
}

/** `+500ms`, `-2s`, or 0. */
export function toOffset(text: string, name: string): Millis {
  const [sign] = /^[+-]/.exec(text) ?? [''];
  const ms = text.slice(sign.length) === '0' ? 0 : parseDuration(text.slice(sign.length));
  if (ms !== null) return sign === '-' ? 0 - ms : ms;
  throw usageError(`${name} must be a time such as +500ms, -2s or 0, not ${show(text)}`);
}

/** `1%`, `-0.5%`: more or less than it should be, by less than all of it. */
export function toDrift(text: string, flag: string): number {
  const rate = parseRate(text.replace(/^[+-]/, ''));
  if (rate !== null && rate < 1) return text.startsWith('-') ? 0 - rate : rate;
  throw usageError(`${flag} must be a rate such as 1% or -1%, below 100%, not ${show(text)}`);
}

export function toBytes(text: string, name: string): number {
  const bytes = parseBytes(text);
  if (bytes !== null) return bytes;
  throw usageError(`${name} must be bytes such as 100, 64kB or 1MiB, not ${show(text)}`);
}

/** `5%`, from 0 to all of it. */
export function toChance(text: string, name: string): number {
  const chance = parseRate(text);
  if (chance !== null && chance <= 1) return chance;
  throw usageError(`${name} must be from 0% to 100%, such as 5% or 0.05, not ${show(text)}`);
}

export function toRate(text: string): number {
  const rate = parseRate(text);
  if (rate !== null && rate < 1) return rate;
  throw usageError(
    `RATE must be a number from 0 to below 1, such as 0.3 or 30%, not ${show(text)}`,
  );
}

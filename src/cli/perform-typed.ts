/** Does an operation that was typed as a command line: on the cluster that it means, to its exit code. */

import type { Config } from '@oclif/core/config';
import { chooseCluster, chooseName, listClusters } from '../cluster/state/state.js';
import { textOfBytes } from '../core/bytes.js';
import { usageError } from '../core/errors.js';
import { valueBytesMax } from '../core/limits.js';
import { oneLine } from '../core/show.js';
import { encodeUtf8 } from '../core/utf8.js';
import { anyAsker, OperationContext } from '../operations/context.js';
import type { ArgumentSpec, FlagSpec } from '../operations/flags.js';
import { textFlag } from '../operations/flags.js';
import { assign, checkGiven, Given, nothingKnown } from '../operations/given.js';
import type { OperationEntry } from '../operations/operation.js';
import { perform } from '../operations/operation.js';
import { checkRespFlags } from '../operations/spec-flags.js';
import { exitCodes } from '../render/failure.js';
import { outputWidth, printJson, printJsonLine, printLine } from '../render/output.js';
import { printPage } from '../render/print-page.js';
import { attachedTarget, chooseUpCluster, namedTarget } from '../targets/local.js';
import type { Target } from '../targets/target.js';
import { host, watching } from './host.js';
import { readWhole } from './text-input.js';

/** More than a password may have: whoever pipes a file by mistake is told so. */
const passwordInputBytesMax = 4096;

/** A command line as oclif has parsed it. */
export interface TypedCommand {
  readonly words: readonly string[];
  readonly flags: Readonly<Record<string, unknown>>;
  /** Those of them that do not come from the environment. */
  readonly flagsTyped: ReadonlySet<string>;
  /** As it was. */
  readonly argv: readonly string[];
  readonly config: Config;
}

export async function performTyped(
  spec: OperationEntry,
  typed: TypedCommand,
  signal: AbortSignal,
): Promise<void> {
  const given = await givenBy(spec, typed, signal);
  const targets = targetsOf(spec, typed, given, signal);
  const context = new OperationContext({ targets, host, signal, lasts: true });
  const json = typed.flags['json'] === true;
  const call = {
    ...{ given, context, asker: anyAsker, timeoutMsMax: Number.POSITIVE_INFINITY, json },
    tell: (line: string, document: unknown) => (json ? printJsonLine(document) : printLine(line)),
  };
  try {
    const outcome = await watching('', (says) => perform(spec, { ...call, says }));
    if (json) printJson(outcome.json());
    else await printPage(outcome.page(howShown(given)));
    process.exitCode = exitCodes[outcome.answer];
  } finally {
    // Most commands have ended by then: to close a socket Node makes the stream of standard error first, which takes longer than to ask a node.
    setTimeout(() => context.close(), 0);
  }
}

/** How wide the output is takes its stream, which a line or two do without. */
const howShown = (given: Given) => ({
  get width() {
    return outputWidth();
  },
  ...({ given, where: 'command line' } as const),
});

/** What was typed and piped. Throws `bad-request` for what can't be meant, before anything else is looked at. */
async function givenBy(
  spec: OperationEntry,
  typed: TypedCommand,
  signal: AbortSignal,
): Promise<Given> {
  const flags = new Map<string, readonly string[]>();
  for (const { name } of spec.flags) {
    const value = typed.flags[name];
    if (value === undefined || value === false) continue;
    flags.set(name, value === true ? [] : [value].flat().map(String));
  }
  const args = argumentsOf(spec, typed);
  checkGiven(spec, { args, flags }, nothingKnown);
  for (const argument of spec.arguments) {
    if (!argument.orInput) continue;
    const word = args.get(argument.name)?.[0];
    // As a flag's value, a dash is a dash.
    const isWord = bytesFromFlags(argument, typed.flags) === null;
    if (word !== undefined && !(isWord && textOfBytes(word) === '-')) continue;
    args.set(argument.name, [await valueFromInput(word !== undefined, signal)]);
  }
  const steps = spec.block ? await stepsOf(typed, signal) : [];
  const wanted = await specOf(spec, await withPassword(typed, signal), flags.has('fresh'));
  if (wanted !== null) checkRespFlags(wanted, (flag) => typed.flagsTyped.has(flag));
  return new Given(spec, { args, flags, steps, spec: wanted });
}

/** Of an operation on a cluster that is only described, also that of one that is there. */
async function specOf({ on }: OperationEntry, { flags }: TypedCommand, fresh: boolean) {
  if (on !== 'a cluster to be' && on !== 'a cluster described') return null;
  const { describesCluster, specFromFlags } = await import('./scripts/script-flags.js');
  if (on === 'a cluster to be') return specFromFlags(flags, fresh);
  if (describesCluster(flags)) return specFromFlags(flags, true);
  return chooseCluster((flags['name'] ?? flags['cluster']) as string | undefined).record;
}

/** For `--resp-password -`: with the first line of standard input. */
async function withPassword(typed: TypedCommand, signal: AbortSignal): Promise<TypedCommand> {
  if (typed.flags['resp-password'] !== '-') return typed;
  if (typed.flags['config'] === '-') {
    throw usageError('--config - and --resp-password - can not both read standard input');
  }
  const bytes = await readWhole('-', 'the password', passwordInputBytesMax, signal);
  const [line = ''] = textOfBytes(bytes ?? new Uint8Array()).split(/\r?\n/, 1);
  if (line === '') throw usageError('standard input holds no password', 'It is its first line.');
  return { ...typed, flags: { ...typed.flags, 'resp-password': line } };
}

async function stepsOf({ words }: TypedCommand, signal: AbortSignal) {
  const { readText } = await import('./text-input.js');
  const { parseTransaction } = await import('../operations/transaction-text.js');
  const { text, source } = await readText(words[0], signal);
  return parseTransaction(text, source);
}

export function argumentsOf(
  spec: OperationEntry,
  { words, flags }: Pick<TypedCommand, 'words' | 'flags'>,
) {
  const args = new Map<string, readonly Uint8Array[]>();
  if (spec.block) return args;
  const left = spec.arguments.filter((argument) => {
    const bytes = bytesFromFlags(argument, flags);
    if (bytes !== null) args.set(argument.name, [bytes]);
    return bytes === null;
  });
  const { assigned, missing, surplus } = assign(left, words, (flag) => flags[flag] !== undefined);
  if (surplus.length > 0) throw usageError(`too many arguments: ${oneLine(surplus.join(' '), 60)}`);
  if (missing !== null) {
    const { name, flag } = missing;
    const hint =
      flag === undefined ? `See \`kvx ${spec.name} -h\`.` : `Or give it with --${flag}-hex.`;
    throw usageError(`missing: ${name}`, hint);
  }
  for (const [{ name, flag }, given] of assigned) {
    const bytes = given.map((word) => textBytes(word, name, flag));
    args.set(name, bytes);
  }
  return args;
}

/** What it works on, the one that it means first. */
function targetsOf(
  { on }: OperationEntry,
  { flags, argv }: TypedCommand,
  given: Given,
  signal: AbortSignal,
): readonly Target[] {
  const named = flags['cluster'] as string | undefined;
  if (on === undefined) return [attachedTarget(chooseUpCluster(named), signal)];
  if (on === 'a cluster to be' && given.spec !== null) {
    return [namedTarget(given.spec, signal, asTyped(argv))];
  }
  if (on !== 'several by name') return [];
  const names = given.has('all') ? listClusters().map(({ name }) => name) : [chooseName(named)];
  return names.map((name) => namedTarget({ name, runtime: 'threads' }, signal));
}

/** The flags as they were typed, save those that name the cluster and that shape the output, and no password. */
function asTyped(argv: readonly string[]): string {
  const kept = argv.filter(
    (word, at) =>
      !['--name', '-C', '--cluster', '--json'].includes(word) &&
      !['--name', '-C', '--cluster'].includes(argv[at - 1] ?? '') &&
      !/^(--name=|--cluster=|-C.)/.test(word),
  );
  const shown = kept.map((word, at) => {
    if (kept[at - 1] === '--resp-password') return '-';
    return word.replace(/^(--resp-password=).*/s, '$1-');
  });
  return shown.map((word) => (/^[\w.,:=/@%+-]+$/.test(word) ? word : `'${word}'`)).join(' ');
}

/** The flags in place of arguments: `--value`, `--value-hex`, `--value-base64`. */
export const bytesFlags = (args: readonly ArgumentSpec[]): FlagSpec[] =>
  args.flatMap(({ name, flag, orInput }) => {
    if (flag === undefined) return [];
    const what = orInput ? 'the value' : `in place of ${name}`;
    const asText = "in place of the argument, as text; '' is an empty value";
    return [
      ...(orInput ? [textFlag(flag, 'TEXT', asText)] : []),
      textFlag(`${flag}-hex`, 'HEX', `${what}, as hexadecimal bytes`),
      textFlag(`${flag}-base64`, 'BASE64', `${what}, in base64`),
    ];
  });

/** What a flag says in place of an argument; `null`: none does. Throws a definite `bad-request` for what is no bytes. */
export function bytesFromFlags(
  { flag }: ArgumentSpec,
  typed: Readonly<Record<string, unknown>>,
): Uint8Array | null {
  if (flag === undefined) return null;
  const [given, second] = [flag, `${flag}-hex`, `${flag}-base64`].filter(
    (each) => typed[each] !== undefined,
  );
  if (given === undefined) return null;
  if (second !== undefined) throw usageError(`--${given} and --${second} say the same thing twice`);
  const text = String(typed[given]);
  return given === flag ? textBytes(text, `--${flag}`, flag) : decoded(text, given);
}

/**
 * Node decodes arguments as UTF-8 and puts U+FFFD in the place of what is none. A word that has it may be another than
 * the one that was typed.
 */
function textBytes(text: string, what: string, flag: string | undefined): Uint8Array {
  if (flag === undefined || !text.includes('\ufffd')) return encodeUtf8(text);
  throw usageError(
    `${what} is not UTF-8 text, or holds the character U+FFFD, which stands for such bytes`,
    `Give its bytes with --${flag}-hex or --${flag}-base64.`,
  );
}

function decoded(text: string, flag: string): Uint8Array {
  const isHex = flag.endsWith('-hex');
  const pattern = isHex
    ? /^(?:[0-9a-f]{2})*$/i
    : /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/;
  if (pattern.test(text)) return Buffer.from(text, isHex ? 'hex' : 'base64');
  const wanted = isHex ? 'two hexadecimal digits a byte' : 'base64';
  throw usageError(`--${flag} takes ${wanted}, not ${JSON.stringify(text.slice(0, 40))}`);
}

/**
 * All of standard input, byte for byte, for a value. It must not be empty when nothing was typed: whoever forgot the value
 * in a script, whose standard input is often empty, does not mean to overwrite one with nothing.
 */
export async function valueFromInput(wasTyped: boolean, signal: AbortSignal): Promise<Uint8Array> {
  const value = await readWhole('-', 'the value', valueBytesMax, signal);
  if (value === null) {
    throw usageError(
      `the value is larger than ${valueBytesMax} bytes (1 MiB)`,
      'Nothing was written; split it over several keys.',
    );
  }
  if (value.length > 0 || wasTyped) return value;
  throw usageError(
    'there is no value: none was given, and standard input is empty',
    "For an empty value give --value '', or - to take standard input as it is.",
  );
}

/** Does an operation that was typed as a command line: on the cluster that it means, to its exit code. */

import type { Config } from '@oclif/core/config';
import { chooseCluster, chooseName, listClusters } from '../cluster/state/state.js';
import { textOfBytes } from '../core/bytes.js';
import { usageError } from '../core/errors.js';
import { oneLine } from '../core/show.js';
import { anyAsker, OperationContext } from '../operations/context.js';
import { assign, checkGiven, Given } from '../operations/given.js';
import type { OperationEntry } from '../operations/operation.js';
import { perform } from '../operations/perform.js';
import { exitCodes } from '../render/failure.js';
import { outputWidth, printJson } from '../render/output.js';
import { printPage } from '../render/print-page.js';
import { attachedTarget, chooseUpCluster, namedTarget } from '../targets/local.js';
import type { Target } from '../targets/target.js';
import { host } from './host.js';
import { watching } from './progress.js';
import { bytesFromFlags, bytesFromWord, valueFromInput } from './typed-bytes.js';

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
  const context = new OperationContext({ ...targetOf(spec, typed, given, signal), host, signal });
  const json = typed.flags['json'] === true;
  const call = { given, context, asker: anyAsker, timeoutMsMax: Number.POSITIVE_INFINITY, json };
  try {
    const outcome = await watching('', (says) => perform(spec, { ...call, says }));
    const how = { width: outputWidth(), given, where: 'command line' } as const;
    if (json) printJson(outcome.json());
    else await printPage(outcome.page(how));
    process.exitCode = exitCodes[outcome.answer];
  } finally {
    context.close();
  }
}

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
  checkGiven(spec, { args, flags }, { nodes: null, clients: null, levels: null });
  for (const argument of spec.arguments) {
    if (!argument.orInput) continue;
    const word = args.get(argument.name)?.[0];
    // As a flag's value, a dash is a dash.
    const isWord = bytesFromFlags(argument, typed.flags) === null;
    if (word !== undefined && !(isWord && textOfBytes(word) === '-')) continue;
    args.set(argument.name, [await valueFromInput(word !== undefined, signal)]);
  }
  const steps = spec.block ? await stepsOf(typed, signal) : [];
  const wanted = await specOf(spec, typed, flags.has('fresh'));
  return new Given(spec, { args, flags, steps, spec: wanted });
}

/** Of an operation on a cluster that is only described, also that of one that is there. */
async function specOf({ on }: OperationEntry, { flags }: TypedCommand, fresh: boolean) {
  if (on !== 'a cluster to be' && on !== 'a cluster described') return null;
  const { describesCluster, specFromFlags } = await import('./spec-flags.js');
  if (on === 'a cluster to be') return specFromFlags(flags, fresh);
  if (describesCluster(flags)) return specFromFlags(flags, true);
  return chooseCluster((flags['name'] ?? flags['cluster']) as string | undefined).record;
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
  const { assigned, missing, surplus } = assign(left, words);
  if (surplus.length > 0) throw usageError(`too many arguments: ${oneLine(surplus.join(' '), 60)}`);
  if (missing !== null) {
    const { name, flag } = missing;
    const hint =
      flag === undefined ? `See \`kvx ${spec.name} -h\`.` : `Or give it with --${flag}-hex.`;
    throw usageError(`missing: ${name}`, hint);
  }
  for (const [argument, given] of assigned) {
    args.set(
      argument.name,
      given.map((word) => bytesFromWord(argument, word)),
    );
  }
  return args;
}

interface Targets {
  readonly target: Target | null;
  readonly targets?: readonly Target[];
  readonly lasts: boolean;
}

function targetOf(
  { on }: OperationEntry,
  { flags, argv }: TypedCommand,
  given: Given,
  signal: AbortSignal,
): Targets {
  const named = flags['cluster'] as string | undefined;
  switch (on ?? 'what is up') {
    case 'what is up':
      return { target: attachedTarget(chooseUpCluster(named), signal), lasts: true };
    case 'a cluster to be':
      return {
        target: given.spec === null ? null : namedTarget(given.spec, signal, asTyped(argv)),
        lasts: true,
      };
    case 'several by name': {
      const names = given.has('all') ? listClusters().map(({ name }) => name) : [chooseName(named)];
      const targets = names.map((name) => namedTarget({ name, runtime: 'threads' }, signal));
      return { target: targets[0] ?? null, targets, lasts: true };
    }
    case 'a cluster described':
    case 'nothing':
      return { target: null, lasts: true };
  }
}

/** The flags as they were typed, save those that name the cluster and that shape the output. */
function asTyped(argv: readonly string[]): string {
  const kept = argv.filter(
    (word, at) =>
      !['--name', '-C', '--cluster', '--json'].includes(word) &&
      !['--name', '-C', '--cluster'].includes(argv[at - 1] ?? '') &&
      !/^(--name=|--cluster=|-C.)/.test(word),
  );
  return kept.map((word) => (/^[\w.,:=/@%+-]+$/.test(word) ? word : `'${word}'`)).join(' ');
}

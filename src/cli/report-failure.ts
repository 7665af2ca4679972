import { KvxError, usageError } from '../core/errors.js';
import { show } from '../core/show.js';
import { didYouMean } from '../core/suggest.js';
import { unknownCommand } from '../operations/unknown-command.js';
import { exitCodeOf, exitCodes, failureDocument, failureLines } from '../render/failure.js';
import { note, printFailure, printJson } from '../render/output.js';

/** oclif's own errors say what they are by these fields only. */
interface OclifError extends Error {
  readonly oclif?: { readonly exit?: number };
  readonly flags?: readonly string[];
  readonly args?: readonly (string | { readonly name?: string })[];
  readonly parse?: { readonly input?: { readonly flags?: Readonly<Record<string, unknown>> } };
}

interface FailedCommand {
  readonly commandId?: string | undefined;
  /** False when it only looks, and so can't have taken effect. */
  readonly changes?: boolean;
  /** To suggest one from, when it is the command itself that does not exist. */
  readonly knownCommands?: readonly string[];
}

/** Says what went wrong, on standard error or as JSON, and sets the exit code. */
export async function reportFailure(
  error: unknown,
  argv: readonly string[],
  command: FailedCommand = {},
): Promise<void> {
  const shown = asKnown(error, argv, command);
  process.exitCode = exitCodeOf(shown);
  // Whoever interrupts what only looks knows all there is to know.
  if (process.exitCode === exitCodes.interrupted && command.changes === false) return;
  if (wantsJson(argv)) printJson(failureDocument(shown, command.changes));
  else printFailure(failureLines(shown, command.changes));
  if (wantsStack()) note(error instanceof Error ? (error.stack ?? error.message) : String(error));
}

/** Works before flags are parsed, for they may be what is wrong. */
function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  const flags = end === -1 ? argv : argv.slice(0, end);
  return flags.includes('--json') || /^(1|true|yes|y)$/i.test(process.env['KVX_JSON'] ?? '');
}

const wantsStack = (): boolean => /\bkvx\b|^\*$/.test(process.env['DEBUG'] ?? '');

/** What oclif says in its own way, said in ours. Anything that is not oclif's is a bug, and comes back as it is. */
function asKnown(error: unknown, argv: readonly string[], command: FailedCommand): unknown {
  if (error instanceof KvxError || !(error instanceof Error)) return error;
  const { oclif, flags = [], args = [] } = error as OclifError;
  if (oclif === undefined) return error;
  const { commandId, knownCommands } = command;
  if (commandId === undefined) return unknownCommandError(argv, knownCommands ?? []);
  const help = `See \`kvx ${commandId.replaceAll(':', ' ')} -h\`.`;
  switch (error.constructor.name) {
    case 'NonExistentFlagsError':
      return unknownFlagError(flags[0] ?? '', error, help);
    case 'RequiredArgsError':
      return usageError(`missing: ${args.map(nameOf).join(', ')}`, help);
    case 'UnexpectedArgsError':
      return usageError(`too many arguments: ${args.join(' ')}`, help);
    default:
      return usageError(withGuess(oneLine(error.message)), help);
  }
}

const nameOf = (arg: string | { readonly name?: string }): string =>
  typeof arg === 'string' ? arg : (arg.name ?? '').toUpperCase();

function unknownCommandError(argv: readonly string[], known: readonly string[]): KvxError {
  const words = argv.slice(0, argv.findIndex((word) => word.startsWith('-')) >>> 0);
  const names = known.map((id) => id.replaceAll(':', ' '));
  // oclif takes what follows a command without arguments for a part of its name.
  const begun = names.find((name) => `${words.join(' ')} `.startsWith(`${name} `));
  if (begun !== undefined) {
    const surplus = words.slice(begun.split(' ').length).join(' ');
    return usageError(`too many arguments: ${surplus}`, `See \`kvx ${begun} -h\`.`);
  }
  if (words.length === 0) return flagsFirstError(argv, names);
  return usageError(unknownCommand(words, names), 'See `kvx -h`.');
}

/** `kvx -C dev get a`: oclif looks for the command in front of its flags. */
function flagsFirstError(argv: readonly string[], names: readonly string[]): KvxError {
  const at = argv.findIndex((_, start) =>
    names.some((name) => `${argv.slice(start).join(' ')} `.startsWith(`${name} `)),
  );
  const typed = [...argv.slice(at), ...argv.slice(0, at)].join(' ');
  const hint = at === -1 ? 'See `kvx -h`.' : `Type \`kvx ${typed}\`.`;
  return usageError(`the command comes first, before ${argv[0]}`, hint);
}

function unknownFlagError(flag: string, error: OclifError, help: string): KvxError {
  const known = Object.keys(error.parse?.input?.flags ?? {}).map((name) => `--${name}`);
  const question = didYouMean(flag.split('=')[0] as string, known);
  const value = ' For a value that begins with -, put -- before it.';
  return usageError(`there is no flag ${flag}${question}`, `${help}${value}`);
}

/** `Expected --export=perfeto to be one of: shiviz, perfetto, jsonl`, and which was meant. */
function withGuess(message: string): string {
  const [, flag, typed = '', options = ''] =
    /^Expected (--\S+?)=(.*) to be one of: (.*)$/.exec(message) ?? [];
  if (flag === undefined) return message;
  const all = options.split(', ');
  return `${flag} can't be ${show(typed)}${didYouMean(typed, all)}; it can be ${all.join(', ')}`;
}

/** oclif's messages run over several lines; ours is one. */
function oneLine(message: string): string {
  return message
    .replace(/\n?See more help with --help\s*$/, '')
    .replace(/^The following errors? occurred:\s*/, '')
    .replace(/^Parsing (--\S+)\s+/, '$1: ')
    .replace(/\s*\n\s*/g, ' ')
    .trim();
}

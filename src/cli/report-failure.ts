import { nearestWord } from '../config/suggest.js';
import { KvxError } from '../core/errors.js';
import { exitCodeOf, failureDocument, failureLines } from '../report/failure.js';
import { note, printJson } from '../report/output.js';
import { styleFor } from '../report/style.js';
import { usageError } from './values.js';

/** oclif's own errors say what they are by these fields only. */
interface OclifError extends Error {
  readonly oclif?: { readonly exit?: number };
  readonly flags?: readonly string[];
  readonly args?: readonly { readonly name?: string }[];
  readonly parse?: { readonly input?: { readonly flags?: Readonly<Record<string, unknown>> } };
  readonly code?: string;
}

/** Says what went wrong, on standard error or as JSON, and sets the exit code. */
export async function reportFailure(
  error: Error,
  argv: readonly string[],
  command: { readonly commandId?: string | undefined; readonly changes?: boolean } = {},
): Promise<void> {
  // `--help` and `--version` end by an error, too.
  if ((error as OclifError).code === 'EEXIT') {
    process.exitCode = (error as OclifError).oclif?.exit ?? 0;
    return;
  }
  const shown =
    error instanceof KvxError ? error : fromOclif(error as OclifError, command.commandId);
  process.exitCode = exitCodeOf(shown);
  if (wantsJson(argv)) printJson(failureDocument(shown));
  else printFailure(failureLines(shown, command.changes));
  if (wantsStack()) note(error.stack ?? String(error));
}

function printFailure([first = '', ...rest]: readonly string[]): void {
  const style = styleFor(process.stderr);
  note(`${style.red.bold('error:')} ${first}`);
  for (const line of rest) note(line);
}

/** Works before flags are parsed, for they may be what is wrong. */
function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  const flags = end === -1 ? argv : argv.slice(0, end);
  return flags.includes('--json') || /^(1|true|yes|y)$/i.test(process.env['KVX_JSON'] ?? '');
}

const wantsStack = (): boolean => /\bkvx\b|^\*$/.test(process.env['DEBUG'] ?? '');

/** What oclif says in its own way, said in ours. Anything that is not oclif's is a bug, and comes back as it is. */
function fromOclif(error: OclifError, commandId: string | undefined): Error {
  if (error.oclif === undefined) return error;
  const help = `See \`kvx ${[commandId?.replaceAll(':', ' '), '-h'].filter(Boolean).join(' ')}\`.`;
  const [unknownFlag] =
    error.constructor.name === 'NonExistentFlagsError' ? (error.flags ?? []) : [];
  if (unknownFlag !== undefined) return unknownFlagError(unknownFlag, error, help);
  if (error.constructor.name === 'RequiredArgsError') {
    const names = (error.args ?? []).map(({ name }) => name).join(' and ');
    return usageError(`${names} is missing`, help);
  }
  if (error.constructor.name === 'UnexpectedArgsError') {
    return usageError(`too many arguments: ${(error.args ?? []).join(' ')}`, help);
  }
  return usageError(firstLines(error.message), help);
}

function unknownFlagError(flag: string, error: OclifError, help: string): KvxError {
  const known = Object.keys(error.parse?.input?.flags ?? {}).map((name) => `--${name}`);
  const meant = nearestWord(flag.split('=')[0] as string, known);
  const question = meant === null ? '' : `, did you mean ${meant}?`;
  const value = ' For a value that begins with -, put -- before it.';
  return usageError(`there is no flag ${flag}${question}`, `${help}${value}`);
}

/** oclif's messages run over several lines; ours is one. */
function firstLines(message: string): string {
  return message
    .replace(/\n?See more help with --help\s*$/, '')
    .replace(/^The following errors? occurred:\s*/, '')
    .replace(/\s*\n\s*/g, ' ')
    .trim();
}

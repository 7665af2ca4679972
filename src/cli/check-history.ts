/** `kvx check`: reads a history, has it judged and prints the report. */

import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { CheckOptions, Format, History, ModelName } from '../check/index.js';
import { toDuration } from '../config/duration.js';
import { KvxError, usageError } from '../core/errors.js';
import { show } from '../core/show.js';
import { didYouMean } from '../core/suggest.js';
import type { AnswerKind } from '../render/failure.js';
import { exitCodes } from '../render/failure.js';
import { LiveLine } from '../render/live-line.js';
import type { Perform } from './command.js';

export interface CheckFlags {
  readonly json: boolean;
  readonly model?: string | undefined;
  readonly timeout: string;
  readonly memory: string;
  readonly quiet: string;
  readonly initial?: string | undefined;
  readonly format?: string | undefined;
  readonly export?: string | undefined;
}

/** Whether the models asked for are kept; or, of none, whether it is known which are. */
export async function checkHistory(file: string, flags: CheckFlags): Promise<AnswerKind> {
  // All that is heavy loads here, where it is certain to be needed.
  const library = await import('../check/index.js');
  const { printCheck, checkAnswer } = await import('./check-report.js');
  const asked =
    flags.model === undefined ? null : toNames(flags.model, '--model', library.modelNames);
  const [format] =
    flags.format === undefined ? [] : toNames(flags.format, '--format', library.formats);
  let doing = '';
  const begun = performance.now();
  const seconds = (): number => Math.round((performance.now() - begun) / 1000);
  const progress = new LiveLine(() => `${doing} (${seconds()} s)…`);
  const says = (what: string): void => {
    doing = what;
    progress.say();
  };
  const deadline = performance.now() + toDuration(flags.timeout, '--timeout');
  const limits: CheckOptions = {
    memoryBytes: toBytes(flags.memory, '--memory'),
    quietMs: toDuration(flags.quiet, '--quiet'),
    onProgress: (what) => says(`judging: ${what.replaceAll('-', ' ')}`),
  };
  const history = await readFrom(file, format, says, deadline);
  if (flags.export !== undefined) {
    const { toEdn } = await import('../history/edn/write.js');
    const path = flags.export;
    await pipeline(toEdn(history), createWriteStream(path)).catch((error: Error) => {
      throw usageError(`can't write ${path}: ${error.message}`);
    });
  }
  const report = await library.check(history, {
    ...limits,
    timeoutMs: Math.max(0, deadline - performance.now()),
    now: () => performance.now(),
    ...(asked === null ? {} : { models: asked }),
    ...(flags.initial === undefined ? {} : { initial: flags.initial }),
  });
  progress.end();
  printCheck(report, { file, json: flags.json, asked });
  return checkAnswer(report, asked);
}

async function readFrom(
  file: string,
  format: Format | undefined,
  says: (doing: string) => void,
  deadline: number,
): Promise<History> {
  const { readHistory } = await import('../check/index.js');
  const onProgress = (bytes: number) => {
    says(`reading: ${Math.round(bytes / 1e6)} MB`);
    // What fits in one piece has been read by now, and can be reported on.
    if (bytes > firstPieceBytes && performance.now() > deadline) throw tooLittleTime(file);
  };
  const options = format === undefined ? { onProgress } : { onProgress, format };
  return file === '-'
    ? readHistory(process.stdin as AsyncIterable<Uint8Array>, options)
    : readHistory(file, options);
}

const firstPieceBytes = 4 * 1024 * 1024;

/** Of a history of which only a part was read nothing can be said. */
const tooLittleTime = (file: string): KvxError =>
  new KvxError(`${file}: time limit: there was not even time to read all of it`, {
    code: 'timeout',
    definite: false,
    hint: 'Give it more with --timeout.',
  });

/** Names separated by commas, each one of those known. */
function toNames<Name extends ModelName | Format>(
  text: string,
  flag: string,
  known: readonly Name[],
): Name[] {
  const names = text.split(',').map((name) => name.trim());
  for (const name of names) {
    if (known.includes(name as Name)) continue;
    const what = `${flag}: there is no ${show(name)}${didYouMean(name, known)}`;
    throw usageError(what, `There are ${known.join(', ')}.`);
  }
  return names as Name[];
}

const unitBytes: Readonly<Record<string, number>> = { '': 1, K: 1e3, M: 1e6, G: 1e9, T: 1e12 };

function toBytes(text: string, flag: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([KMGT]?)B?$/i.exec(text.trim());
  const bytes = Number(match?.[1]) * (unitBytes[(match?.[2] ?? '').toUpperCase()] ?? Number.NaN);
  if (bytes > 0) return bytes;
  throw usageError(`${flag} must be a size such as 512MB or 2GB, not ${show(text)}`);
}

const perform: Perform = async ({ words: [file = '-'], flags }) => {
  process.exitCode = exitCodes[await checkHistory(file, flags as unknown as CheckFlags)];
};

export default { perform };

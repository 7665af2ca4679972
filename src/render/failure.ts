/** How an error looks to a user: at most three lines, or one JSON document; and the exit code it means. */
import { type ErrorCode, KvxError } from '../core/errors.js';
import { oneLine } from '../core/show.js';

export const exitCodes = {
  yes: 0,
  no: 1,
  unknown: 2,
  unavailable: 3,
  usage: 64,
  bug: 70,
  interrupted: 130,
} as const;

/** What a command answers when nothing went wrong; the one place that says what that is as an exit code is above. */
export type AnswerKind = 'yes' | 'no' | 'unknown' | 'unavailable';

/** One of several things wrong with a configuration. */
interface Problem {
  readonly source: string;
  readonly line?: number;
  readonly column?: number;
  readonly message: string;
}

/** Of an error, when what was asked for surely did not happen. */
const codesIfDefinite: Readonly<Record<ErrorCode, number>> = {
  ...{ 'bad-request': exitCodes.usage, config: exitCodes.usage },
  ...{ unavailable: exitCodes.unavailable, overloaded: exitCodes.unavailable },
  ...{ timeout: exitCodes.unavailable, disconnected: exitCodes.unavailable },
  cluster: exitCodes.unavailable,
  ...{ conflict: exitCodes.no, behind: exitCodes.no },
  ...{ interrupted: exitCodes.interrupted, bug: exitCodes.bug },
};

export function exitCodeOf(error: unknown): number {
  if (!(error instanceof KvxError)) return exitCodes.bug;
  const code = codesIfDefinite[error.code];
  const isAnswer = code === exitCodes.unavailable || code === exitCodes.no;
  return isAnswer && !error.definite ? exitCodes.unknown : code;
}

/**
 * What happened, whether it may have taken effect (unless the command `changes` nothing), what to do next; and, of
 * nodes that did not start and can't say what to do about it, the end of their logs.
 */
export function failureLines(error: unknown, changes = true): string[] {
  return allLines(error, changes).map((line) => oneLine(line, lineCharactersMax));
}

/** Whatever somebody typed or a file holds, and a message repeats. */
const lineCharactersMax = 999;

function allLines(error: unknown, changes: boolean): string[] {
  if (!(error instanceof KvxError)) {
    return [
      `kvx has a bug: ${firstLine(error)}`,
      'It is not known what took effect.',
      'Run it again with DEBUG=kvx for a stack trace, and please report it.',
    ];
  }
  const problems = problemsOf(error);
  if (problems.length > 1) {
    return [`${error.message}:`, ...problems.map((problem) => `  ${problemLine(problem)}`)];
  }
  const effect = changes ? effectLine(error) : null;
  const hint = hintOf(error, changes);
  return [
    firstLine(error),
    ...(effect === null ? [] : [effect]),
    ...(hint === undefined ? [] : [hint]),
    ...logEndsOf(error)
      .filter((failure) => failure.hint === null)
      .flatMap(({ node, log }) => [
        `The end of the log of ${node}:`,
        ...log.map((line) => `  ${line}`),
      ]),
  ];
}

/** `{"error": {code, definite, message, hint, exitCode, problems?, logs?}}`; of a node that is behind also a status. */
export function failureDocument(error: unknown, changes = true): unknown {
  const known = error instanceof KvxError ? error : null;
  const problems = known === null ? [] : problemsOf(known);
  const logs = known === null ? [] : logEndsOf(known);
  return {
    ...(known?.code === 'behind' ? { status: 'ERR_DEP' } : {}),
    error: {
      code: known?.code ?? 'bug',
      definite: known?.definite ?? false,
      message: firstLine(error),
      hint: known === null ? null : (hintOf(known, changes) ?? null),
      exitCode: exitCodeOf(error),
      ...(problems.length === 0 ? {} : { problems }),
      ...(logs.length === 0 ? {} : { logs }),
    },
  };
}

/** Those after which one wonders. */
const wondered: readonly ErrorCode[] = [
  ...(['unavailable', 'overloaded', 'conflict', 'behind'] as const),
  ...(['timeout', 'disconnected', 'interrupted'] as const),
];

function effectLine({ code, definite }: KvxError): string | null {
  if (!wondered.includes(code)) return null;
  return definite ? 'It surely did not happen.' : 'It may or may not have taken effect.';
}

/** Whoever only looked need not be told to look again. */
function hintOf({ code, hint }: KvxError, changes: boolean): string | undefined {
  if (hint !== undefined) return hint;
  const isUnclear = code === 'timeout' || code === 'disconnected';
  return isUnclear && !changes
    ? 'Look at `kvx cluster status`, or ask another node with --node.'
    : defaultHints[code];
}

const defaultHints: { readonly [C in KvxError['code']]?: string } = {
  unavailable: 'Look at `kvx cluster status` and `kvx fault list`.',
  overloaded: 'Try again in a moment.',
  conflict: 'Try again.',
  behind: 'Wait until the nodes have caught up, or ask without --session for what is there.',
  timeout: 'Look at `kvx cluster status`; `kvx get` shows what is there now.',
  disconnected: 'Look at `kvx cluster status`; `kvx get` shows what is there now.',
};

function problemsOf(error: KvxError): readonly Problem[] {
  return 'problems' in error ? (error.problems as readonly Problem[]) : [];
}

/** What a node that did not start has written last. */
interface LogEnd {
  readonly node: string;
  /** What to do about it, where that is known. */
  readonly hint: string | null;
  readonly log: readonly string[];
}

function logEndsOf(error: KvxError): readonly LogEnd[] {
  if (!('failures' in error)) return [];
  const ends = error.failures as readonly LogEnd[];
  return ends
    .filter(({ log }) => log.length > 0)
    .map(({ node, hint, log }) => ({ node, hint, log }));
}

function problemLine({ source, line, column, message }: Problem): string {
  return `${line === undefined ? source : `${source}:${line}:${column}`}: ${message}`;
}

function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split('\n', 1)[0] ?? '';
}

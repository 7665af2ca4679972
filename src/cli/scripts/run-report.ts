/** What becomes of scripts that run one after another, told as they end: for a person, or in a form for programs. */
import type { KvxError } from '../../core/errors.js';
import { printable, quantity } from '../../core/show.js';
import { exitCodeOf, exitCodes, failureDocument, failureLines } from '../../render/failure.js';

export const reporterNames = ['list', 'dot', 'tap', 'junit'] as const;
export type ReporterName = (typeof reporterNames)[number];

/** One script, under one seed if it was told several. */
export interface RunName {
  readonly source: string;
  readonly seed: number | null;
  readonly bug?: string | undefined;
}

export interface RunVerdict extends RunName {
  readonly heldCount: number;
  /** An expectation did not hold. */
  readonly failed: boolean;
  /** What ended it early; an expectation does not. */
  readonly error: KvxError | null;
  /** What it said on standard error, where it was not shown at once. */
  readonly said: readonly string[];
  readonly tookMs: number;
}

export interface Reporter {
  end(verdict: RunVerdict): void;
  /** After the last one. */
  close(): void;
}

export interface ReportStreams {
  out(text: string): void;
  err(line: string): void;
}

export const isRight = ({ failed, error }: RunVerdict): boolean => !failed && error === null;

/** The exit code that a run alone would have. */
export function codeOf({ failed, error }: RunVerdict): number {
  if (error !== null) return exitCodeOf(error);
  return failed ? exitCodes.no : exitCodes.yes;
}

const nameOf = ({ source, seed }: RunName): string =>
  seed === null ? source : `${source} --seed ${seed}`;

const seconds = (ms: number): string => (ms / 1000).toFixed(3);

/** Why it is not right: what it said, or the error it ended with. */
function reasonsOf({ said, error }: RunVerdict): string[] {
  return [...said, ...(error === null ? [] : failureLines(error))];
}

/** What to type to see it again. */
function againOf({ source, seed, bug }: RunName): string {
  if (seed === null) return `kvx run ${source}`;
  const planted = bug === undefined ? '' : ` --bug ${bug}`;
  return `kvx run ${source} --runtime sim --seed ${seed}${planted}`;
}

const wrongShownMax = 10;

interface Sum {
  count: number;
  heldCount: number;
  wrongCount: number;
  /** The first of them. */
  readonly wrong: RunVerdict[];
}

/** What a form makes of each run, the first being number 1, and of all. */
interface Form {
  end(verdict: RunVerdict, number: number): void;
  close?(sum: Sum): void;
}

interface Expected {
  readonly runs: number;
  readonly seeds: number;
}

export function makeReporter(
  name: ReporterName | 'json',
  expected: Expected,
  streams: ReportStreams,
): Reporter {
  const form = forms[name](streams, expected);
  const sum: Sum = { count: 0, heldCount: 0, wrongCount: 0, wrong: [] };
  return {
    end(verdict) {
      sum.count += 1;
      sum.heldCount += verdict.heldCount;
      if (!isRight(verdict)) {
        sum.wrongCount += 1;
        if (sum.wrong.length < wrongShownMax) sum.wrong.push(verdict);
      }
      form.end(verdict, sum.count);
    },
    close: () => form.close?.(sum),
  };
}

function tell({ count, heldCount, wrongCount, wrong }: Sum, err: ReportStreams['err']): void {
  const held = quantity(heldCount, 'expectation');
  err(`${quantity(count, 'run')}: ${count - wrongCount} right, ${wrongCount} not; ${held} held.`);
  for (const verdict of wrong) err(`  ${againOf(verdict)}`);
  if (wrongCount > wrong.length) err(`  and ${wrongCount - wrong.length} more`);
}

const wordOf = (verdict: RunVerdict): string => (isRight(verdict) ? 'ok' : 'not ok');

const forms: Readonly<
  Record<ReporterName | 'json', (streams: ReportStreams, expected: Expected) => Form>
> = {
  /** A line a run. */
  json: ({ out }) => ({
    end(verdict) {
      const { source, seed, heldCount, said, error, tookMs } = verdict;
      const document = {
        ...{ script: source, ...(seed === null ? {} : { seed }), ok: isRight(verdict) },
        ...{ exitCode: codeOf(verdict), held: heldCount, said, tookMs: Math.round(tookMs) },
        ...(error === null ? {} : (failureDocument(error) as object)),
      };
      out(`${JSON.stringify(document)}\n`);
    },
  }),

  /** Of many seeds, only what is not right is worth a line. */
  list: ({ err }, { seeds }) => ({
    end(verdict) {
      if (isRight(verdict) && seeds > 1) return;
      for (const line of reasonsOf(verdict)) err(line);
      const held = `${quantity(verdict.heldCount, 'expectation')} held`;
      err(`${wordOf(verdict)} ${nameOf(verdict)}: ${held}, ${seconds(verdict.tookMs)} s`);
    },
    close: (sum) => tell(sum, err),
  }),

  dot: ({ out, err }) => ({
    end: (verdict) => out(isRight(verdict) ? '.' : 'F'),
    close(sum) {
      out('\n');
      for (const verdict of sum.wrong) {
        err(`${nameOf(verdict)}:`);
        for (const line of reasonsOf(verdict)) err(`  ${line}`);
      }
      tell(sum, err);
    },
  }),

  /** The Test Anything Protocol, version 14. */
  tap({ out }, { runs }) {
    out(`TAP version 14\n1..${runs}\n`);
    return {
      end(verdict, number) {
        const name = printable(nameOf(verdict)).replace(/[\\#]/g, '\\$&');
        out(`${wordOf(verdict)} ${number} - ${name} # time=${Math.round(verdict.tookMs)}ms\n`);
        if (isRight(verdict)) return;
        const lines = reasonsOf(verdict).map((line) => `    ${printable(line)}\n`);
        const fields = `  exitCode: ${codeOf(verdict)}\n  again: ${JSON.stringify(againOf(verdict))}\n`;
        out(`  ---\n  message: |\n${lines.join('')}${fields}  ...\n`);
      },
    };
  },

  /** The form that build servers read. It has the sum at its top, so nothing is printed before the end. */
  junit({ out }) {
    const verdicts: RunVerdict[] = [];
    return {
      end: (verdict) => verdicts.push(verdict),
      close() {
        const failures = verdicts.filter(({ error, failed }) => error === null && failed).length;
        const errors = verdicts.filter(({ error }) => error !== null).length;
        const time = seconds(verdicts.reduce((sum, { tookMs }) => sum + tookMs, 0));
        const counts = `tests="${verdicts.length}" failures="${failures}" errors="${errors}" time="${time}"`;
        out('<?xml version="1.0" encoding="UTF-8"?>\n');
        out(`<testsuites name="kvx run" ${counts}>\n<testsuite name="kvx run" ${counts}>\n`);
        for (const verdict of verdicts) out(testcaseOf(verdict));
        out('</testsuite>\n</testsuites>\n');
      },
    };
  },
};

function testcaseOf(verdict: RunVerdict): string {
  const name = `classname="${xml(verdict.source)}" name="${xml(nameOf(verdict))}"`;
  const begin = `<testcase ${name} time="${seconds(verdict.tookMs)}"`;
  if (isRight(verdict)) return `${begin}/>\n`;
  const reasons = reasonsOf(verdict);
  const element = verdict.error === null ? 'failure' : 'error';
  const message = xml(reasons[0] ?? '');
  const text = xml([...reasons, againOf(verdict)].join('\n'));
  return `${begin}><${element} message="${message}">${text}</${element}></testcase>\n`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

const xml = (text: string): string =>
  text
    .split('\n')
    .map(printable)
    .join('\n')
    .replace(/[&<>"]/g, (character) => entities[character] as string);

/** `kvx grade`: whether what submissions print for scripts of a course can be right. */
import { Readable } from 'node:stream';
import { toDuration } from '../../config/duration.js';
import { interrupted, usageError } from '../../core/errors.js';
import { sameButTimes } from '../../coursework/grading/compare-output.js';
import { judgeOutput, type OutputVerdict } from '../../coursework/grading/judge-output.js';
import type { DialectName } from '../../coursework/words.js';
import { exitCodes } from '../../render/failure.js';
import { printTable } from '../../render/lay-out.js';
import { LiveLine } from '../../render/live-line.js';
import { outputWidth, printJson, printLine, styleFor } from '../../render/output.js';
import { right } from '../../render/page.js';
import { wrap } from '../../render/wrap.js';
import type { Perform } from '../command.js';
import { runProgramOn } from '../grade/student-program.js';
import { type GradedScript, type Submission, submissionsIn } from '../grade/submissions.js';
import { dialectSpecOf } from '../scripts/script-flags.js';

interface GradeFlags {
  readonly dialect: DialectName;
  readonly scripts?: string;
  readonly program?: string;
  readonly timeout: string;
  readonly json: boolean;
}

type Verdict = OutputVerdict | { readonly verdict: 'failed'; readonly why: string };
type ScriptVerdict = { readonly script: string } & Verdict;

interface Grade {
  readonly name: string;
  readonly right: number;
  readonly scripts: readonly ScriptVerdict[];
}

const perform: Perform = async ({ words: [folder = '.'], flags: typed }, signal) => {
  const flags = typed as unknown as GradeFlags;
  if (flags.program === undefined && flags.scripts !== undefined) {
    throw usageError(
      '--scripts is what a --program is given: without one each submission has its own',
    );
  }
  const submissions = submissionsIn(folder, flags.scripts ?? null);
  const grades: Grade[] = [];
  const live = new LiveLine(() => `graded ${grades.length} of ${submissions.length}`);
  for (const submission of submissions) {
    grades.push(await gradeOf(submission, flags, signal));
    live.say();
  }
  live.end();
  if (flags.json) printJson(documentOf(flags, grades));
  else printGrades(grades);
  process.exitCode = codeOf(grades);
};

async function gradeOf(
  { name, folder, scripts }: Submission,
  flags: GradeFlags,
  signal: AbortSignal,
): Promise<Grade> {
  const verdicts: ScriptVerdict[] = [];
  for (const script of scripts) {
    const verdict = await verdictOf(script, folder, flags, signal);
    if (signal.aborted) throw interrupted();
    verdicts.push({ script: script.name, ...verdict });
  }
  const right = verdicts.filter(({ verdict }) => verdict === 'right').length;
  return { name, right, scripts: verdicts };
}

async function verdictOf(
  script: GradedScript,
  folder: string,
  { dialect, program, timeout }: GradeFlags,
  signal: AbortSignal,
): Promise<Verdict> {
  let { output } = script;
  if (program !== undefined) {
    const how = { command: program, folder, timeoutMs: toDuration(timeout, '--timeout'), signal };
    const end = await runProgramOn(script.text, how);
    if (end.problem !== null) return { verdict: 'failed', why: end.problem };
    output = end.output;
  }
  if (output === null) return { verdict: 'failed', why: 'there is no file with what it prints' };
  if (dialect === 'cs380d') return judgeOutput(script.text, output);
  return sameButTimes(await printedByKvx(dialect, script.text, signal), output);
}

/** In the simulator: what it prints does not depend on how fast this machine is. */
async function printedByKvx(
  name: DialectName,
  script: string,
  signal: AbortSignal,
): Promise<string> {
  const { runDialectLines } = await import('../scripts/run-scripts.js');
  const printed: string[] = [];
  const streams = { out: (text: string) => void printed.push(text), err: () => {} };
  const spec = await dialectSpecOf(name, {}, new Set(), false);
  const place = { runtime: 'sim', seed: 1 } as const;
  const dialect = { delayUnit: 's', models: false } as const;
  const run = { place, streams, signal, spec, dialect, asShell: false, source: 'the script' };
  await runDialectLines(name, Readable.from(script.split('\n')), run);
  return printed.join('');
}

function codeOf(grades: readonly Grade[]): number {
  const verdicts = grades.flatMap(({ scripts }) => scripts.map(({ verdict }) => verdict));
  if (verdicts.some((each) => each === 'wrong' || each === 'failed')) return exitCodes.no;
  return verdicts.includes('undecided') ? exitCodes.unknown : exitCodes.yes;
}

function documentOf({ dialect, program }: GradeFlags, grades: readonly Grade[]): object {
  const total = grades.reduce((sum, { scripts }) => sum + scripts.length, 0);
  const right = grades.reduce((sum, grade) => sum + grade.right, 0);
  return { dialect, program: program ?? null, right, total, submissions: grades };
}

function printGrades(grades: readonly Grade[]): void {
  const style = styleFor(process.stdout);
  printTable(
    [{ title: 'SUBMISSION' }, right('RIGHT'), right('OF')],
    grades.map(({ name, right, scripts }) => [name, `${right}`, `${scripts.length}`]),
  );
  for (const { name, scripts } of grades) {
    for (const each of scripts) {
      if (each.verdict === 'right') continue;
      printLine(`\n${style.bold(`${name}/${each.script}`)}: ${each.verdict}`);
      for (const line of reasonsOf(each)) {
        for (const wrapped of wrap(line, outputWidth() - 2)) printLine(`  ${wrapped}`);
      }
    }
  }
}

function reasonsOf(verdict: Verdict): readonly string[] {
  if (verdict.verdict === 'right') return [];
  if (verdict.verdict === 'failed') return [verdict.why];
  const { line, command, printed, legal, why } = verdict;
  const place = command === null ? 'At the end' : `Line ${line}, \`${command}\``;
  const said = printed === null ? 'nothing more was printed' : `printed was ${printed}`;
  return [`${place}: ${said}; right is ${legal.join(', or ')}.`, `Why: ${why}.`];
}

export default { perform };

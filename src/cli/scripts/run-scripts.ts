/** `kvx run`: one script, or many of them one after another, under one seed or several. */
import { KvxError } from '../../core/errors.js';
import type { Program } from '../../scenario/program.js';
import type { RunReport } from '../../scenario/runner.js';
import type { Streams } from '../../scenario/script-output.js';
import { drawSeed, type RunPlace } from '../../targets/place.js';
import { type ProgramRunOptions, runProgram } from './run-file.js';
import { codeOf, makeReporter, type ReporterName, type RunVerdict } from './run-report.js';

export interface ScriptsOptions extends Omit<ProgramRunOptions, 'place'> {
  /** Where each script runs: once in each place. */
  readonly places: readonly RunPlace[];
  /** `null`: `list` where there are several runs; a single one needs none. */
  readonly reporter: ReporterName | null;
}

/**
 * The exit code: that of the first run that is not right. Of a single run without a reporter, throws the error that ends
 * it. Interrupted, throws `interrupted`.
 */
export async function runScripts(
  programs: readonly Program[],
  options: ScriptsOptions,
): Promise<number> {
  const { places, reporter: name, streams } = options;
  const [program] = programs;
  const [place] = places;
  const count = programs.length * places.length;
  if (count === 1 && name === null && program !== undefined && place !== undefined) {
    return runAlone(program, { ...options, place });
  }
  const kind = name ?? (options.json ? 'json' : 'list');
  const reporter = makeReporter(kind, { runs: count, seeds: places.length }, streams);
  // Nobody reads a hundred runs of one script; of one that is not right, all is told.
  const isShown = kind === 'list' && places.length === 1;
  let code = 0;
  for (const each of programs) {
    if (isShown && options.echo) streams.out(`# ${each.source}\n`);
    for (const where of places) {
      const place = seeded(where);
      const verdict = await verdictOf(each, { ...options, place }, isShown);
      reporter.end(verdict);
      code ||= codeOf(verdict);
    }
  }
  reporter.close();
  return code;
}

/** With a seed of its own, so that it can be told how to see the same again. */
function seeded(place: RunPlace): RunPlace {
  const isDrawn = 'seed' in place && place.runtime === 'sim' && place.seed === null;
  return isDrawn ? { ...place, seed: drawSeed() } : place;
}

async function runAlone(program: Program, options: ProgramRunOptions): Promise<number> {
  const report = await runProgram(program, options);
  if (!report.failed && report.heldCount > 0 && !options.json) {
    options.streams.err(held(report.heldCount));
  }
  return report.failed ? 1 : 0;
}

const held = (count: number): string =>
  count === 1 ? '1 expectation held.' : `${count} expectations held.`;

async function verdictOf(
  program: Program,
  options: ProgramRunOptions,
  isShown: boolean,
): Promise<RunVerdict> {
  const { place, signal } = options;
  const said: string[] = [];
  const streams: Streams = { out: () => {}, err: (line) => said.push(line) };
  const seed = 'seed' in place ? place.seed : null;
  const began = performance.now();
  let report: RunReport = { heldCount: 0, failed: false };
  let error: KvxError | null = null;
  try {
    report = await runProgram(program, isShown ? options : { ...options, json: false, streams });
  } catch (caught) {
    if (signal.aborted || !(caught instanceof KvxError)) throw caught;
    error = caught;
  }
  const tookMs = performance.now() - began;
  return { source: program.source, seed, ...report, error, said, tookMs };
}

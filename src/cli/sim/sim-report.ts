/** What `kvx sim` found out, for people and for programs. */
import { formatDuration } from '../../config/duration.js';
import type { Millis } from '../../core/ids.js';
import { quantity } from '../../core/show.js';
import { cellOf } from '../../explore/phases/phase-watch.js';
import { phasesOfMode } from '../../explore/phases/phases.js';
import type { ModeSum, SeedFailure } from '../../explore/swarm-sum.js';
import { faultNames } from '../../faults/fault.js';
import { profileOf } from '../../protocols/catalog.js';
import { right } from '../../render/page.js';
import { type Column, type TableOptions, tableLines } from '../../render/table.js';
import { wrap } from '../../render/wrap.js';
import { faultGroups } from './cells.js';
import type { ShownFailure } from './failures.js';
import { type SimFlags, seedReplayOf } from './sim-plan.js';

export interface SimReport {
  readonly sums: readonly ModeSum[];
  readonly threads: number;
  readonly elapsedMs: Millis;
  readonly interrupted: boolean;
}

/** A table of any width; one without rows is left out. */
interface SimTable {
  readonly title: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly string[])[];
}

export const simTables = (sums: readonly ModeSum[], coverage: boolean): SimTable[] =>
  [
    sumTable(sums),
    verdictTable(sums),
    faultTable(sums),
    ...(coverage ? sums.map(coverageTable) : []),
  ].filter(({ rows }) => rows.length > 0);

export function simLines(report: SimReport, flags: SimFlags, options: TableOptions): string[] {
  const { sums } = report;
  return [
    headline(report),
    '',
    ...simTables(sums, flags.coverage).flatMap(({ columns, rows }) => [
      ...tableLines(columns, rows, options),
      '',
    ]),
    ...sums.map(noveltyOf),
    ...sums.flatMap((sum) => driftLines(sum, options.width ?? 80)),
    ...sums.flatMap((sum) => failureLinesOf(sum, flags, options.width ?? 80)),
  ];
}

function headline({ sums, threads, elapsedMs, interrupted }: SimReport): string {
  const seeds = sums.reduce((total, sum) => total + sum.seeds, 0);
  const events = sums.reduce((total, sum) => total + sum.events, 0);
  const perSecond = (count: number) => Math.round((1000 * count) / elapsedMs);
  const end = interrupted ? 'interrupted after' : 'in';
  return (
    `${quantity(seeds, 'run')} ${end} ${formatDuration(elapsedMs)} on ${quantity(threads, 'thread')}: ` +
    `${perSecond(seeds)} runs/s, ${perSecond(events)} events/s`
  );
}

function sumTable(sums: readonly ModeSum[]): SimTable {
  const titles = ['SEEDS', 'EVENTS', 'FAULTS', 'STATES', 'WENT ON', 'UNKNOWN', 'FAILED'];
  const rows = sums.map((sum) => [
    sum.name,
    ...[sum.seeds, sum.events, sum.faultCount, sum.stateCount].map(String),
    `${sum.livenessDemanded - sum.livenessFailed} of ${sum.livenessDemanded}`,
    ...[sum.unknownCount, sum.failedCount].map(String),
  ]);
  return { title: 'Runs', columns: [{ title: 'MODE' }, ...titles.map(right)], rows };
}

const judgements = ['holds', 'violated', 'unknown'] as const;

function verdictTable(sums: readonly ModeSum[]): SimTable {
  const rows = sums.flatMap(({ name, verdicts }) =>
    modelsOf(verdicts).map((model) => [
      ...[name, model],
      ...judgements.map((each) => String(verdicts.get(`${model} ${each}`) ?? 0)),
    ]),
  );
  const titles = judgements.map((each) => right(each.toUpperCase()));
  const columns = [{ title: 'MODE' }, { title: 'MODEL' }, ...titles];
  return { title: 'Verdicts on their histories', columns, rows };
}

const modelsOf = (verdicts: ReadonlyMap<string, number>): string[] =>
  [...new Set([...verdicts.keys()].map((name) => name.slice(0, name.lastIndexOf(' '))))].sort();

function faultTable(sums: readonly ModeSum[]): SimTable {
  const met = faultNames.filter((name) => sums.some(({ faults }) => faults.has(name)));
  const rows = met.map((name) => [
    name,
    ...sums.map(({ faults }) => String(faults.get(name) ?? 0)),
  ]);
  const titles = sums.map(({ name }) => right(name.toUpperCase()));
  return { title: 'Faults', columns: [{ title: 'FAULT' }, ...titles], rows };
}

function coverageTable({ mode, name, cells }: ModeSum): SimTable {
  const rows = phasesOfMode(mode).map((phase, at) => [
    phase.name,
    ...Object.values(faultGroups).map((kinds) =>
      String(kinds.reduce((sum, kind) => sum + (cells.get(cellOf(at, kind)) ?? 0), 0)),
    ),
  ]);
  const titles = Object.keys(faultGroups).map((name) => ({
    ...right(name),
    optional: name === 'NODES',
  }));
  const columns = [{ title: `${name.toUpperCase()} WAS IN` }, ...titles];
  return { title: `What faults met in ${name}`, columns, rows };
}

const tailSeedsMin = 10;

/** Whether more seeds would help. */
function noveltyOf(sum: ModeSum): string {
  const { name, seeds, stateCount, seedsSinceNews } = sum;
  const tail = Math.ceil(seeds / 10);
  const met = `${name}: faults met ${quantity(stateCount, 'state')}`;
  if (seedsSinceNews >= Math.max(tail, tailSeedsMin)) {
    return `${met}, none of them new in the last ${seedsSinceNews} seeds`;
  }
  return `${met}, ${sum.newStates(tail)} of them new in the last ${quantity(tail, 'seed')}`;
}

/** Nothing where it came out the same. */
export function driftLines({ name, driftingSeed }: ModeSum, width: number): string[] {
  if (driftingSeed === null) return [];
  const what = `${name}: seed ${driftingSeed} is another run each time, so no failure can be run again. `;
  const why =
    'Its code must draw on nothing but what it is given: ctx.random, not Math.random; ctx.now, not Date; ' +
    'and nothing that outlives a replica.';
  return ['', ...wrap(what + why, width)];
}

const failuresShownMax = 5;

function failureLinesOf(sum: ModeSum, flags: SimFlags, width: number) {
  const { mode, name, failures, failedCount } = sum;
  const shown = failures.slice(0, failuresShownMax);
  const left = failedCount - shown.length;
  return [
    ...(left > 0 ? ['', `${name}: ${left} more failed, which --json has`] : []),
    ...shown.flatMap((failure) => [
      '',
      ...violationLines(name, failure, width),
      seedReplayOf(mode, failure.seed, flags),
    ]),
  ];
}

const violationsShownMax = 3;

export function violationLines(
  name: string,
  { seed, violations }: Pick<SeedFailure, 'seed' | 'violations'>,
  width: number,
): string[] {
  const [first] = violations;
  const shown = violations.slice(0, violationsShownMax);
  const left = violations.length - shown.length;
  return [
    `${name}, seed ${seed}: ${first?.check ?? 'nothing'} violated`,
    ...shown.flatMap(({ check, key, message }) => {
      const about = key === null || message.startsWith(key) ? '' : `${key}: `;
      return wrap(`${check}: ${about}${message}`, width - 2).map((line) => `  ${line}`);
    }),
    ...(left > 0 ? [`  and ${quantity(left, 'more violation')}`] : []),
  ];
}

/** Of a scenario that is shown; a longer one is in its file. */
const linesShownMax = 20;

export interface ShownSeed extends ShownFailure {
  readonly mode: string;
  readonly seed: number;
}

/** A failure that was made smaller, or was not to be. */
export function shownLines({ mode, seed, shrunk, files, replay }: ShownSeed): string[] {
  const what =
    shrunk === null ? 'no scenario found that fails alike' : quantity(shrunk.lines, 'line');
  const isShown = shrunk !== null && (files.length === 0 || shrunk.lines <= linesShownMax);
  return [
    ...['', `${profileOf(mode).name}, seed ${seed}: ${what}`, ...files.map((file) => `  ${file}`)],
    ...(isShown ? ['', shrunk.scenario.trimEnd()] : []),
    ...['', replay],
  ];
}

/** What `--json` prints. */
export function simDocument(
  report: SimReport,
  flags: SimFlags,
  shown: readonly ShownSeed[],
): unknown {
  const modes = report.sums.map((sum) => modeDocument(sum, flags));
  return { ...report, sums: undefined, modes, ...(shown.length === 0 ? {} : { shrunk: shown }) };
}

function modeDocument(sum: ModeSum, flags: SimFlags) {
  const { mode, seeds, events, virtualMs, traceHash, verdicts, faults, cells } = sum;
  const { failedCount, failures, unknownCount, stateCount, seedsSinceNews } = sum;
  const { livenessDemanded: demanded, livenessFailed: failed } = sum;
  const coverage = phasesOfMode(mode).map(({ name }, at) => [
    name,
    Object.fromEntries(faultNames.map((kind) => [kind, cells.get(cellOf(at, kind)) ?? 0])),
  ]);
  return {
    ...{ mode, seeds, events, virtualMs, traceHash, liveness: { demanded, failed } },
    ...{ states: stateCount, seedsSinceNewState: seedsSinceNews },
    faults: Object.fromEntries(faults),
    verdicts: modelsOf(verdicts).map((model) => ({
      model,
      ...Object.fromEntries(
        judgements.map((each) => [each, verdicts.get(`${model} ${each}`) ?? 0]),
      ),
    })),
    unknown: unknownCount,
    ...(flags.coverage ? { coverage: Object.fromEntries(coverage) } : {}),
    ...(sum.driftingSeed === null ? {} : { driftingSeed: sum.driftingSeed }),
    failed: failedCount,
    failures: failures.map((each) => ({ ...each, replay: seedReplayOf(mode, each.seed, flags) })),
  };
}

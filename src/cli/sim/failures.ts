/** What is kept of a seed that failed: a scenario of a few lines that fails alike, a test that runs it, and the trace. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Millis } from '../../core/ids.js';
import { quoted } from '../../core/show.js';
import { type SimulateOptions, type SimulationReport, simulate } from '../../explore/simulate.js';
import { profileOf } from '../../protocols/catalog.js';
import { replayOf, type ShrunkFailure, shrinkFailure } from '../../shrink/shrink.js';
import { testTextOf } from '../../shrink/test-text.js';
import { traceLineOf } from '../../trace/line.js';
import { written } from '../written.js';

const shrinkMsMax: Millis = 60_000;

/** A signal that aborts ends the search for something smaller. */
interface ShrinkCall {
  readonly signal: AbortSignal;
  says(doing: string): void;
}

/** What became of the first seed that failed. */
export interface ShownFailure {
  /** `null`: no scenario was found that fails alike. */
  readonly shrunk: ShrunkFailure | null;
  readonly files: readonly string[];
  /** The shortest command that shows it. */
  readonly replay: string;
}

const nameOf = ({ mode, seed, bug }: SimulateOptions): string =>
  `${bug ?? profileOf(mode).name}-${seed}`;

/** Of this process: on a busy machine a minute of the clock is worth less. Nothing else runs here meanwhile. */
function cpuMs(): Millis {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** As far as a minute reaches, of processor time. */
export function shrinkReport(
  options: SimulateOptions,
  report: SimulationReport,
  { signal, says }: ShrinkCall,
): Promise<ShrunkFailure | null> {
  const { mode, bug } = options;
  return shrinkFailure({ mode, bug }, report, {
    forMs: shrinkMsMax,
    now: () => (signal.aborted ? Number.POSITIVE_INFINITY : cpuMs()),
    afterPromises: setImmediate,
    says: (lines, runs) => says(`${nameOf(options)}: ${lines ?? 'no'} lines after ${runs} runs`),
  });
}

/** Shrinks, and writes down where there is a folder for it: the trace whole, from the beginning of the run. */
export async function showFailure(
  options: SimulateOptions,
  seedReplay: string,
  { folder, ...call }: ShrinkCall & { readonly folder: string | undefined },
): Promise<ShownFailure> {
  const { bug } = options;
  const report = simulate({ ...options, trace: folder !== undefined });
  const name = nameOf(options);
  const shrunk = await shrinkReport(options, report, call);
  if (folder === undefined) return { shrunk, files: [], replay: seedReplay };
  const texts = new Map([[`${name}.trace.jsonl`, traceText(report.trace ?? [])]]);
  const scenario = join(folder, `${name}.kvx`);
  if (shrunk === null) return { shrunk, files: save(folder, texts), replay: seedReplay };
  texts.set(
    `${name}.kvx`,
    shrunk.scenario.replace('kvx run FILE', () => `kvx run ${quoted(scenario)}`),
  );
  texts.set(`${name}.test.ts`, testTextOf(name, shrunk, bug));
  return { shrunk, files: save(folder, texts), replay: replayOf(scenario, shrunk.seed, bug) };
}

const traceText = (events: readonly Parameters<typeof traceLineOf>[0][]): string =>
  events.map((event) => `${traceLineOf(event)}\n`).join('');

const save = (folder: string, texts: ReadonlyMap<string, string>): string[] =>
  written(folder, () => {
    mkdirSync(folder, { recursive: true });
    return [...texts].map(([name, text]) => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    });
  });

/** What is kept of a seed that failed: a scenario of a few lines that fails alike, a test that runs it, and the trace. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { usageError } from '../../core/errors.js';
import type { Millis } from '../../core/ids.js';
import { oneLine } from '../../core/show.js';
import { writeProblem } from '../../core/write-problem.js';
import { type SimulateOptions, simulate } from '../../explore/simulate.js';
import { replayOf, type ShrunkFailure, shrinkFailure } from '../../shrink/shrink.js';
import { traceLineOf } from '../../trace/line.js';

const shrinkMsMax: Millis = 60_000;

export interface SavedFailure {
  /** `null`: no scenario was found that fails alike. */
  readonly shrunk: ShrunkFailure | null;
  readonly files: readonly string[];
  /** The shortest command that shows it. */
  readonly replay: string;
}

/** Shrinks and writes down; a signal that aborts ends the search for something smaller. */
export async function saveFailure(
  options: SimulateOptions,
  seedReplay: string,
  { folder, signal, says }: { folder: string; signal: AbortSignal; says(doing: string): void },
): Promise<SavedFailure> {
  const { mode, seed, bug } = options;
  const report = simulate({ ...options, trace: true });
  const name = `${bug ?? mode}-${seed}`;
  const shrunk = await shrinkFailure({ mode, bug }, report, {
    forMs: shrinkMsMax,
    now: () => (signal.aborted ? Number.POSITIVE_INFINITY : performance.now()),
    afterPromises: setImmediate,
    says: (lines, runs) => says(`${name}: ${lines ?? 'no'} lines after ${runs} runs`),
  });
  const texts = new Map([[`${name}.trace.jsonl`, traceText(report.trace ?? [])]]);
  const scenario = join(folder, `${name}.kvx`);
  if (shrunk !== null) {
    const replay = replayOf(scenario, shrunk.seed, bug);
    texts.set(`${name}.kvx`, shrunk.scenario.replace('kvx run FILE', `kvx run ${scenario}`));
    texts.set(`${name}.test.ts`, testText(name, shrunk, bug));
    return { shrunk, files: save(folder, texts), replay };
  }
  return { shrunk, files: save(folder, texts), replay: seedReplay };
}

const traceText = (events: readonly Parameters<typeof traceLineOf>[0][]): string =>
  events.map((event) => `${traceLineOf(event)}\n`).join('');

function save(folder: string, texts: ReadonlyMap<string, string>): string[] {
  try {
    mkdirSync(folder, { recursive: true });
    return [...texts].map(([name, text]) => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    });
  } catch (error) {
    throw usageError(`${folder} can't be written: ${writeProblem(error as Error)}`);
  }
}

/** It fails until the mistake is mended. */
function testText(name: string, { seed, sentence }: ShrunkFailure, bug: string | undefined) {
  const words = replayOf(`${name}.kvx`, seed, bug).split(' ').slice(1);
  return `import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

test(${JSON.stringify(oneLine(sentence, 200))}, () => {
  const options = { cwd: import.meta.dirname, encoding: 'utf8' } as const;
  const { status, stderr } = spawnSync('kvx', ${JSON.stringify(words)}, options);
  expect(status, stderr).toBe(0);
});
`;
}

/** The scenarios that teach, and how to demand that one holds in the simulator. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { runScript } from '../../src/scenario/testing/run-script.js';

export const scenarioFolder = join(import.meta.dirname, '../../scenarios');

export const scenarios = readdirSync(scenarioFolder)
  .filter((name) => name.endsWith('.kvx'))
  .map((name) => {
    const text = readFileSync(join(scenarioFolder, name), 'utf8');
    const runtimes = /^# runtimes: (.*)$/m.exec(text)?.[1]?.split(' ') ?? [];
    return { name, text, runtimes };
  });

/** Those that say that they are for this runtime. */
export const scenariosOn = (runtime: string) =>
  scenarios.filter(({ runtimes }) => runtimes.includes(runtime));

/** Demands that every expectation holds. */
export async function demandHolds(text: string, source: string, seed: number): Promise<void> {
  const { report, error, err } = await runScript(text, { seed, source });
  const seen = { source, seed, error, err: report?.failed ? err : [] };
  expect(seen).toEqual({ source, seed, error: null, err: [] });
}

/**
 * Each bug of the zoo is made a scenario of a few lines. Prints seed, lines, seconds of CPU and the scenario itself.
 * `KVX_BUGS`: which, by name; `KVX_SECONDS`: for how long each is shrunk (60).
 */
import { describe, expect, it } from 'vitest';
import { simulate } from '../../src/explore/simulate.js';
import { attempt, programOf } from '../../src/shrink/attempt.js';
import { shrinkFailure } from '../../src/shrink/shrink.js';
import { bugNamed } from '../../src/zoo/bugs.js';
import seeds from '../sim/zoo-seeds.json' with { type: 'json' };

const { KVX_BUGS, KVX_SECONDS = '60' } = process.env;
const chosen = Object.entries(seeds).filter(([bug]) => KVX_BUGS?.split(',').includes(bug) ?? true);

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

const afterPromises = setImmediate;
const linesMax = 12;

describe('the scenario that is left of a failure', () => {
  it.each(chosen)('%s, seed %i', async (bug, seed) => {
    const { mode } = bugNamed(bug);
    const report = simulate({ mode, seed, bug });
    const began = cpuMs();
    const budget = { forMs: Number(KVX_SECONDS) * 1000, now: cpuMs, afterPromises };
    const shrunk = await shrinkFailure({ mode, bug }, report, budget);
    const seconds = ((cpuMs() - began) / 1000).toFixed(1);
    const checks = [...new Set(report.violations.map(({ check }) => check))].join(', ');
    console.log(
      `| ${bug} | seed ${seed} | ${checks} | ${shrunk?.lines ?? 'none'} lines | ${shrunk?.runs ?? '-'} runs | ${seconds} s |\n${shrunk?.scenario ?? ''}`,
    );
    expect(shrunk).not.toBeNull();
    const { scenario = '', sentence, seed: own = 0, lines } = shrunk ?? {};
    expect(lines).toBeLessThanOrEqual(linesMax);
    const program = programOf(scenario);
    if (program === null) throw new Error(scenario);
    expect(await attempt(program, { seed: own, bug, afterPromises })).toMatchObject({ sentence });
    expect(await attempt(program, { seed: own, bug: undefined, afterPromises })).toBeNull();
  });
});

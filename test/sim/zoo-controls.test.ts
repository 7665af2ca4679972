import { describe, it } from 'vitest';
import { demandCoverage, range } from './runs.js';
import { controls } from './zoo-controls.js';

const runs = 2;

describe('nothing is found where', () => {
  it.each(controls)('$name: $mode', ({ run, atLeast }) => {
    const least = Object.entries(atLeast).map(([name, count]) => [name, count * runs]);
    demandCoverage(run(range(1, runs)), Object.fromEntries(least));
  });
});

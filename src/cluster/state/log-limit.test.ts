import { expect, it } from 'vitest';
import { limited, logRate } from './log.js';

it('what can be caused as often as one likes fills no log: a few lines, then how many were left out', () => {
  const lines: string[] = [];
  let now = 0;
  const log = limited(
    (line) => lines.push(line),
    () => now,
  );
  for (let count = 0; count < 100_000; count++) log(`line ${count}`);
  expect(lines).toHaveLength(logRate.linesMax);
  now = logRate.windowMs;
  log('later');
  expect(lines.slice(logRate.linesMax)).toEqual([
    `left out ${100_000 - logRate.linesMax} more such lines`,
    'later',
  ]);
});

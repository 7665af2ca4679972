import { expect, it } from 'vitest';
import { type Sketch, type SketchStep, sketchText } from './sketch.js';
import { inSlowMotion } from './slow-motion.js';

const step = (atMs: number, words: string, more: Partial<SketchStep> = {}): SketchStep => ({
  ...{ client: null, atMs, untilMs: atMs, words: words.split(' '), flags: [], lines: [], ...more },
});

const late = step(0, 'fault delay n1>n3 300ms --jitter 1ms');

const sketch = (steps: readonly SketchStep[]): Sketch => ({
  ...{
    up: [
      ['--mode', '2pc'],
      ['-n', '3'],
      ['-o', 'voteTimeoutMs=250'],
    ],
    sessions: new Map(),
  },
  ...{ steps, end: [], isAnonymous: true, isInTurn: false, waits: true },
});

it('who was paused while its messages were late is silent, and everybody more patient', () => {
  const asked = { client: 'c0', untilMs: 150, flags: [['--timeout', '100ms']] };
  const slow = inSlowMotion(
    sketch([
      late,
      step(50, 'put k 1', asked),
      step(55, 'node pause n1'),
      step(400, 'node resume n1'),
    ]),
  );
  expect(slow && sketchText(slow).split('\n')).toEqual([
    'cluster up --mode 2pc -n 3 -o voteTimeoutMs=8000',
    'try fault delay n1>n3 2400ms --jitter 8ms',
    ...['wait 400ms', 'at once', '  client c0', '    try put k 1', '  client faults'],
    ...['    wait 40ms', '    try fault cut n1>n2', 'end'],
    ...['wait 2000ms', 'try fault heal cut', ''],
  ]);
});

it('is nothing where nobody was paused, or others than those whose messages were late', () => {
  expect(inSlowMotion(sketch([late]))).toBeNull();
  expect(inSlowMotion(sketch([late, step(1, 'node pause n2')]))).toBeNull();
});

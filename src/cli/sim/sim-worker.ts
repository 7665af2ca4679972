/** What a worker thread of `kvx sim` runs: seeds, one after another. */
import { parentPort } from 'node:worker_threads';
import { runSeed } from '../../explore/seed-run.js';
import { useOwnModes } from '../../node/own-modes.js';
import { useStraightShapes } from '../../node/straight-shapes.js';
import type { SeedAnswer, SeedBatch } from './seed-pool.js';

useOwnModes();
useStraightShapes();
parentPort?.on('message', (batch: SeedBatch) => {
  for (const { index, options } of batch) {
    const answer: SeedAnswer = { index, outcome: runSeed(options).outcome };
    parentPort?.postMessage(answer);
  }
});

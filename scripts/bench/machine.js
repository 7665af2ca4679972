/** What the disk allows: appending 150 bytes and syncing, again and again. */
import { fdatasyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { markdownTable, median, short } from './figures.js';

const record = Buffer.alloc(150, 'x');

/** @param {string} path @param {number} ms */
export function syncsIn(path, ms) {
  const file = openSync(path, 'w');
  const end = performance.now() + ms;
  let count = 0;
  for (; performance.now() < end; count++) {
    writeSync(file, record);
    fdatasyncSync(file);
  }
  return count;
}

/** @param {string[]} paths @param {number} ms @returns {Promise<number[]>} */
function inThreads(paths, ms) {
  const script = `
    const { parentPort, workerData } = require('node:worker_threads');
    import(workerData.module).then(({ syncsIn }) => parentPort.postMessage(syncsIn(workerData.path, workerData.ms)));`;
  return Promise.all(
    paths.map(
      (path) =>
        new Promise((resolve, reject) => {
          const workerData = { module: import.meta.url, path, ms };
          const worker = new Worker(script, { eval: true, workerData });
          worker.once('message', resolve).once('error', reject);
        }),
    ),
  );
}

/** @param {import('../bench.js').Setup} setup */
export async function machineTable({ folder, rounds, ms, says }) {
  says('syncs of the disk');
  /** @type {number[][]} */
  const rates = [[], []];
  for (let round = 0; round < rounds; round++) {
    for (const [at, writers] of [1, 3].entries()) {
      const paths = Array.from({ length: writers }, (_, nth) => join(folder, `syncs-${nth}`));
      const counts = await inThreads(paths, ms);
      const sum = counts.reduce((total, each) => total + each, 0);
      rates[at]?.push((1000 * sum) / writers / ms);
    }
  }
  const rows = rates.map((each, at) => [['one', 'three'][at] ?? '', short(median(each))]);
  return markdownTable(['writers of 150 bytes', 'syncs a second, each'], rows);
}

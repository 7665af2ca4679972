/**
 * How fast the simulator is, in processor time: `npm run bench:sim -- [--mode paxos] [--seeds 60] [--nodes 5] [--loop 10000] [ROOT…]`.
 * Each root is a checkout of kvx, this one when none is given. They take turns seed by seed, so that a busy machine slows all of them
 * alike; each has a process of its own, whose first seeds also pay for the compiler.
 *
 * With `--loop` it is the event loop alone that is measured: each seed runs for so many virtual milliseconds without faults, nobody
 * judges it, and the first third of the seeds does not count.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { rolldown } from 'rolldown';

/** @typedef {{ events: number, violations: number, ms: number }} Run */

if (process.send === undefined) await compare();
else await serve(process.argv[2] ?? '');

/**
 * Runs what it is told, and says how long it took.
 * @param {string} file
 */
async function serve(file) {
  const { simulate } = await import(pathToFileURL(file).href);
  process.on('message', (options) => {
    const before = process.cpuUsage();
    const { events, violations } = simulate(options);
    const { user, system } = process.cpuUsage(before);
    process.send?.({ events, violations: violations.length, ms: (user + system) / 1000 });
  });
}

async function compare() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      mode: { type: 'string', default: 'paxos' },
      seeds: { type: 'string', default: '60' },
      nodes: { type: 'string', default: '5' },
      loop: { type: 'string' },
    },
  });
  const { mode, nodes, seeds, loop } = values;
  const folder = mkdtempSync(join(tmpdir(), 'kvx-bench-'));
  const roots = positionals.length > 0 ? positionals : [join(import.meta.dirname, '..')];
  const tracks = await Promise.all(
    roots.map(async (root, nth) => {
      const file = join(folder, `${nth}.mjs`);
      const input = join(folder, `${nth}-entry.js`);
      writeFileSync(input, entryOf(join(resolve(root), 'src')));
      const bundle = await rolldown({ input, platform: 'node' });
      await bundle.write({ file, format: 'esm' });
      await bundle.close();
      const child = fork(import.meta.filename, [file]);
      child.on('exit', (code) => code !== 0 && process.exit(1));
      return { root, runs: /** @type {Run[]} */ ([]), child };
    }),
  );
  const long = {
    faults: [],
    order: 'delay',
    durationMs: Number(loop),
    eventsMax: 1e9,
    judges: false,
  };
  const warmUp = loop === undefined ? 0 : Math.ceil(Number(seeds) / 3);
  for (let seed = 1; seed <= Number(seeds); seed++) {
    for (const { child, runs } of tracks) {
      child.send({ mode, seed, nodes: Number(nodes), ...(loop === undefined ? {} : long) });
      const [run] = await once(child, 'message');
      runs.push(run);
    }
  }
  for (const { root, child, runs } of tracks) {
    child.disconnect();
    console.log(`${root}: ${summary(runs.slice(warmUp))}`);
  }
  rmSync(folder, { recursive: true });
}

/** The simulator as `kvx sim` has it. Checkouts from before shapes became straight code have no such thing. @param {string} src */
function entryOf(src) {
  const lines = [`export { simulate } from '${src}/explore/simulate.ts';`];
  const shapes = `${src}/node/straight-shapes.ts`;
  if (existsSync(shapes)) {
    lines.push(`import { useStraightShapes } from '${shapes}';`, 'useStraightShapes();');
  }
  return lines.join('\n');
}

/** @param {Run[]} runs */
function summary(runs) {
  const sum = (/** @type {keyof Run} */ name) => runs.reduce((total, run) => total + run[name], 0);
  const [events, ms] = [sum('events'), sum('ms')];
  const runsPerSecond = ((1000 * runs.length) / ms).toFixed(1);
  return (
    `${Math.round((1000 * events) / ms)} events/s, ${runsPerSecond} runs/s, ` +
    `${Math.round(ms / runs.length)} ms and ${Math.round(events / runs.length)} events a run, ${sum('violations')} violations`
  );
}

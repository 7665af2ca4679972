/**
 * Every figure of docs/performance.md, on this machine: `npm run bench [-- --quick] [--only peers,…] [--systems paxos,…] [--rounds N]
 * [--dir FOLDER] [--write docs/performance.md]`. Prints markdown, or puts it in the place of what that page had. Figures are medians of rounds in which all that is compared takes turns, so that a machine that slows down
 * meanwhile slows down all alike; what to believe is the ratios. etcd and Redis are measured beside where they are installed
 * (on Debian: etcd-server, redis-server).
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { short } from './bench/figures.js';
import { millionTable, steadyTable } from './bench/long.js';
import { machineTable } from './bench/machine.js';
import { peersTables } from './bench/peers.js';
import { respTables } from './bench/resp.js';
import { oneShotTable, pipelineTable } from './bench/small.js';
import { freshFolder } from './bench/systems.js';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    systems: { type: 'string' },
    rounds: { type: 'string' },
    dir: { type: 'string' },
    write: { type: 'string' },
  },
});

/**
 * `isChosen`: whether `--systems` lets what has this name be measured.
 * @typedef {{ folder: string, rounds: number, ms: number, isQuick: boolean, says: (what: string) => void, isChosen: (name: string) => boolean }} Setup
 */

/** @type {Record<string, { title: string, inQuick: boolean, table: (setup: Setup) => Promise<string> }>} */
const sections = {
  machine: { title: 'What the machine allows', inQuick: true, table: machineTable },
  peers: { title: 'Puts and gets', inQuick: true, table: peersTables },
  resp: { title: 'Redis clients', inQuick: false, table: respTables },
  pipeline: { title: 'Many operations under way', inQuick: true, table: pipelineTable },
  'one-shot': { title: 'One command', inQuick: true, table: oneShotTable },
  million: { title: 'A million keys', inQuick: false, table: millionTable },
  steady: { title: 'Ten minutes of load', inQuick: false, table: steadyTable },
};

const { quick: isQuick, only } = values;
const names =
  only?.split(',') ?? Object.keys(sections).filter((name) => !isQuick || sections[name]?.inQuick);
const unknown = names.filter((name) => sections[name] === undefined);
if (unknown.length > 0) {
  console.error(
    `There is no ${unknown.join(', ')}; there are ${Object.keys(sections).join(', ')}.`,
  );
  process.exit(64);
}
const folder = freshFolder(values.dir);
const begun = performance.now();
const setup = {
  folder,
  isQuick,
  rounds: Number(values.rounds ?? (isQuick ? 3 : 5)),
  ms: isQuick ? 1000 : 3000,
  isChosen: (/** @type {string} */ name) =>
    values.systems?.split(',').some((part) => name.toLowerCase().includes(part)) ?? true,
  says: (/** @type {string} */ what) => {
    console.error(`${short((performance.now() - begun) / 1000)} s: ${what}`);
  },
};

const lookMs = 1000;

/** The share of the processors' time that others take. */
async function busyElsewhere() {
  const spent = () => cpus().map(({ times }) => times);
  const sum = (/** @type {import('node:os').CpuInfo['times'][]} */ all) =>
    all.reduce((so, { user, nice, sys, irq, idle }) => so + user + nice + sys + irq + idle, 0);
  const idle = (/** @type {import('node:os').CpuInfo['times'][]} */ all) =>
    all.reduce((so, times) => so + times.idle, 0);
  const before = spent();
  await delay(lookMs);
  const after = spent();
  return 1 - (idle(after) - idle(before)) / (sum(after) - sum(before));
}

/** What others do with the machine. */
async function elsewhere() {
  const share = await busyElsewhere();
  if (share < 0.1) return '';
  const busy = `(${Math.round(100 * share)} % of its processors' time)`;
  return `\n\n**The machine was busy with other things when this began ${busy}**: whoever has fewer threads gets less of it, so not even the ratios are to be believed.`;
}

/** Of the page that has them. */
const [from, to] = ['<!-- figures -->', '<!-- end of figures -->'];

/** @param {string} file @param {string} figures */
function replaceFigures(file, figures) {
  const page = readFileSync(file, 'utf8');
  const [begin, end] = [page.indexOf(from), page.indexOf(to)];
  if (begin === -1 || end === -1) throw new Error(`${file} has no ${from} … ${to}`);
  writeFileSync(file, `${page.slice(0, begin)}${from}\n\n${figures}\n\n${page.slice(end)}`);
}

try {
  const cores = `${availableParallelism()} × ${cpus()[0]?.model.trim()}`;
  const { rounds, ms } = setup;
  const how =
    rounds === 1 ? `one round of ${ms / 1000} s` : `medians of ${rounds} rounds of ${ms / 1000} s`;
  const parts = [`Measured on ${cores}, Node ${process.version}: ${how}.${await elsewhere()}`];
  for (const name of names) {
    const section = sections[name];
    if (section === undefined) continue;
    parts.push(`### ${section.title}`, await section.table(setup));
  }
  const figures = parts.join('\n\n');
  if (values.write === undefined) console.log(figures);
  else replaceFigures(values.write, figures);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

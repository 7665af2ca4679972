/** What takes minutes: a million keys, and load that goes on. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { markdownTable, short } from './figures.js';
import { figuresOf, kvx, kvxBench, kvxSystem } from './systems.js';

const modes = ['paxos', 'quorum', 'gossip', '2pc'];
const minuteMs = 60_000;

/** Of all processes that are nodes, in bytes; not a number where the system does not tell. @param {string} home */
async function memoryOf(home) {
  const { nodes } = JSON.parse(await kvx(home, ['cluster', 'status', '--json']));
  const pids = new Set(nodes.map((/** @type {{ pid: number }} */ { pid }) => pid));
  let sum = 0;
  for (const pid of pids) {
    try {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8');
      sum += 1024 * Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]);
    } catch {
      return Number.NaN;
    }
  }
  return sum;
}

/** @param {() => Promise<unknown>} work */
async function secondsOf(work) {
  const begun = performance.now();
  await work();
  return (performance.now() - begun) / 1000;
}

/** @param {import('../bench.js').Setup} setup */
export async function millionTable({ folder, says, isChosen }) {
  const keys = 1_000_000;
  const rows = [];
  for (const mode of modes.filter(isChosen)) {
    says(`a million keys: ${mode}`);
    const system = kvxSystem(`million ${mode}`, folder, ['--mode', mode]);
    const home = join(folder, `million-${mode}`);
    await system.start();
    try {
      const empty = await memoryOf(home);
      const size = { keys, valueBytes: 100 };
      const fillSeconds = await secondsOf(() =>
        system.fill({ operation: 'put', clients: 256, ms: 0, ...size }),
      );
      const full = await memoryOf(home);
      const load = ['--rate', '1000', '--duration', '30s', '--clients', '64'];
      const report = await kvxBench(home, [...load, '--keys', `${keys}`]);
      const { p99, max } = figuresOf(report);
      await kvx(home, ['cluster', 'down']);
      const upSeconds = await secondsOf(() => kvx(home, ['cluster', 'up']));
      rows.push([
        mode,
        short(keys / fillSeconds),
        short(full / 2 ** 20),
        short((full - empty) / (3 * keys)),
        `${short(p99)} / ${short(max)}`,
        short(upSeconds),
      ]);
    } finally {
      await system.stop();
    }
  }
  const head = ['mode', 'filled, a second', 'memory MiB', 'bytes a key and node'];
  return markdownTable([...head, '1,000/s due: p99 / max ms', 'restart s'], rows);
}

/** @param {import('../bench.js').Setup} setup */
export async function steadyTable({ folder, says, isChosen }) {
  const minutes = 10;
  const rows = [];
  for (const mode of ['paxos', 'gossip'].filter(isChosen)) {
    says(`${minutes} minutes of puts: ${mode}`);
    const system = kvxSystem(`steady ${mode}`, folder, ['--mode', mode]);
    const home = join(folder, `steady-${mode}`);
    await system.start();
    try {
      const load = ['--clients', '64', '--reads', '0%', '--keys', '10000'];
      /** @type {{ rate: number, memory: number, max: number }[]} */
      const measured = [];
      for (let minute = 0; minute < minutes; minute++) {
        const { perSecond, max } = figuresOf(
          await kvxBench(home, [...load, '--duration', `${minuteMs}ms`]),
        );
        measured.push({ rate: perSecond, memory: await memoryOf(home), max });
      }
      const [first, last] = [measured[0], measured.at(-1)];
      if (first === undefined || last === undefined) continue;
      rows.push([
        mode,
        short(first.rate),
        short(last.rate),
        `${Math.round((100 * last.rate) / first.rate)} %`,
        `${short(first.memory / 2 ** 20)} → ${short(last.memory / 2 ** 20)}`,
        short(Math.max(...measured.map(({ max }) => max))),
      ]);
    } finally {
      await system.stop();
    }
  }
  const head = ['mode', 'first minute, a second', 'last', 'last of first', 'memory MiB', 'max ms'];
  return markdownTable(head, rows);
}

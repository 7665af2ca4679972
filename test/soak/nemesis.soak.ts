/**
 * A recorded load of 16 clients on real nodes while nemesis `everything` is at work; its history must keep what the mode
 * promises, every node must end in an explained state, no node may grow without bound, and `cluster down` leaves nothing but
 * data. `KVX_SECONDS` each (600), `KVX_MODES` (all), `KVX_RUNTIME` (processes), `KVX_NEMESES` (everything), `KVX_EVERY` (2s),
 * `KVX_SEED` (1).
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { type Consistency, modeNames } from '../../src/protocols/catalog.js';
import { ended, Sandbox } from '../e2e/commands-sandbox.js';

const { KVX_SECONDS = '600', KVX_MODES, KVX_RUNTIME = 'processes', KVX_SEED = '1' } = process.env;
const { KVX_NEMESES = 'everything', KVX_EVERY = '2s' } = process.env;
const seconds = Number(KVX_SECONDS);
const sampleMs = Math.max(1_000, seconds * 10);
/** Twice what a node of this load has when it is well. */
const rssBytesMax = 400 * 1024 * 1024;

const promised: Readonly<Record<(typeof modeNames)[number], Consistency>> = {
  '2pc': 'linearizable',
  quorum: 'regular',
  gossip: 'eventual',
  paxos: 'linearizable',
};
const wanted = modeNames.filter((mode) => KVX_MODES === undefined || KVX_MODES.includes(mode));

vi.setConfig({ testTimeout: (seconds + 240) * 1000 });

let sandbox: Sandbox;
afterEach(() => sandbox.cleanUp());

test.each(wanted)('%s', async (mode) => {
  sandbox = new Sandbox();
  const folder = join(sandbox.home, 'dev');
  const up = ['cluster', 'up', '--mode', mode, '-n', '4', '--runtime', KVX_RUNTIME];
  expect(sandbox.run(up).status).toBe(0);
  const sizes = new Sizes(join(folder, 'run'));
  const history = join(sandbox.runtime, 'h.jsonl');
  const load = [
    '--duration',
    `${seconds}s`,
    '--clients',
    '16',
    '--keys',
    '200',
    '--seed',
    KVX_SEED,
  ];
  const nemesis = ['--nemesis', KVX_NEMESES, '--nemesis-every', KVX_EVERY];
  const timer = setInterval(() => sizes.sample(), sampleMs);
  const bench = sandbox.start(['bench', '--json', ...load, ...nemesis, '--history', history]);
  const { stdout, stderr, status } = await ended(bench);
  clearInterval(timer);
  expect(status, stderr).toBe(0);
  const report = JSON.parse(stdout);
  expect(report.historyFailure, stderr).toBeNull();
  expect(report.nemesis.failure, stderr).toBeNull();

  const checked = sandbox.run(['check', history, '--model', promised[mode], '--timeout', '120s']);
  console.log(
    [
      `${mode}: ${report.doneCount} done, ${report.errorCount} errors, ${promised[mode]}: exit ${checked.status}`,
      `  faults: ${countsOf(report.nemesis.events)}`,
      ...failuresOf(report.nemesis.events),
      ...sizes.lines(),
    ].join('\n'),
  );
  expect(checked.status, checked.stdout).toBe(0);
  expect(report.doneCount).toBeGreaterThan(seconds * 10);
  expect(sizes.max).toBeLessThan(rssBytesMax);

  expect(sandbox.json(['fault', 'list']).document.cuts).toEqual([]);
  const { nodes } = sandbox.json(['cluster', 'status']).document;
  const states = nodes.map((node: { node: string; state: string; why: string | null }) => node);
  expect(states.map(({ node, state, why }: (typeof states)[0]) => [node, state, why])).toEqual(
    ['n1', 'n2', 'n3', 'n4'].map((node) => [node, 'running', null]),
  );
  const { status: agrees, stdout: differences } = sandbox.run(['verify']);
  expect(agrees, differences).toBe(0);

  const pids = sizes.pids();
  expect(sandbox.run(['cluster', 'down']).status).toBe(0);
  // Whose parent has gone may stay as a zombie where nobody is there to bury it.
  const isAlive = (pid: number) =>
    /^State:\s+[^ZX]/m.test(readIfThere(`/proc/${pid}/status`) ?? '');
  expect(pids.filter(isAlive)).toEqual([]);
  expect(readdirSync(folder).sort()).toEqual(
    expect.not.arrayContaining(['faults.json', 'nemesis.lock', 'run', 'run.json']),
  );
  expect(readdirSync(join(folder, 'data')).sort()).toEqual(['n1', 'n2', 'n3', 'n4']);
  expect(readdirSync(sandbox.runtime)).toEqual(['h.jsonl']);
});

interface Told {
  readonly by: string;
  readonly change: string;
  readonly words: readonly string[];
  readonly why?: string;
}

function failuresOf(events: readonly Told[]): string[] {
  const failed = events.filter(({ change }) => change === 'failed');
  return [...new Set(failed.map(({ words, why }) => `  failed: ${words.join('; ')}: ${why}`))];
}

/** `kills 12 (1 failed), …` */
function countsOf(events: readonly Told[]): string {
  const counts = new Map<string, { begun: number; failed: number }>();
  for (const { by, change } of events) {
    const count = counts.get(by) ?? { begun: 0, failed: 0 };
    if (change === 'begin') count.begun++;
    if (change === 'failed') count.failed++;
    counts.set(by, count);
  }
  return [...counts]
    .map(([by, { begun, failed }]) => {
      return `${by.replace('nemesis ', '')} ${begun}${failed > 0 ? ` (${failed} failed)` : ''}`;
    })
    .join(', ');
}

/** The resident memory of every process of the cluster, over time. */
class Sizes {
  readonly #folder: string;
  readonly #samples = new Map<string, number[]>();
  #count = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  sample(): void {
    this.#count++;
    for (const [who, pid] of this.#processes()) {
      const found = readIfThere(`/proc/${pid}/status`)?.match(/^VmRSS:\s+(\d+) kB/m)?.[1];
      const samples = this.#samples.get(who) ?? Array.from({ length: this.#count - 1 }, () => 0);
      while (samples.length < this.#count - 1) samples.push(0);
      samples.push(Number(found ?? 0) * 1024);
      this.#samples.set(who, samples);
    }
  }

  pids(): number[] {
    return this.#processes().map(([, pid]) => pid);
  }

  get max(): number {
    return Math.max(...[...this.#samples.values()].flat());
  }

  /** MB at ten times. */
  lines(): string[] {
    const step = Math.max(1, this.#count / 10);
    return [...this.#samples].map(([who, samples]) => {
      const shown = Array.from({ length: Math.min(10, this.#count) }, (_, nth) => {
        const part = samples.slice(Math.floor(nth * step), Math.floor((nth + 1) * step));
        return Math.round(Math.max(0, ...part) / 1024 / 1024);
      });
      return `  ${who.padEnd(6)} MB ${shown.map((size) => String(size || '-').padStart(4)).join('')}`;
    });
  }

  #processes(): [string, number][] {
    const names = existsSync(this.#folder) ? readdirSync(this.#folder) : [];
    return names
      .filter((name) => name.endsWith('.json'))
      .flatMap((name) => {
        const text = readIfThere(join(this.#folder, name));
        return text === null ? [] : [[name.slice(0, -5), JSON.parse(text).pid] as [string, number]];
      });
  }
}

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

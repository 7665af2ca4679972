/**
 * A recorded load on real nodes while they are paused, killed, cut off, added and removed; its history must keep what the
 * mode promises. `KVX_SECONDS` each (180), `KVX_MODES` (all), `KVX_RUNTIME` (processes), `KVX_SEED` (1).
 */
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, test, vi } from 'vitest';
import { SeededRandom } from '../../src/core/random.js';
import { ended, Sandbox } from '../e2e/commands-sandbox.js';

const { KVX_SECONDS = '180', KVX_MODES, KVX_RUNTIME = 'processes', KVX_SEED = '1' } = process.env;
const seconds = Number(KVX_SECONDS);
/** At the end all is mended, and stays so for this long. */
const quietSeconds = 15;

const promised = {
  '2pc': 'linearizable',
  quorum: 'regular',
  gossip: 'eventual',
  paxos: 'linearizable',
};
const modes = Object.keys(promised) as (keyof typeof promised)[];
const wanted = modes.filter((mode) => KVX_MODES === undefined || KVX_MODES.includes(mode));

vi.setConfig({ testTimeout: (seconds + 120) * 1000 });

let sandbox: Sandbox;
afterEach(() => sandbox.cleanUp());

test.each(wanted)('%s', async (mode) => {
  sandbox = new Sandbox();
  const random = new SeededRandom(Number(KVX_SEED));
  const up = ['cluster', 'up', '--mode', mode, '-n', '4', '--runtime', KVX_RUNTIME];
  expect(sandbox.run(up).status).toBe(0);
  const history = join(sandbox.runtime, 'h.jsonl');
  const load = [
    '--duration',
    `${seconds}s`,
    '--clients',
    '16',
    '--keys',
    '200',
    '--history',
    history,
  ];
  const bench = sandbox.start(['bench', '--json', ...load]);
  const end = ended(bench);
  const faults = new Faults(sandbox, random, mode);
  const until = performance.now() + (seconds - quietSeconds) * 1000;
  while (performance.now() < until) {
    faults.next();
    await delay(500 + random.below(3_000));
  }
  faults.mend();
  const { stdout, stderr } = await end;
  const { doneCount, errorCount, historyFailure } = JSON.parse(stdout);
  expect(historyFailure, stderr).toBeNull();
  const model = promised[mode];
  const checked = sandbox.run(['check', history, '--model', model]);
  const counts = [...faults.counts].map(([fault, count]) => `${fault} ${count}`).join(', ');
  console.log(
    `${mode}: ${doneCount} done, ${errorCount} errors; ${counts}; ${model}: exit ${checked.status}`,
  );
  expect(checked.status, checked.stdout).toBe(0);
  expect(doneCount).toBeGreaterThan(seconds * 10);
});

type Fault = 'pause' | 'kill' | 'partition' | 'membership' | 'mend';

/** One thing broken at a time, or two; what was asked and refused counts for nothing. */
class Faults {
  readonly counts = new Map<Fault, number>();
  readonly #sandbox: Sandbox;
  readonly #random: SeededRandom;
  readonly #kinds: readonly Fault[];
  /** The founders: bench talks to them. */
  readonly #nodes = ['n1', 'n2', 'n3', 'n4'];
  readonly #paused = new Set<string>();
  readonly #dead = new Set<string>();
  #added: string | null = null;

  constructor(sandbox: Sandbox, random: SeededRandom, mode: string) {
    this.#sandbox = sandbox;
    this.#random = random;
    const all: readonly Fault[] = ['pause', 'kill', 'partition', 'mend', 'mend'];
    this.#kinds = mode === 'quorum' ? all : [...all, 'membership'];
  }

  next(): void {
    const fault = this.#random.pick(this.#kinds);
    if (this.#apply(fault)) this.counts.set(fault, (this.counts.get(fault) ?? 0) + 1);
  }

  mend(): void {
    this.#run('fault', 'heal');
    for (const node of this.#paused) this.#run('node', 'resume', node);
    for (const node of this.#dead) this.#run('node', 'restart', node);
    this.#paused.clear();
    this.#dead.clear();
  }

  #apply(fault: Fault): boolean {
    const node = this.#random.pick(this.#nodes);
    const isBroken = this.#paused.has(node) || this.#dead.has(node);
    switch (fault) {
      case 'pause':
        if (isBroken || !this.#run('node', 'pause', node)) return false;
        this.#paused.add(node);
        return true;
      case 'kill':
        if (isBroken || !this.#run('node', 'kill', node)) return false;
        this.#dead.add(node);
        return true;
      case 'partition': {
        const others = this.#nodes.filter((other) => other !== node);
        return this.#run('fault', 'partition', `${node}/${others.join(',')}`);
      }
      case 'membership':
        return this.#changeMembers();
      case 'mend':
        this.mend();
        return true;
    }
  }

  #changeMembers(): boolean {
    if (this.#added === null) {
      const { status, document } = this.#sandbox.json(['node', 'add', '--timeout', '5s']);
      if (status === 0) this.#added = document.added;
      return status === 0;
    }
    const isDone = this.#run('node', 'remove', this.#added, '--timeout', '5s');
    if (isDone) this.#added = null;
    return isDone;
  }

  #run(...words: readonly string[]): boolean {
    return this.#sandbox.run(words).status === 0;
  }
}

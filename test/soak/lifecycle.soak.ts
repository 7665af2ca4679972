/**
 * Commands, nodes and daemons that are killed or stopped at any time, and in the end everything can be mended by what
 * `status` and `up` say. `KVX_SEEDS` says how many seeds each mode and runtime, `KVX_STEPS` how many steps each.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { pidfilesIn } from '../../src/cluster/state/pidfile.js';
import { runtimeNames } from '../../src/config/spec.js';
import { SeededRandom } from '../../src/core/random.js';
import { modes } from '../../src/protocols/registry.js';
import { ended, type Ran, Sandbox } from '../e2e/commands-sandbox.js';

const seedCount = Number(process.env['KVX_SEEDS'] ?? 3);
const stepCount = Number(process.env['KVX_STEPS'] ?? 40);

let sandbox: Sandbox;
afterEach(() => sandbox.cleanUp());

class RandomRun {
  readonly #random: SeededRandom;
  readonly #changes: boolean;
  readonly #stopped = new Set<number>();
  /** By key: the last value that was acknowledged, `null` for none, and those that may be written at any time. */
  readonly #written = new Map<string, { last: string | null; readonly open: string[] }>();
  #putCount = 0;

  constructor(seed: number, changes: boolean) {
    this.#random = new SeededRandom(seed);
    this.#changes = changes;
  }

  /** No command ends in a bug, or does not end. */
  kvx(...args: string[]): Ran {
    const ran = sandbox.run(args);
    const said = { command: args.join(' '), ...ran };
    if (![0, 1, 2, 3, 64].includes(ran.status ?? 70)) expect(said).toBe('a command that ends well');
    return ran;
  }

  get nodes(): string[] {
    const file = join(sandbox.home, 'dev', 'cluster.json');
    return (JSON.parse(readFileSync(file, 'utf8')) as { nodes: string[] }).nodes;
  }

  async step(): Promise<void> {
    const node = this.#random.pick(this.nodes);
    const mayRemove = this.#changes && this.nodes.length > 2;
    const plain: readonly (readonly string[])[] = [
      ...[
        ['cluster', 'up'],
        ['cluster', 'up'],
        ['cluster', 'down'],
        ['cluster', 'status'],
      ],
      ...['kill', 'restart', 'restart', 'pause', 'resume', 'resume'].map((to) => [
        'node',
        to,
        node,
      ]),
      ...[
        ['fault', 'heal'],
        ['fault', 'heal'],
        ['fault', 'list'],
        ['fault', 'isolate', node],
      ],
      ...[
        ['fault', 'drop', '10%'],
        ['fault', 'disk', node, 'fail'],
        ['fault', 'slow', node, '30ms'],
      ],
      ...(this.#changes ? [['node', 'add', '--timeout', '1500ms']] : []),
      ...(mayRemove ? [['node', 'remove', node, '--timeout', '1500ms']] : []),
    ];
    const nemesis = ['fault', 'nemesis', 'everything', '--every', '300ms', '--for', '20s'];
    const kind = this.#random.below(10);
    if (kind < 3) this.#put();
    else if (kind < 7) this.kvx(...this.#random.pick(plain));
    else if (kind < 8) await this.#killed(this.#random.pick([...plain, nemesis, nemesis]));
    else if (kind < 9) this.#signal(this.#random.pick(['SIGKILL', 'SIGSTOP'] as const));
    else this.goOn();
  }

  goOn(): void {
    for (const pid of this.#stopped) {
      try {
        process.kill(pid, 'SIGCONT');
      } catch {
        // It is gone.
      }
    }
    this.#stopped.clear();
  }

  #put(): void {
    const key = `k${this.#random.below(20)}`;
    const value = String(++this.#putCount);
    const { status } = this.kvx('put', key, value, '--timeout', '1s');
    const written = this.#written.get(key) ?? { last: null, open: [] };
    this.#written.set(key, written);
    if (status === 0) written.last = value;
    if (status === 2) written.open.push(value);
  }

  async #killed(args: readonly string[]): Promise<void> {
    const command = sandbox.start(args);
    const end = ended(command);
    await delay(50 + this.#random.below(1000));
    command.kill('SIGKILL');
    await end;
  }

  /** To a node's process, or the daemon. */
  #signal(signal: 'SIGKILL' | 'SIGSTOP'): void {
    const pids = [...pidfilesIn(join(sandbox.home, 'dev')).values()].map(({ pid }) => pid);
    if (pids.length === 0) return;
    const pid = this.#random.pick(pids);
    try {
      process.kill(pid, signal);
      if (signal === 'SIGSTOP') this.#stopped.add(pid);
    } catch {
      // It is gone already.
    }
  }

  /** By what a user is told to type. */
  mend(): void {
    this.goOn();
    for (let round = 0; round < 8 && this.kvx('cluster', 'up').status !== 0; round++) {
      this.kvx('fault', 'heal');
      this.kvx('node', 'resume', ...this.nodes);
      this.kvx('node', 'restart', ...this.nodes);
    }
    expect(this.kvx('cluster', 'up')).toMatchObject({ status: 0 });
    expect(this.kvx('fault', 'heal')).toMatchObject({ status: 0 });
    const { change } = sandbox.json(['cluster', 'status']).document;
    if (change !== null)
      expect(this.kvx('node', change.type, change.node)).toMatchObject({ status: 0 });
  }

  /** What was acknowledged is there, and what surely was not done is not. */
  look(): void {
    const { document } = sandbox.json(['cluster', 'status']);
    expect(document).toMatchObject({ change: null, faults: [] });
    expect(document.nodes.map(({ state }: { state: string }) => state)).toEqual(
      this.nodes.map(() => 'running'),
    );
    expect(this.kvx('verify', '--timeout', '30s')).toMatchObject({ stdout: 'agree\n' });
    for (const [key, { last, open }] of this.#written) {
      const { status, stdout } = this.kvx('get', key, '--timeout', '20s');
      const value = status === 1 ? null : stdout.trimEnd();
      expect({ key, last, open, value, isFine: [last, ...open].includes(value) }).toMatchObject({
        isFine: true,
      });
    }
  }
}

const kinds = modes.flatMap(({ name, membership }) =>
  runtimeNames.flatMap((runtime) =>
    Array.from({ length: seedCount }, (_, at) => ({
      ...{ mode: name, runtime, seed: at + 1, changes: membership !== null },
    })),
  ),
);

test.each(kinds)('mode $mode on $runtime, seed $seed', async ({ mode, runtime, seed, changes }) => {
  sandbox = new Sandbox();
  const run = new RandomRun(seed, changes);
  run.kvx('cluster', 'up', '-m', mode, '-n', '3', '--runtime', runtime);
  for (let step = 0; step < stepCount; step++) await run.step();
  run.mend();
  run.look();
  expect(run.kvx('cluster', 'down', '--wipe')).toMatchObject({ status: 0 });
  const left = [...readdirSync(sandbox.home), ...readdirSync(sandbox.runtime)];
  // Killed while it asked for the lock: another command sweeps it, once it is old enough to be nobody's.
  expect(left.filter((name) => !/^dev\.lock\.\w+\.tmp$/.test(name))).toEqual([]);
});

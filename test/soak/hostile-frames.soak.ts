/**
 * A million hostile frames, on every socket of real clusters, beside a client that behaves: `KVX_FRAMES` says how many
 * in all (a million when it does not), `KVX_SEED` where to begin, `KVX_MODES` and `KVX_RUNTIMES` which clusters.
 *
 * No node falls, none takes more than 400 MB, the client that behaves is answered rightly, and 99 of 100 of its
 * operations take less than 250 ms.
 */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { control } from '../../src/cluster/cluster.js';
import { daemonSocket, nodeSocket } from '../../src/cluster/state/sockets.js';
import type { Cluster } from '../../src/cluster/state/state.js';
import { bombs, frameOf, hostileBytes } from '../../src/cluster/testing/hostile.js';
import type { RuntimeName } from '../../src/config/spec.js';
import { SeededRandom } from '../../src/core/random.js';
import { encodeAs } from '../../src/runtime/cbor.js';
import { anything } from '../../src/runtime/cbor-tuples.js';
import { framesVersion } from '../../src/runtime/links/client-frames.js';
import { Sandbox, specOf } from '../e2e/cluster-sandbox.js';
import { kvx, kvxArgs } from '../e2e/commands-sandbox.js';

const framesTotal = Number(process.env['KVX_FRAMES'] ?? 1_000_000);
const seed = Number(process.env['KVX_SEED'] ?? 1);
const modes = (process.env['KVX_MODES'] ?? '2pc,quorum,gossip,paxos').split(',');
const runtimes = (process.env['KVX_RUNTIMES'] ?? 'threads,processes').split(',') as RuntimeName[];
const cells = modes.flatMap((mode) => runtimes.map((runtime) => ({ mode, runtime })));
const framesEach = Math.ceil(framesTotal / cells.length);

const nodeCount = 3;
const rssMax = 400 * 1024 * 1024;
const p99Max = 250;
/** Attackers at the same time; and those who only hold what they have. */
const attackersMax = 24;
const holdersMax = 400;
/** Clients that ask for nothing: more than one node has places for. */
const crowdMax = 1100;
const holdMs = 20_000;

/** Somebody who keeps a connection: half a large frame, half a hello, nothing, a byte now and then. */
class Holder {
  isClosed = false;
  readonly #socket: Socket;

  constructor(path: string, cluster: string, kind: number) {
    const hello = frameOf(encodeAs(anything, ['client', framesVersion, cluster]));
    const socket = connect(path);
    this.#socket = socket;
    socket.on('error', () => {});
    socket.on('close', () => {
      this.isClosed = true;
    });
    socket.resume();
    if (kind % 4 < 3) socket.write(hello);
    if (kind % 4 === 0) socket.write(frameOf(Buffer.alloc(2 * 1024 * 1024), 4 * 1024 * 1024));
    if (kind % 4 === 1) {
      socket.write(Uint8Array.of(0, 0, 16, 0));
      const timer = setInterval(() => socket.write(Uint8Array.of(0x80)), 500);
      socket.on('close', () => clearInterval(timer));
    }
  }

  end(): void {
    this.#socket.destroy();
  }
}

class Attack {
  frames = 0;
  connections = 0;
  readonly #random: SeededRandom;
  readonly #paths: readonly string[];
  readonly #cluster: string;
  readonly #bombs = Object.values(bombs);
  #active = 0;
  #holders: Holder[] = [];
  #crowd: Holder[] = [];

  constructor({ sockets, record }: Cluster, random: SeededRandom) {
    const control = record.runtime === 'threads' ? [daemonSocket(sockets)] : [];
    this.#paths = [...record.nodes.map((node) => nodeSocket(sockets, node)), ...control];
    this.#cluster = record.id;
    this.#random = random;
  }

  async run(frames: number): Promise<void> {
    const beganAt = performance.now();
    let generation = 0;
    while (this.frames < frames) {
      const held = Math.floor((performance.now() - beganAt) / holdMs);
      if (held >= generation) {
        generation = held + 1;
        this.#hold();
      }
      while (this.#active < attackersMax) this.#strike();
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    for (const holder of [...this.#holders, ...this.#crowd]) holder.end();
  }

  #hold(): void {
    this.#holders = this.#holders.filter(({ isClosed }) => !isClosed);
    for (let count = this.#holders.length; count < holdersMax; count++) {
      const path = this.#paths[count % this.#paths.length] as string;
      this.#holders.push(new Holder(path, this.#cluster, count));
    }
    this.#crowd = this.#crowd.filter(({ isClosed }) => !isClosed);
    while (this.#crowd.length < crowdMax) {
      this.#crowd.push(new Holder(this.#paths[0] as string, this.#cluster, 2));
    }
  }

  #strike(): void {
    const random = this.#random;
    const at = this.connections++;
    // Each bomb in its turn on each socket, as a stranger and as a client, before chance decides.
    const directed = Math.floor(at / 2 / this.#paths.length);
    const bomb = this.#bombs[directed];
    const hello = frameOf(encodeAs(anything, ['client', framesVersion, this.#cluster]));
    const sent =
      bomb === undefined
        ? hostileBytes(random, this.#cluster)
        : [...(at % 2 === 0 ? [hello] : []), bomb(random, this.#cluster)];
    const path = this.#paths[Math.floor(at / 2) % this.#paths.length] as string;
    this.#active++;
    const socket = connect(path);
    const over = setTimeout(() => socket.destroy(), 10 + random.below(100));
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(over);
      this.#active--;
    });
    socket.resume();
    for (const bytes of sent) {
      this.frames++;
      socket.write(bytes);
    }
    if (random.chance(0.7)) socket.end();
  }
}

interface Round {
  readonly operations: number;
  readonly p99: number;
  /** What failed, and why. */
  readonly errors: readonly { readonly code: string }[];
}

/** Load by programs of their own, one after the other, each judged by what it wrote down. */
class Behaved {
  readonly rounds: Round[] = [];
  readonly #sandbox: Sandbox;
  readonly #history: string;
  readonly #model: string;
  #stopped = false;

  constructor(sandbox: Sandbox, model: string) {
    this.#sandbox = sandbox;
    this.#model = model;
    this.#history = join(sandbox.home, '..', 'history.jsonl');
  }

  async run(): Promise<void> {
    while (!this.#stopped || this.rounds.length < 2) this.rounds.push(await this.round());
  }

  async round(): Promise<Round> {
    const load = ['--clients', '4', '--ops', '3000', '--keys', '50', '--history', this.#history];
    const bench = await this.#kvx('bench', ...load, '--json');
    if (bench.status !== 0) throw new Error(`bench: ${bench.status} ${bench.stdout}`);
    const check = await this.#kvx('check', this.#history, '--model', this.#model);
    if (check.status !== 0) throw new Error(`check: ${check.status} ${check.stdout}`);
    rmSync(this.#history, { force: true });
    return roundOf(JSON.parse(bench.stdout));
  }

  stop(): void {
    this.#stopped = true;
  }

  #kvx(...words: string[]): Promise<{ status: number | null; stdout: string }> {
    const env = { ...process.env, ...this.#sandbox.env };
    const child = spawn(kvx, [...kvxArgs, ...words], { env });
    let stdout = '';
    child.stdout.on('data', (text) => {
      stdout += text;
    });
    child.stderr.resume();
    return new Promise((resolve) => child.on('close', (status) => resolve({ status, stdout })));
  }
}

interface Measured {
  readonly latencyMs: { readonly p99: number };
}

function roundOf(report: {
  readonly doneCount: number;
  readonly errors: readonly { readonly code: string }[];
  readonly operations: readonly Measured[];
}): Round {
  const p99 = Math.max(...report.operations.map(({ latencyMs }) => latencyMs.p99));
  return { operations: report.doneCount, p99, errors: report.errors };
}

/** What each mode promises of single keys while nothing but hostile frames goes wrong. */
const promised: Readonly<Record<string, string>> = {
  '2pc': 'strict-serializable',
  quorum: 'regular',
  gossip: 'eventual',
  paxos: 'linearizable',
};

/** The most memory that any process of the cluster took, looked at all the time. */
class Memory {
  max = 0;
  readonly #timer: NodeJS.Timeout;

  constructor(pids: readonly number[]) {
    this.#timer = setInterval(() => {
      for (const pid of pids) this.max = Math.max(this.max, rssOf(pid));
    }, 50);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

function rssOf(pid: number): number {
  try {
    const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return Number(line?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

describe(`${framesTotal} hostile frames from seed ${seed}`, () => {
  it.each(cells)('$mode on $runtime', async ({ mode, runtime }) => {
    const sandbox = new Sandbox();
    try {
      const { cluster } = await sandbox.up(specOf(mode, runtime, nodeCount));
      const before = await control(cluster).states();
      const memory = new Memory([...new Set(before.map(({ pid }) => pid as number))]);
      const behaved = new Behaved(sandbox, promised[mode] as string);
      const attack = new Attack(cluster, new SeededRandom(seed));
      const calm = await behaved.round();
      const load = behaved.run();
      await attack.run(framesEach);
      behaved.stop();
      await load;
      memory.stop();
      const { rounds } = behaved;
      const p99s = rounds.map(({ p99 }) => p99).sort((a, b) => a - b);
      const operations = rounds.reduce((sum, round) => sum + round.operations, 0);
      const logBytes = bytesOf(join(cluster.folder, 'logs'));
      console.log(
        `${mode} on ${runtime}: ${attack.frames} frames on ${attack.connections} connections; RSS at most ` +
          `${Math.round(memory.max / 2 ** 20)} MiB; ${operations} operations in ${rounds.length} judged rounds, ` +
          `p99 of the median round ${p99s[p99s.length >> 1]} ms, of the worst ${p99s.at(-1)} ms, ` +
          `before the attack ${calm.p99} ms; logs of ${logBytes} bytes`,
      );
      // Nobody fell, or fell and came again.
      expect(await control(cluster).states()).toEqual(before);
      // In 2PC clients may meet each other; that surely did nothing, and is no doing of the attack.
      const errors = rounds.flatMap((round) =>
        round.errors.filter(({ code }) => code !== 'conflict'),
      );
      expect(errors).toEqual([]);
      expect(memory.max).toBeLessThan(rssMax);
      expect(p99s.at(-1)).toBeLessThan(p99Max);
    } finally {
      await sandbox.dispose();
    }
  });
});

function bytesOf(folder: string): number {
  return readdirSync(folder).reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);
}

/**
 * Greedy clients beside ordinary ones, against the built program: `npm run build && npx vitest run --config
 * test/soak/vitest.config.ts test/soak/greedy.soak.ts`. `KVX_MODES`, `KVX_RUNTIMES` and `KVX_ATTACKS`
 * choose, `KVX_SECONDS` says how long each attack lasts. Measure on a machine that has nothing else to do.
 *
 * Each attack runs for some seconds while small clients of other connections are timed. Asked is: the others' p99, how
 * much memory the nodes took, how much they kept, and that nobody but the attacker met an error.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { socketPath } from '../../src/cluster/cluster.js';
import { pidfileOf, readPidfile } from '../../src/cluster/state/pidfile.js';
import type { Cluster } from '../../src/cluster/state/state.js';
import type { RuntimeName } from '../../src/config/spec.js';
import { tupleOf } from '../../src/runtime/cbor-tuples.js';
import { framesVersion, hello } from '../../src/runtime/links/client-frames.js';
import { Sandbox, specOf } from '../e2e/cluster-sandbox.js';
import type { Plan, Role, Seen } from './greedy-client.js';

const chosen = (name: string, all: readonly string[]): readonly string[] => {
  return process.env[name]?.split(',') ?? all;
};
const seconds = Number(process.env['KVX_SECONDS'] ?? 8);
const mebibyte = 1024 * 1024;
const settleMs = 6000;

const running = new Set<ChildProcess>();
const bundleFolder = mkdtempSync(join(tmpdir(), 'kvx-greedy-'));
const bundlePath = join(bundleFolder, 'greedy-client.mjs');

function clients(cluster: Cluster, role: Role, plan: Partial<Plan>): Promise<Seen> {
  const { record } = cluster;
  const greeting = { type: 'client', version: framesVersion, cluster: record.id } as const;
  const paths = record.nodes.map((node) => socketPath(cluster, node));
  const whole = JSON.stringify({ role, paths, hello: tupleOf(hello, greeting), ...plan });
  const child = spawn(process.execPath, [bundlePath, whole], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  running.add(child);
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout.on('data', (chunk) => {
      text += chunk;
    });
    child.once('close', () => {
      running.delete(child);
      if (text === '') reject(new Error(`${role} printed nothing`));
      else resolve(JSON.parse(text) as Seen);
    });
  });
}

/** In MiB, of the daemon or of the largest node. */
function residentOf(cluster: Cluster): number {
  const { folder, record } = cluster;
  const names = record.runtime === 'threads' ? ['daemon'] : record.nodes;
  const each = names.map((name) => {
    const pidfile = readPidfile(pidfileOf(folder, name));
    if (pidfile === null) return 0;
    const status = readFileSync(`/proc/${pidfile.pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
  });
  return Math.round(Math.max(...each));
}

const large = { bytes: mebibyte, keys: 16 };
/** What each attack is, and the p99 that others may have beside it, in ms. */
const attacks: Readonly<Record<string, readonly [Role, Partial<Plan>, number]>> = {
  nobody: ['probe', { clients: 1, pauseMs: 50 }, 50],
  pipeline: ['pipeline', { gets: 100_000, perFrame: 1000 }, 50],
  'large frames': ['pipeline', { gets: 100_000, perFrame: 1024 }, 50],
  hoard: ['hoard', { clients: 12, gets: 2000, ...large }, 250],
  putters: ['bulk', { clients: 64, ...large }, 250],
  getters: ['bulk', { clients: 64, reads: true, ...large }, 250],
};

const rows: Record<string, unknown>[] = [];

/** What went wrong; that two transactions wanted one key at a time is what mode 2pc promises to say. */
function errorsOf({ counts }: Seen): string {
  return Object.entries(counts)
    .filter(([outcome]) => !/^(value|done)$|^conflict:/.test(outcome))
    .map(([outcome, count]) => `${count} × ${outcome}`)
    .join('; ');
}

async function attack(name: string, cluster: Cluster, before: number): Promise<void> {
  const [role, plan, p99Max] = attacks[name] as (typeof attacks)[string];
  let peak = 0;
  const watch = setInterval(() => {
    peak = Math.max(peak, residentOf(cluster));
  }, 50);
  const others = clients(cluster, 'probe', { clients: 9, pauseMs: 5, seconds: seconds + 1 });
  await delay(500);
  const greedy = await clients(cluster, role, { ...plan, seconds });
  const seen = await others;
  clearInterval(watch);
  await delay(settleMs);
  const { p50, p99, max } = seen;
  const { mode, runtime } = cluster.record;
  const row = {
    cluster: `${mode} ${runtime}`,
    attack: name,
    ...{ p50, p99, max },
    others: seen.operations,
    attacker: greedy.operations,
    ...{ before, peak, after: residentOf(cluster) },
    errors: [errorsOf(seen), errorsOf(greedy)].filter((text) => text !== '').join(' | '),
  };
  rows.push(row);
  console.log(JSON.stringify(row));
  const what = `${mode} on ${runtime}, ${name}`;
  expect.soft(row.errors, `${what}: errors`).toBe('');
  expect.soft(p99, `${what}: p99 of others in ms`).toBeLessThan(p99Max);
  expect.soft(peak, `${what}: MiB at most`).toBeLessThan(400);
  expect.soft(row.after, `${what}: MiB kept`).toBeLessThan(before + 50);
}

describe('others beside a greedy client', () => {
  beforeAll(async () => {
    const input = join(import.meta.dirname, 'greedy-client.ts');
    const bundle = await rolldown({ input, platform: 'node', external: [/^node:/] });
    await bundle.write({ file: bundlePath, format: 'esm' });
  });
  afterAll(() => {
    for (const child of running) child.kill();
    rmSync(bundleFolder, { recursive: true, force: true });
    console.table(rows);
  });

  for (const runtime of chosen('KVX_RUNTIMES', ['threads', 'processes']) as RuntimeName[]) {
    for (const mode of chosen('KVX_MODES', ['2pc', 'quorum', 'gossip', 'paxos'])) {
      it(`${mode} on ${runtime}`, async () => {
        const sandbox = new Sandbox();
        try {
          const nodes = mode === '2pc' ? 4 : 3;
          const { cluster } = await sandbox.up(specOf(mode, runtime, nodes));
          await clients(cluster, 'probe', { clients: 9, pauseMs: 5, seconds: 2 });
          await clients(cluster, 'fill', { ...large, seconds: 0 });
          const before = residentOf(cluster);
          for (const name of chosen('KVX_ATTACKS', Object.keys(attacks))) {
            await attack(name, cluster, before);
          }
        } finally {
          await sandbox.dispose();
        }
      });
    }
  }
});

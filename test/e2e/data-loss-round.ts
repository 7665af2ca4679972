/** One cluster loses a node's data; every answer that it gives afterwards is looked at. */

import { cpSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { verifyAgreement } from '../../src/client/agreement.js';
import { requestOnce } from '../../src/client/endpoint.js';
import { control, downCluster, rejoinNode } from '../../src/cluster/cluster.js';
import { endpointsOf } from '../../src/cluster/endpoints.js';
import type { Cluster } from '../../src/cluster/state/state.js';
import type { RuntimeName } from '../../src/config/spec.js';
import { keyFromText } from '../../src/core/key.js';
import type { Level } from '../../src/core/operation.js';
import { realTiming } from '../../src/node/timing.js';
import { eventually, putOf, Sandbox, specOf } from './cluster-sandbox.js';
import { hasFramesToCut, type Scene, type Way } from './data-losses.js';

const timeoutMs = 10_000;
const nodes = ['n1', 'n2', 'n3'];
/** Twenty of them are enough for a snapshot. */
const largeBytes = 900 * 1024;

/** What clients were told, by key; `null`: deleted. */
type Expected = ReadonlyMap<string, string | null>;

export interface Base {
  readonly mode: string;
  readonly runtime: RuntimeName;
  readonly stash: string;
  readonly expected: Readonly<Record<Way['after'], Expected>>;
}

export interface Outcome {
  /** What was said of the node: why it does not run, or that it copies. */
  readonly said: string;
  readonly does: 'refuses' | 'copies' | 'starts';
  readonly wayOut: 'none needed' | 'put back' | 'rejoin' | 'fresh';
  /** Answers that were not what had been acknowledged. */
  readonly wrong: readonly string[];
  /** Reads that were refused. */
  readonly refused: number;
}

/** Strongest first, as far as a mode has several. */
const strongest: Readonly<Record<string, Level | null>> = { quorum: 'linearizable' };

const isCuttable = (folder: string): boolean =>
  nodes.every((node) => hasFramesToCut(join(folder, 'data', node)));

/** Writes, restarts, writes again; keeps a copy from before the last writes, one after `down`, one after `kill -9`. */
export async function makeBase(
  sandbox: Sandbox,
  mode: string,
  runtime: RuntimeName,
  isLarge: boolean,
): Promise<Base> {
  const spec = specOf(mode, runtime, nodes.length);
  const stash = join(sandbox.home, '..', 'stash');
  mkdirSync(stash, { recursive: true });
  const folder = join(sandbox.home, 'dev');
  const expected = new Map<string, string | null>();
  const write = async (cluster: Cluster, from: number, to: number, what: string) => {
    const connection = await sandbox.connect(cluster, 'n3');
    for (let at = from; at < to; at++) {
      const [key, value] = [`k${at}`, `${what} ${at}`];
      await acknowledged(connection, putOf(keyFromText(key), value));
      expected.set(key, value);
    }
    connection.close();
  };
  let { cluster } = await sandbox.up(spec);
  await write(cluster, 0, 8, 'first');
  if (isLarge) await writeUntilSnapshot(sandbox, cluster, expected);
  const down = () => downCluster('dev', { wipe: false, env: sandbox.env });
  await settle(sandbox, cluster);
  await down();
  ({ cluster } = await sandbox.up(spec));
  await write(cluster, 4, 12, 'second');
  await settle(sandbox, cluster);
  await down();
  for (const node of nodes)
    cpSync(join(folder, 'data', node), join(stash, `older-${node}`), { recursive: true });
  ({ cluster } = await sandbox.up(spec));
  await write(cluster, 8, 16, 'third');
  const connection = await sandbox.connect(cluster, 'n3');
  await acknowledged(connection, { type: 'delete', key: keyFromText('k2') });
  expected.set('k2', null);
  connection.close();
  await settle(sandbox, cluster);
  await down();
  cpSync(sandbox.home, join(stash, 'down'), { recursive: true });
  const afterDown = new Map(expected);
  ({ cluster } = await sandbox.up(spec));
  // What others bring comes several writes at a time.
  for (let round = 0; round === 0 || (round < 50 && !isCuttable(folder)); round++) {
    await write(cluster, 12, 20, `fourth ${round}`);
    await settle(sandbox, cluster);
  }
  await killAll(cluster);
  cpSync(sandbox.home, join(stash, 'kill -9'), { recursive: true });
  return { mode, runtime, stash, expected: { down: afterDown, 'kill -9': expected } };
}

/** Loses the victim's data in one way, starts the cluster, reads, takes the way out, reads again. */
export async function loseAndRead(
  base: Base,
  way: Way,
  victim: string,
  foreign: string,
): Promise<Outcome> {
  const sandbox = new Sandbox();
  try {
    cpSync(join(base.stash, way.after), sandbox.home, { recursive: true });
    const scene: Scene = {
      data: join(sandbox.home, 'dev', 'data'),
      victim,
      other: nodes.find((node) => node !== victim && node !== 'n1') ?? 'n1',
      older: join(base.stash, `older-${victim}`),
      foreign,
    };
    way.apply(scene);
    const spec = specOf(base.mode, base.runtime, nodes.length);
    const { cluster, nodes: states, notes, copying } = await sandbox.up(spec);
    const failed = states.filter(({ state }) => state === 'failed');
    const words =
      failed.find(({ node }) => node === victim)?.why ??
      notes.find((each) => each.startsWith(victim) || each.includes(` of ${victim} `)) ??
      '';
    const expected = base.expected[way.after];
    const first = await readAll(sandbox, cluster, expected);
    const does = failed.length > 0 ? 'refuses' : copying.length > 0 ? 'copies' : 'starts';
    const wayOut = await takeWayOut(sandbox, cluster, way, scene, words);
    const outcome = { said: words, does, wayOut, refused: first.refused, wrong: first.wrong };
    if (wayOut === 'fresh') return outcome as Outcome;
    const again = await readUntilServed(sandbox, cluster, expected);
    const { agrees, differences } = await verifyAgreement(endpointsOf(cluster), {
      timing: realTiming,
      timeoutMs: 30_000,
      linksCut: false,
      signal: new AbortController().signal,
    });
    const disagree = agrees ? [] : [`verify: ${JSON.stringify(differences.slice(0, 3))}`];
    return { ...outcome, wrong: [...first.wrong, ...again, ...disagree] } as Outcome;
  } finally {
    await sandbox.dispose();
  }
}

async function takeWayOut(
  sandbox: Sandbox,
  cluster: Cluster,
  way: Way,
  scene: Scene,
  words: string,
): Promise<Outcome['wayOut']> {
  if (way.undo !== undefined) {
    await downCluster('dev', { wipe: false, env: sandbox.env });
    way.undo(scene);
    await sandbox.up(cluster.record);
    return 'put back';
  }
  if (words.includes('kvx node rejoin')) {
    const signal = new AbortController().signal;
    await rejoinNode(cluster, scene.victim, { timeoutMs: 60_000, signal });
    return 'rejoin';
  }
  return words.includes('--fresh') ? 'fresh' : 'none needed';
}

/** Reads every key through every node that runs; what is answered must be what was acknowledged. */
async function readAll(
  sandbox: Sandbox,
  cluster: Cluster,
  expected: Expected,
): Promise<{ readonly wrong: string[]; readonly refused: number }> {
  const wrong: string[] = [];
  let refused = 0;
  const level = strongest[cluster.record.mode] ?? null;
  for (const { node, state } of await control(cluster).states()) {
    if (state !== 'running') continue;
    const connection = await sandbox.connect(cluster, node);
    const reads = [...expected].map(async ([key, value]) => {
      const operation = { type: 'get', key: keyFromText(key) } as const;
      const result = await requestOnce(connection, realTiming, operation, { level, timeoutMs });
      if (result.type === 'error') refused += 1;
      else if (result.type !== 'value') wrong.push(`${node} ${key}: ${result.type}`);
      else {
        const found = result.value === null ? null : new TextDecoder().decode(result.value);
        if (found !== value)
          wrong.push(`${node} ${key}: ${found?.slice(0, 20)}, not ${value?.slice(0, 20)}`);
      }
    });
    await Promise.all(reads);
    connection.close();
  }
  return { wrong, refused };
}

/** What is wrong, of the first round in which nothing is refused. */
async function readUntilServed(
  sandbox: Sandbox,
  cluster: Cluster,
  expected: Expected,
): Promise<readonly string[]> {
  let last: Awaited<ReturnType<typeof readAll>> = { wrong: [], refused: 1 };
  await eventually(
    'every read is served',
    async () => {
      last = await readAll(sandbox, cluster, expected);
      return last.refused === 0 || last.wrong.length > 0;
    },
    60_000,
  );
  return last.wrong;
}

async function writeUntilSnapshot(
  sandbox: Sandbox,
  cluster: Cluster,
  expected: Map<string, string | null>,
): Promise<void> {
  const connection = await sandbox.connect(cluster, 'n3');
  const isThere = (node: string) =>
    readdirSync(join(sandbox.home, 'dev', 'data', node)).some((name) => /\.snapshot$/.test(name));
  const holders = cluster.record.mode === '2pc' ? ['n2', 'n3'] : nodes;
  for (let at = 0; !holders.every(isThere); at++) {
    if (at > 200) throw new Error('no snapshot is drawn');
    const [key, value] = [`large${at % 8}`, `${at}`.padEnd(at < 36 ? largeBytes : 64, '.')];
    await acknowledged(connection, putOf(keyFromText(key), value));
    expected.set(key, value);
  }
  connection.close();
}

/** Everything acknowledged is everywhere: what only one node has is lost with it, and no way out brings it back. */
async function settle(sandbox: Sandbox, cluster: Cluster): Promise<void> {
  if (cluster.record.mode === 'gossip') {
    const connection = await sandbox.connect(cluster, 'n1');
    await acknowledged(connection, { type: 'stabilize' });
    connection.close();
  }
}

async function acknowledged(
  connection: Awaited<ReturnType<Sandbox['connect']>>,
  operation: Parameters<typeof connection.request>[0],
): Promise<void> {
  await eventually('it is acknowledged', async () => {
    const { type } = await requestOnce(connection, realTiming, operation, {
      level: null,
      timeoutMs,
    });
    return type === 'done' || type === 'stabilized';
  });
}

async function killAll(cluster: Cluster): Promise<void> {
  for (const { pid } of await control(cluster).states()) {
    if (pid !== null) process.kill(pid, 'SIGKILL');
  }
  await eventually('every node is gone', async () => {
    return (await control(cluster).states()).every(({ state }) => state === 'failed');
  });
}

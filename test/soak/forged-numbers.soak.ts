/**
 * Clients and peers of real clusters that name numbers near 2^53. Afterwards, and when the cluster was down, writes through
 * every node are read through every node.
 */

import { connect } from 'node:net';
import { afterAll, describe, expect, it } from 'vitest';
import { requestOnce } from '../../src/client/endpoint.js';
import { socketPath } from '../../src/cluster/cluster.js';
import { downCluster } from '../../src/cluster/down.js';
import type { Cluster } from '../../src/cluster/state/state.js';
import { frameOf } from '../../src/cluster/testing/hostile.js';
import { keyFromText } from '../../src/core/key.js';
import { numberBound } from '../../src/core/number-bound.js';
import { realTiming } from '../../src/node/timing.js';
import { encodeAs } from '../../src/runtime/cbor.js';
import { anything } from '../../src/runtime/cbor-tuples.js';
import { framesVersion } from '../../src/runtime/links/client-frames.js';
import { eventually, get, logTail, put, Sandbox, specOf } from '../e2e/cluster-sandbox.js';

const requests = 20_000;
const underWayMax = 200;
const nodes = ['n1', 'n2', 'n3'];
const sandbox = new Sandbox();

afterAll(() => sandbox.dispose());

/** A hand-made client: answers by their type and code. */
async function flood(cluster: Cluster, node: string): Promise<Map<string, number>> {
  const endpoint = await sandbox.connect(cluster, node);
  const counts = new Map<string, number>();
  const bound = numberBound(Date.now());
  const greatest = [Number.MAX_SAFE_INTEGER, 2 ** 52, bound + 2 ** 40, bound, bound - 2 ** 29];
  const operation = { type: 'put', key: keyFromText('k'), value: new Uint8Array(1) } as const;
  for (let sent = 0; sent < requests; sent += underWayMax) {
    const batch = Array.from({ length: underWayMax }, (_, at) => {
      const stamp = greatest[at % greatest.length] as number;
      const session = { client: 'forger', sequence: stamp };
      const options = { level: null, timeoutMs: 5000, session, floor: { version: null, stamp } };
      return requestOnce(endpoint, realTiming, operation, options);
    });
    for (const result of await Promise.all(batch)) {
      const what = result.type === 'error' ? `${result.code} ${result.definite}` : result.type;
      counts.set(what, (counts.get(what) ?? 0) + 1);
    }
  }
  return counts;
}

/** Says as a peer what it likes. */
async function sayAs(cluster: Cluster, from: string, to: string, messages: readonly unknown[]) {
  const socket = connect(socketPath(cluster, to));
  socket.on('error', () => {});
  const hello = ['peer', framesVersion, cluster.record.id, from, 1];
  socket.write(frameOf(encodeAs(anything, [hello])));
  socket.write(frameOf(encodeAs(anything, messages)));
  await new Promise((done) => {
    socket.on('close', done);
    setTimeout(() => socket.destroy(), 100);
  });
}

async function expectWorks(cluster: Cluster, label: string): Promise<void> {
  const endpoints = await Promise.all(nodes.map((node) => sandbox.connect(cluster, node)));
  for (const [at, endpoint] of endpoints.entries()) {
    const key = `${label} ${nodes[at]}`;
    const isDone = async () => (await put(endpoint, key, key)).type === 'done';
    await eventually(`a put through ${nodes[at]}`, isDone, 20_000);
    for (const other of endpoints) {
      await eventually(
        `a get through another`,
        async () => (await get(other, key)) === key,
        20_000,
      );
    }
  }
}

const version = (stamp: number) => [stamp, 'n2'];
const bound = () => numberBound(Date.now());
/** Of each mode one that goes on counting from what it is told, as tuples. */
const forged: Readonly<Record<string, (number: number) => unknown[][]>> = {
  gossip: (number) => [
    ['rumour', [['k', version(number), null]], []],
    ['welcome', true, number, number],
  ],
  quorum: (number) => [
    ['write', [[0, 'k', version(number), null]]],
    ['welcome', number],
  ],
  paxos: (number) => [
    ['heartbeat', [number, 'n2'], 1, 1, 1],
    ['prepare', [number, 'n2'], number],
    ['accept', [number, 'n2'], number, [['n2', []]], number - 1],
  ],
  '2pc': (number) => [
    ['ask', [number]],
    ['tell', [number], [number + 1]],
  ],
};

describe.each(['gossip', 'quorum', 'paxos', '2pc'])('mode %s', (mode) => {
  it(`takes writes after ${requests} floors and stamps near 2^53, and forged messages`, async () => {
    const spec = { ...specOf(mode, 'processes', 3), name: mode.replace('2pc', 'twopc') };
    const { cluster } = await sandbox.up(spec);
    await expectWorks(cluster, 'before');
    console.log(mode, await flood(cluster, 'n2'));
    for (const number of [Number.MAX_SAFE_INTEGER, 2 ** 52, bound(), bound() / 4096]) {
      for (const message of forged[mode]?.(Math.floor(number)) ?? []) {
        for (const to of ['n1', 'n3']) await sayAs(cluster, 'n2', to, [message]);
      }
    }
    for (const node of ['n1', 'n3']) {
      expect(logTail(cluster, node, 1000).join('\n')).toContain('refuses impossible numbers of n2');
    }
    await expectWorks(cluster, 'after');
    const down = await downCluster(spec.name, { wipe: false, env: sandbox.env });
    expect(down.wasUp).toBe(true);
    const again = await sandbox.up(spec);
    await expectWorks(again.cluster, 'again');
  }, 180_000);
});

/** Nodes without their data, as a user meets them; every way and mode is in test/soak/amnesia.soak.ts. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { control, downCluster, rejoinNode } from '../../src/cluster/cluster.js';
import type { Cluster } from '../../src/cluster/state/state.js';
import { get, put, Sandbox, specOf } from './cluster-sandbox.js';

const options = { timeoutMs: 20_000, signal: new AbortController().signal };

describe('a cluster of which a node has lost its data', () => {
  let sandbox: Sandbox;
  beforeEach(() => {
    sandbox = new Sandbox();
  });
  afterEach(() => sandbox.dispose());

  const spec = specOf('paxos', 'threads', 3);

  async function downWithData(): Promise<Cluster> {
    const { cluster } = await sandbox.up(spec);
    const n1 = await sandbox.connect(cluster, 'n1');
    for (let at = 0; at < 5; at++) expect((await put(n1, `k${at}`, `v${at}`)).type).toBe('done');
    await downCluster('dev', { wipe: false, env: sandbox.env });
    return cluster;
  }

  it('serves without it, says why, and takes it in again, though its mark is lost as well', async () => {
    const { folder } = await downWithData();
    rmSync(join(folder, 'data', 'n2'), { recursive: true });
    // What the cluster knows of n2 is gone, too; n1 and n3 have met it.
    rmSync(join(folder, 'marks'), { recursive: true });
    const { cluster, nodes } = await sandbox.up(spec);
    expect(nodes.map(({ state }) => state)).toEqual(['running', 'failed', 'running']);
    expect(nodes[1]?.why).toMatch(/^n2 has lost its data: .*`kvx node rejoin n2`/);
    await expect(control(cluster).restart('n2')).rejects.toThrow('n2 has lost its data');
    expect(await get(await sandbox.connect(cluster, 'n3'), 'k1')).toBe('v1');
    const { outcome, aside } = await rejoinNode(cluster, 'n2', options);
    expect({ outcome, aside }).toEqual({ outcome: 'rejoined', aside: null });
    expect(await get(await sandbox.connect(cluster, 'n2'), 'k1')).toBe('v1');
    // It votes again: without n3 there is no majority but with it.
    await control(cluster).kill('n3');
    expect((await put(await sandbox.connect(cluster, 'n1'), 'k1', 'later')).type).toBe('done');
    expect((await rejoinNode(cluster, 'n2', options)).outcome).toBe('kept');
  });

  it('is not up when all have lost them, and there is nothing to copy from', async () => {
    const { folder } = await downWithData();
    rmSync(join(folder, 'data'), { recursive: true });
    await expect(sandbox.up(spec)).rejects.toMatchObject({
      message: expect.stringMatching(/^n1 did not start: n1 has lost its data/),
      hint: expect.stringContaining('no other node has data to copy from'),
    });
    expect((await sandbox.up(spec, { fresh: true })).outcome).toBe('created');
  });
});

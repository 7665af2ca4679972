import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { control, downCluster, logTail } from '../../src/cluster/cluster.js';
import { runtimeNames } from '../../src/config/spec.js';
import { eventually, get, put, quorumSpec, Sandbox } from './cluster-sandbox.js';

vi.setConfig({ testTimeout: 30_000 });

/** A state home on a disk of its own of 4 MiB; false where that is not allowed. */
function mountSmallDisk(folder: string): boolean {
  mkdirSync(folder, { recursive: true });
  const options = ['-t', 'tmpfs', '-o', 'size=4m,mode=0700', 'tmpfs', folder];
  return asRoot('mount', ...options);
}

const asRoot = (program: string, ...args: string[]): boolean =>
  spawnSync(program, args).status === 0;

describe.each(runtimeNames)('a full disk under %s', (runtime) => {
  let sandbox: Sandbox;
  let mounted: boolean;
  beforeEach(() => {
    sandbox = new Sandbox();
    mounted = mountSmallDisk(sandbox.home);
  });
  afterEach(async () => {
    for (const name of sandbox.clusterFolders()) {
      await downCluster(name, { wipe: true, env: sandbox.env });
    }
    if (mounted) asRoot('umount', '-l', sandbox.home);
    await sandbox.dispose();
  });

  it('is what the start says when there is no room for a cluster', async ({ skip }) => {
    if (!mounted) skip();
    fill(sandbox.home);
    await expect(sandbox.up(quorumSpec(runtime, 3))).rejects.toMatchObject({
      code: 'cluster',
      definite: true,
      message: expect.stringContaining('the disk is full'),
    });
    expect(readdirSync(sandbox.home)).toEqual(['filler']);
  });

  it('stops nodes, loses nothing acknowledged, and lets the cluster be stopped', async ({
    skip,
  }) => {
    if (!mounted) skip();
    const spec = quorumSpec(runtime, 3);
    const { cluster } = await sandbox.up(spec);
    const n1 = await sandbox.connect(cluster, 'n1');
    const acknowledged: string[] = [];
    const value = 'x'.repeat(50_000);
    for (let n = 0; n1.isOpen && n < 1000; n++) {
      if ((await put(n1, `key-${n}`, value)).type === 'done') acknowledged.push(`key-${n}`);
    }
    await eventually('a node has failed', async () => {
      return (await control(cluster).states()).some(({ state }) => state === 'failed');
    });
    const logs = spec.nodes.flatMap((node) => logTail(cluster, node, 5)).join('\n');
    // A log has no room for it either; but a line is short, and may just have fitted.
    if (logs.includes(' error ')) expect(logs).toContain('the disk is full');
    for (const { node, state, why } of await control(cluster).states()) {
      if (state === 'failed') expect(`${node}: ${why}`).toContain('the disk is full');
    }
    fill(sandbox.home);
    const { wasUp } = await downCluster('dev', { wipe: false, env: sandbox.env });
    expect(typeof wasUp).toBe('boolean');
    // Ends, and leaves nobody behind, though pidfiles find no room.
    const why = await sandbox.up(spec).then(
      ({ nodes }) => nodes.map((node) => node.why).join(),
      (error: Error) => error.message,
    );
    // What went down has freed its pidfiles: that may just be room enough for all.
    if (/[^,]/.test(why)) expect(why).toContain('the disk is full');
    await downCluster('dev', { wipe: false, env: sandbox.env }).catch(() => {});
    rmSync(join(sandbox.home, 'filler'));
    asRoot('mount', '-o', 'remount,size=64m', sandbox.home);
    const again = await sandbox.up(spec);
    const reader = await sandbox.connect(again.cluster, 'n2');
    for (const key of acknowledged) expect(await get(reader, key)).toBe(value);
  });
});

/** Takes all the room that is left. */
function fill(folder: string): void {
  const { bavail, bsize } = statfsSync(folder);
  const file = join(folder, 'filler');
  writeFileSync(file, Buffer.alloc(bavail * bsize));
}

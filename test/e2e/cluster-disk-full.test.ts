import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { control, downCluster } from '../../src/cluster/cluster.js';
import type { Cluster } from '../../src/cluster/state/state.js';
import { runtimeNames } from '../../src/config/spec.js';
import { eventually, get, logTail, put, quorumSpec, Sandbox, specOf } from './cluster-sandbox.js';
import { kvx, kvxArgs } from './commands-sandbox.js';

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

  // How a node meets it is the runtime's affair, and what others make of that the mode's.
  const modes = runtime === 'threads' ? (['quorum', '2pc'] as const) : (['quorum'] as const);
  it.for(modes)(
    'stops nodes, and loses nothing acknowledged, in mode %s',
    async (mode, { skip }) => {
      if (!mounted) skip();
      const spec = specOf(mode, runtime, 3);
      const { cluster } = await sandbox.up(spec);
      const n1 = await sandbox.connect(cluster, 'n1');
      const acknowledged: string[] = [];
      const value = 'x'.repeat(50_000);
      for (let n = 0; n1.isOpen && n < 1000; n++) {
        const { type } = await put(n1, `key-${n}`, value);
        if (type === 'done') acknowledged.push(`key-${n}`);
        // The coordinator writes little, and outlives its workers.
        else if (mode === '2pc' && (await failedNodes(cluster)).join() === 'n2,n3') break;
      }
      expect(acknowledged.length).toBeGreaterThan(5);
      if (mode === '2pc') {
        const env = { ...process.env, ...sandbox.env };
        const { status, stderr } = spawnSync(kvx, [...kvxArgs, 'put', 'a', 'b'], {
          ...{ env, encoding: 'utf8' },
        });
        expect(stderr).toContain('n2 stopped: the disk is full');
        expect(stderr).toContain('n3 stopped, too. Make room there, then start the node again.');
        expect(status).toBe(3);
      }
      await eventually('a node has failed', async () => (await failedNodes(cluster)).length > 0);
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
    },
  );
});

async function failedNodes(cluster: Cluster): Promise<string[]> {
  const states = await control(cluster).states();
  return states.filter(({ state }) => state === 'failed').map(({ node }) => node);
}

/** Takes all the room that is left. */
function fill(folder: string): void {
  const { bavail, bsize } = statfsSync(folder);
  const file = join(folder, 'filler');
  writeFileSync(file, Buffer.alloc(bavail * bsize));
}

/** Clients that follow the leader, while leaders die and are cut off. */
import { expect, it } from 'vitest';
import { Client } from '../../src/client/client.js';
import { flagSetting } from '../../src/config/problem.js';
import { resolveSpec } from '../../src/config/resolve.js';
import { keyFromText } from '../../src/core/key.js';
import { isolate } from '../../src/faults/partition.js';
import { breaking } from '../../src/faults/testing/change.js';
import { SimTarget } from '../../src/targets/sim.js';

async function upTarget(mode: string) {
  const target = new SimTarget({ afterPromises: setImmediate, seed: 1 });
  const settings = { mode, nodes: 3 };
  await target.up(
    resolveSpec(Object.entries(settings).map(([name, value]) => flagSetting(name, value, name))),
  );
  const { timing } = target;
  const client = new Client(() => target.endpoints(), {
    ...{ timing, followsLeader: true, timeoutMs: 400, retry: 'never' },
  });
  /** Whom it asks: the last of so many puts, 50 ms apart, and how many failed. */
  const put = async (count: number) => {
    let failed = 0;
    let asked: string | null = null;
    for (let nth = 0; nth < count; nth++) {
      const operation = { type: 'put', key: keyFromText('k'), value: Buffer.of(nth) } as const;
      const { node, result } = await client.execute(operation);
      if (result.type === 'error') failed++;
      asked = node;
      await timing.sleep(50);
    }
    return { asked, failed };
  };
  return { target, put };
}

it('goes where the leader is, and where the next one is when that dies', async () => {
  const { target, put } = await upTarget('paxos');
  expect(await put(4)).toEqual({ asked: 'n3', failed: 0 });
  await target.control.kill('n3');
  expect(await put(40)).toMatchObject({ asked: 'n2' });
  expect(await put(10)).toEqual({ asked: 'n2', failed: 0 });
  await target.control.start('n3');
  expect(await put(40)).toEqual({ asked: 'n3', failed: 0 });
});

it('does not keep to a leader that others have deposed', async () => {
  const { target, put } = await upTarget('paxos');
  await put(4);
  const nodes = ['n1', 'n2', 'n3'];
  await target.changeFaults(breaking((faults) => isolate(faults, 'n3', nodes), 'fault isolate n3'));
  expect(await put(40)).toMatchObject({ asked: 'n2' });
  expect(await put(40)).toEqual({ asked: 'n2', failed: 0 });
});

it('goes to the coordinator', async () => {
  const { put } = await upTarget('2pc');
  expect(await put(4)).toEqual({ asked: 'n1', failed: 0 });
});

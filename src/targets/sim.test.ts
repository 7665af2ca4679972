import { describe, expect, it } from 'vitest';
import { Client } from '../client/client.js';
import { asks } from '../client/testing/asks.js';
import { flagSetting } from '../config/problem.js';
import { resolveSpec } from '../config/resolve.js';
import { keyFromText } from '../core/key.js';
import type { TraceEvent } from '../core/trace-event.js';
import { partition } from '../faults/partition.js';
import { breaking, healing } from '../faults/testing/change.js';
import type { FaultListener } from '../history/faults.js';
import { SimTarget } from './sim.js';

function specOf(mode: string, nodes: number) {
  return resolveSpec([flagSetting('mode', mode, '--mode'), flagSetting('nodes', nodes, '-n')]);
}

async function started(mode: string, nodes = 3, seed = 1): Promise<SimTarget> {
  const target = new SimTarget({ afterPromises: setImmediate, seed });
  await target.up(specOf(mode, nodes));
  return target;
}

function clientOf(target: SimTarget, only?: readonly string[]): Client {
  const endpoints = () => target.endpoints().filter(({ node }) => only?.includes(node) ?? true);
  const exactlyOnce = target.spec?.mode === 'paxos';
  return new Client(endpoints, { timing: target.timing, exactlyOnce });
}

const key = keyFromText('k');
const bytes = (text: string) => Buffer.from(text);
const textOf = (value: Uint8Array | null) =>
  value === null ? null : Buffer.from(value).toString();

describe('a target in the simulator', () => {
  it.each(['quorum', '2pc', 'paxos'])(
    'serves clients in mode %s, on virtual time',
    async (mode) => {
      const target = await started(mode);
      const begin = target.timing.now();
      await asks.put(clientOf(target), key, bytes('one'));
      const { value } = await asks.get(clientOf(target), key);
      expect(textOf(value)).toBe('one');
      expect(target.timing.now()).toBeGreaterThan(begin);
    },
  );

  it('has one trace of all clusters that are started in it, however fresh', async () => {
    const events: TraceEvent[] = [];
    const sink = (event: TraceEvent) => events.push(event);
    const target = new SimTarget({ afterPromises: setImmediate, seed: 1, sink });
    for (const fresh of [false, false, true]) {
      await target.up(specOf('quorum', 2), { fresh });
      await target.down({ wipe: false });
    }
    const starts = events.filter(({ data }) => data.type === 'start');
    expect(starts.map(({ node }) => node)).toEqual(['n1', 'n2', 'n1', 'n2', 'n1', 'n2']);
    const own = events.filter(
      ({ node, data }) => node === 'n1' && !('why' in data && 'sent' in data),
    );
    expect(own.map(({ clock }) => clock['n1'])).toEqual(own.map((_, at) => at + 1));
  });

  it('waits for as long as it is told without taking any time', async () => {
    const target = await started('quorum');
    const begin = target.timing.now();
    const realBegin = performance.now();
    await target.timing.sleep(60_000);
    expect(target.timing.now() - begin).toBe(60_000);
    expect(performance.now() - realBegin).toBeLessThan(20_000);
  });

  it('wakes everybody at the right time, also while others still wait', async () => {
    const target = await started('quorum');
    const begin = target.timing.now();
    const woken: number[] = [];
    const sleeper = async (ms: number) => {
      for (let nth = 0; nth < 3; nth++) {
        await target.timing.sleep(ms);
        woken.push(Math.round(target.timing.now() - begin));
      }
    };
    await Promise.all([sleeper(10), sleeper(1_000)]);
    expect(woken).toEqual([10, 20, 30, 1_000, 2_000, 3_000]);
  });

  it('does the same under the same seed when several clients run at once', async () => {
    const run = async (seed: number) => {
      const target = await started('quorum', 3, seed);
      const said: string[] = [];
      const work = async (name: string) => {
        const client = clientOf(target);
        for (let nth = 0; nth < 20; nth++) {
          await asks.put(client, key, bytes(`${name}${nth}`));
          const { value } = await asks.get(client, key);
          said.push(`${target.timing.now()} ${name} ${textOf(value)}`);
        }
      };
      await Promise.all(['a', 'b', 'c'].map(work));
      return { said, hash: target.traceHash };
    };
    const first = await run(7);
    expect(await run(7)).toEqual(first);
    const other = await run(8);
    expect(other.hash).not.toBe(first.hash);
    expect(other.said).not.toEqual(first.said);
  });

  it('kills, restarts, pauses and resumes nodes; a dead one answers nobody, a paused one too late', async () => {
    const target = await started('quorum');
    const only = clientOf(target, ['n2']);
    await asks.put(only, key, bytes('one'));
    await target.control.kill('n2');
    await expect(asks.get(only, key)).rejects.toMatchObject({
      code: 'unavailable',
      definite: true,
    });
    await expect(target.control.pause('n2')).rejects.toMatchObject({ code: 'cluster' });
    await target.control.restart('n2');
    expect(textOf((await asks.get(only, key)).value)).toBe('one');
    await target.control.pause('n2');
    expect((await target.control.states()).map(({ state }) => state)).toEqual([
      'running',
      'paused',
      'running',
    ]);
    await expect(asks.get(only, key, { timeoutMs: 100 })).rejects.toMatchObject({
      code: 'timeout',
    });
    await target.control.resume('n2');
    expect(textOf((await asks.get(only, key)).value)).toBe('one');
  });

  it('fails what is under way at a node that dies', async () => {
    const target = await started('quorum');
    await target.control.pause('n1');
    const asked = asks.put(clientOf(target, ['n1']), key, bytes('one'));
    await target.timing.sleep(5);
    await target.control.kill('n1');
    await expect(asked).rejects.toMatchObject({ code: 'disconnected', definite: false });
  });

  it('fails what was on its way when the node restarted', async () => {
    const target = await started('quorum');
    const client = clientOf(target, ['n1']);
    await asks.get(client, key);
    const asked = client.execute({ type: 'put', key, value: bytes('one') });
    await target.control.restart('n1');
    expect((await asked).result).toMatchObject({ code: 'disconnected', definite: false });
    expect((await asks.get(clientOf(target, ['n1']), key)).value).toBeNull();
  });

  it('cuts links', async () => {
    const target = await started('paxos');
    await asks.put(clientOf(target), key, bytes('one'));
    await target.changeFaults(breaking((faults) => partition(faults, [['n1'], ['n2', 'n3']])));
    const alone = asks.put(clientOf(target, ['n1']), key, bytes('two'), { timeoutMs: 2_000 });
    await expect(alone).rejects.toMatchObject({ definite: false });
    await asks.put(clientOf(target, ['n2']), key, bytes('three'));
  });

  it('tells who wants to know what is broken, and when it is no more', async () => {
    const target = new SimTarget({ afterPromises: setImmediate, seed: 1 });
    const told: string[] = [];
    const listener = (who: string): FaultListener => ({
      faultBegan: ({ words }) => told.push(`${who}+${words}`),
      faultEnded: ({ words }) => told.push(`${who}-${words}`),
    });
    const stop = await target.watchFaults(listener('a'));
    await target.up(specOf('paxos', 3));
    await target.changeFaults(breaking((faults) => partition(faults, [['n1'], ['n2', 'n3']])));
    await target.control.pause('n2');
    const stopOther = await target.watchFaults(listener('b'));
    await target.control.resume('n2');
    stopOther();
    await target.control.restart('n3');
    const effect = { type: 'stopped', node: 'n1', how: 'paused' } as const;
    await target.changeFaults((faults, next) => [
      ...faults,
      next({ words: 'node pause n1', by: 'nemesis pauses', effect }),
    ]);
    await target.control.pause('n1');
    await target.control.resume('n1');
    await target.changeFaults(healing);
    await target.control.kill('n3');
    await target.down();
    await target.up(specOf('paxos', 3));
    stop();
    await target.control.kill('n3');
    const cut = told[0]?.slice(2);
    expect(told).toEqual([
      ...[`a+${cut}`, 'a+node pause n2', `b+${cut}`, 'b+node pause n2'],
      ...['a-node pause n2', 'b-node pause n2', 'a+node kill n3', 'a-node kill n3'],
      ...['a+node pause n1', `a-${cut}`, 'a-node pause n1', 'a+node kill n3', 'a-node kill n3'],
    ]);
  });

  it('adds and removes nodes while it runs', async () => {
    const target = await started('paxos');
    await asks.put(clientOf(target), key, bytes('one'));
    expect(await target.addNode(null)).toMatchObject({ node: 'n4' });
    expect(target.spec?.nodes).toEqual(['n1', 'n2', 'n3', 'n4']);
    expect(textOf((await asks.get(clientOf(target, ['n4']), key)).value)).toBe('one');
    await target.removeNode('n1');
    await target.removeNode('n2');
    await asks.put(clientOf(target), key, bytes('two'));
    await target.control.restart('n4');
    expect(textOf((await asks.get(clientOf(target, ['n4']), key)).value)).toBe('two');
    await expect(target.addNode('n2')).rejects.toMatchObject({ code: 'bad-request' });
    const quorum = await started('quorum');
    await expect(quorum.addNode(null)).rejects.toThrow('mode quorum has no changes of membership');
  });

  it('keeps a node that may have been added, and says no more than is known', async () => {
    const target = await started('paxos');
    await asks.put(clientOf(target), key, bytes('one'));
    const unknown = { definite: false, hint: 'Run `kvx node add n4` again to see it through.' };
    await expect(target.addNode(null, { timeoutMs: 1 })).rejects.toMatchObject(unknown);
    for (const node of ['n1', 'n2', 'n3']) await target.control.kill(node);
    // Nothing can be sent now; but the first time it was.
    await expect(target.addNode('n4', { timeoutMs: 100 })).rejects.toMatchObject(unknown);
    expect(target.spec).toMatchObject({ change: { type: 'add', node: 'n4', pid: null } });
    await expect(target.removeNode('n3')).rejects.toThrow('`kvx node add n4` was left halfway');
    for (const node of ['n1', 'n2', 'n3']) await target.control.start(node);
    expect(await target.addNode(null)).toMatchObject({ node: 'n4' });
    expect(target.spec).not.toHaveProperty('change');
  });

  it('removes no gossip node with writes that nobody else has, unless told to', async () => {
    const target = new SimTarget({ afterPromises: setImmediate, seed: 1 });
    const rarely = flagSetting('interval', '1m', '--interval');
    const mode = flagSetting('mode', 'gossip', '--mode');
    await target.up(resolveSpec([mode, flagSetting('nodes', 4, '-n'), rarely]));
    const alone = [['n4'], ['n1', 'n2', 'n3']];
    await target.changeFaults(breaking((faults) => partition(faults, alone)));
    await asks.put(clientOf(target, ['n4']), key, bytes('one'));
    const refused = { code: 'cluster', definite: true };
    await expect(target.removeNode('n4')).rejects.toMatchObject(refused);
    expect(target.spec?.nodes).toHaveLength(4);
    await target.control.kill('n4');
    await expect(target.removeNode('n4')).rejects.toMatchObject(refused);
    await target.control.start('n4');
    await target.changeFaults(healing);
    await target.removeNode('n4');
    for (const node of ['n1', 'n2', 'n3']) {
      expect(textOf((await asks.get(clientOf(target, [node]), key)).value)).toBe('one');
    }
    await target.control.kill('n3');
    await target.removeNode('n3', { force: true });
    expect(target.spec?.nodes).toEqual(['n1', 'n2']);
  });

  it('goes down with its data kept, and comes up with it, or afresh', async () => {
    const target = await started('quorum');
    await asks.put(clientOf(target), key, bytes('one'));
    await target.down();
    expect(target.spec).toBeNull();
    expect(() => target.endpoints()).toThrow('no cluster is up');
    await expect(target.up(specOf('paxos', 3))).rejects.toThrow('data of another cluster');
    expect((await target.up(specOf('quorum', 3))).outcome).toBe('resumed');
    expect(textOf((await asks.get(clientOf(target), key)).value)).toBe('one');
    await expect(target.up(specOf('quorum', 3))).rejects.toThrow('already up');
    await target.down();
    await target.up(specOf('paxos', 5), { fresh: true });
    expect((await asks.get(clientOf(target), key)).value).toBeNull();
    await target.close();
    await target.close();
  });
});

describe('a simulated cluster with a bug', () => {
  it('has nodes that make the mistake', async () => {
    const readAfterRestart = async (bug?: string) => {
      const target = new SimTarget({ afterPromises: setImmediate, seed: 1, bug });
      const { nodes } = specOf('paxos', 3);
      await target.up(specOf('paxos', 3));
      await asks.put(clientOf(target), key, bytes('one'));
      for (const node of nodes) await target.control.kill(node);
      for (const node of nodes) await target.control.start(node);
      return textOf((await asks.get(clientOf(target), key)).value);
    };
    expect(await readAfterRestart()).toBe('one');
    expect(await readAfterRestart('paxos-accepted-not-persisted')).toBeNull();
  });

  it('is of the mode of the bug', async () => {
    const target = new SimTarget({ afterPromises: setImmediate, seed: 1, bug: 'paxos-own-value' });
    await expect(target.up(specOf('quorum', 3))).rejects.toThrow('is a bug of mode paxos');
    expect(target.spec).toBeNull();
  });
});

import { describe, expect, it } from 'vitest';
import { Client } from '../client/client.js';
import { resolveSpec } from '../config/resolve.js';
import { flagSetting } from '../config/setting.js';
import { keyFromText } from '../core/key.js';
import { partition } from '../faults/partition.js';
import { noRules } from '../runtime/links/filter.js';
import { SimArena } from './sim.js';

function specOf(mode: string, nodes: number) {
  return resolveSpec([flagSetting('mode', mode, '--mode'), flagSetting('nodes', nodes, '-n')]);
}

async function started(mode: string, nodes = 3, seed = 1): Promise<SimArena> {
  const arena = new SimArena({ seed });
  await arena.up(specOf(mode, nodes));
  return arena;
}

function clientOf(arena: SimArena, only?: readonly string[]): Client {
  const doors = () => arena.doors().filter(({ node }) => only?.includes(node) ?? true);
  const exactlyOnce = arena.spec?.mode === 'paxos';
  return new Client(doors, { start: 'first', timing: arena.timing, exactlyOnce });
}

const key = keyFromText('k');
const bytes = (text: string) => Buffer.from(text);
const textOf = (value: Uint8Array | null) =>
  value === null ? null : Buffer.from(value).toString();

describe('an arena in the simulator', () => {
  it.each(['quorum', '2pc', 'paxos'])(
    'serves clients in mode %s, on virtual time',
    async (mode) => {
      const arena = await started(mode);
      const begin = arena.timing.now();
      await clientOf(arena).put(key, bytes('one'));
      const { value } = await clientOf(arena).get(key);
      expect(textOf(value)).toBe('one');
      expect(arena.timing.now()).toBeGreaterThan(begin);
    },
  );

  it('waits for as long as it is told without taking any time', async () => {
    const arena = await started('quorum');
    const begin = arena.timing.now();
    const realBegin = performance.now();
    await arena.timing.sleep(60_000);
    expect(arena.timing.now() - begin).toBe(60_000);
    expect(performance.now() - realBegin).toBeLessThan(20_000);
  });

  it('wakes everybody at the right time, also while others still wait', async () => {
    const arena = await started('quorum');
    const begin = arena.timing.now();
    const woken: number[] = [];
    const sleeper = async (ms: number) => {
      for (let nth = 0; nth < 3; nth++) {
        await arena.timing.sleep(ms);
        woken.push(Math.round(arena.timing.now() - begin));
      }
    };
    await Promise.all([sleeper(10), sleeper(1_000)]);
    expect(woken).toEqual([10, 20, 30, 1_000, 2_000, 3_000]);
  });

  it('does the same under the same seed when several clients run at once', async () => {
    const run = async (seed: number) => {
      const arena = await started('quorum', 3, seed);
      const said: string[] = [];
      const work = async (name: string) => {
        const client = clientOf(arena);
        for (let nth = 0; nth < 20; nth++) {
          await client.put(key, bytes(`${name}${nth}`));
          const { value } = await client.get(key);
          said.push(`${arena.timing.now()} ${name} ${textOf(value)}`);
        }
      };
      await Promise.all(['a', 'b', 'c'].map(work));
      return { said, hash: arena.traceHash };
    };
    const first = await run(7);
    expect(await run(7)).toEqual(first);
    const other = await run(8);
    expect(other.hash).not.toBe(first.hash);
    expect(other.said).not.toEqual(first.said);
  });

  it('kills, restarts, pauses and resumes nodes; a dead one answers nobody, a paused one too late', async () => {
    const arena = await started('quorum');
    const only = clientOf(arena, ['n2']);
    await only.put(key, bytes('one'));
    await arena.control.kill('n2');
    await expect(only.get(key)).rejects.toMatchObject({ code: 'unavailable', definite: true });
    await expect(arena.control.pause('n2')).rejects.toMatchObject({ code: 'cluster' });
    await arena.control.restart('n2');
    expect(textOf((await only.get(key)).value)).toBe('one');
    await arena.control.pause('n2');
    expect((await arena.control.states()).map(({ state }) => state)).toEqual([
      'running',
      'paused',
      'running',
    ]);
    await expect(only.get(key, { timeoutMs: 100 })).rejects.toMatchObject({ code: 'timeout' });
    await arena.control.resume('n2');
    expect(textOf((await only.get(key)).value)).toBe('one');
  });

  it('fails what is under way at a node that dies', async () => {
    const arena = await started('quorum');
    await arena.control.pause('n1');
    const asked = clientOf(arena, ['n1']).put(key, bytes('one'));
    await arena.timing.sleep(5);
    await arena.control.kill('n1');
    await expect(asked).rejects.toMatchObject({ code: 'disconnected', definite: false });
  });

  it('fails what was on its way when the node restarted', async () => {
    const arena = await started('quorum');
    const connection = await arena.doors()[0]?.open();
    const operation = { type: 'put', key, value: bytes('one') } as const;
    const asked = connection?.request(operation, { level: null, timeoutMs: 1_000 });
    await arena.control.restart('n1');
    expect(await asked).toMatchObject({ code: 'disconnected', definite: false });
    expect((await clientOf(arena, ['n1']).get(key)).value).toBeNull();
  });

  it('cuts links', async () => {
    const arena = await started('paxos');
    await clientOf(arena).put(key, bytes('one'));
    await arena.setRules(partition(arena.rules(), [['n1'], ['n2', 'n3']]));
    const alone = clientOf(arena, ['n1']).put(key, bytes('two'), { timeoutMs: 2_000 });
    await expect(alone).rejects.toMatchObject({ definite: false });
    await clientOf(arena, ['n2']).put(key, bytes('three'));
  });

  it('adds and removes nodes while it runs', async () => {
    const arena = await started('paxos');
    await clientOf(arena).put(key, bytes('one'));
    expect(await arena.addNode()).toBe('n4');
    expect(arena.spec?.nodes).toEqual(['n1', 'n2', 'n3', 'n4']);
    expect(textOf((await clientOf(arena, ['n4']).get(key)).value)).toBe('one');
    await arena.removeNode('n1', false);
    await arena.removeNode('n2', false);
    await clientOf(arena).put(key, bytes('two'));
    await arena.control.restart('n4');
    expect(textOf((await clientOf(arena, ['n4']).get(key)).value)).toBe('two');
    await expect(arena.addNode('n2')).rejects.toMatchObject({ code: 'bad-request' });
    const quorum = await started('quorum');
    await expect(quorum.addNode()).rejects.toThrow("can't add or remove nodes");
  });

  it('removes no gossip node with writes that nobody else has, unless told to', async () => {
    const arena = new SimArena({ seed: 1 });
    const rarely = flagSetting('interval', '1m', '--interval');
    const mode = flagSetting('mode', 'gossip', '--mode');
    await arena.up(resolveSpec([mode, flagSetting('nodes', 4, '-n'), rarely]));
    const alone = partition(noRules, [['n4'], ['n1', 'n2', 'n3']]);
    await arena.setRules(alone);
    await clientOf(arena, ['n4']).put(key, bytes('one'));
    const refused = { code: 'cluster', definite: true };
    await expect(arena.removeNode('n4', false)).rejects.toMatchObject(refused);
    expect(arena.spec?.nodes).toHaveLength(4);
    await arena.control.kill('n4');
    await expect(arena.removeNode('n4', false)).rejects.toMatchObject(refused);
    await arena.control.start('n4');
    await arena.setRules(noRules);
    await arena.removeNode('n4', false);
    for (const node of ['n1', 'n2', 'n3']) {
      expect(textOf((await clientOf(arena, [node]).get(key)).value)).toBe('one');
    }
    await arena.control.kill('n3');
    await arena.removeNode('n3', true);
    expect(arena.spec?.nodes).toEqual(['n1', 'n2']);
  });

  it('goes down with its data kept, and comes up with it, or afresh', async () => {
    const arena = await started('quorum');
    await clientOf(arena).put(key, bytes('one'));
    await arena.down();
    expect(arena.spec).toBeNull();
    expect(() => arena.doors()).toThrow('no cluster is up');
    await expect(arena.up(specOf('paxos', 3))).rejects.toThrow('data of another cluster');
    expect((await arena.up(specOf('quorum', 3))).outcome).toBe('resumed');
    expect(textOf((await clientOf(arena).get(key)).value)).toBe('one');
    await expect(arena.up(specOf('quorum', 3))).rejects.toThrow('already up');
    await arena.down();
    await arena.up(specOf('paxos', 5), { fresh: true });
    expect((await clientOf(arena).get(key)).value).toBeNull();
    await arena.close();
    await arena.close();
  });
});

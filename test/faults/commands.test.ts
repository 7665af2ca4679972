/**
 * What the fault commands do, seen from outside, on every runtime: one cluster a runtime, a row a fault. What links do under
 * their faults is measured in `links.test.ts`.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { stampAt } from '../../src/protocols/quorum/hybrid-clock.js';
import { targetRuntimes } from '../../src/targets/target.js';
import { Lab } from './lab.js';

const lateMs = 100;

describe.each(targetRuntimes)('faults on %s', (runtime) => {
  let lab: Lab;
  const type = (line: string) => lab.type(line);
  beforeAll(async () => {
    lab = new Lab(runtime);
    await type('cluster up --mode quorum -n 3');
    expect(await type('put k v --level all')).toBe('OK');
  }, 30_000);
  afterEach(async () => {
    await type('fault heal');
    expect(lab.target.faults()).toEqual([]);
    for (const { node, state } of await lab.target.control.states()) {
      if (state !== 'running') await type(`node restart ${node}`);
    }
    for (const node of ['n1', 'n2', 'n3']) {
      await comesToSay(`get k --level all --node ${node}`, 'v');
    }
  }, 30_000);
  afterAll(() => lab.close(), 30_000);

  /** However busy the machine is, some time it is done at once. */
  const becomesFast = (line: string) => comesTo(line, (ms) => ms < lateMs);
  /** A request may come when a turn is about to begin. */
  const becomesSlow = (line: string) => comesTo(line, (ms) => ms >= lateMs);

  async function comesTo(line: string, isIt: (ms: number) => boolean): Promise<void> {
    const took: number[] = [];
    for (let tries = 0; tries < 50; tries++) {
      const ms = await lab.timed(line);
      if (isIt(ms)) return;
      took.push(ms);
    }
    throw new Error(`${line} always takes ${took.map(Math.round)} ms`);
  }

  /** Peers of a node that came back find that out in their own time. */
  async function comesToSay(line: string, wanted: string): Promise<void> {
    let said = await type(line);
    for (let tries = 0; tries < 200 && said !== wanted; tries++) {
      await lab.target.timing.sleep(20);
      said = await type(line);
    }
    expect(said).toBe(wanted);
  }

  const stateOf = async (node: string) => {
    const states = await lab.target.control.states();
    const { state, why } = states.find((each) => each.node === node) ?? {};
    return { state, why };
  };

  const untilState = async (node: string, wanted: string): Promise<void> => {
    const { timing } = lab.target;
    for (const begin = timing.now(); timing.now() < begin + 10_000; await timing.sleep(5)) {
      if ((await stateOf(node)).state === wanted) return;
    }
    throw new Error(`${node} is never ${wanted}`);
  };

  test('node pause: nobody answers, and the node goes on where it stopped', async () => {
    await type('node pause n2');
    expect(await stateOf('n2')).toMatchObject({ state: 'paused' });
    expect(await type('put a0 1 --node n2 --timeout 200ms')).toMatch(/n2/);
    expect(await type('put a 2 --node n1')).toBe('OK');
    expect(await type('node resume n2')).toBe('n2 running');
    await comesToSay('get a --level all --node n2', '2');
  });

  test('node kill: the node is gone, and what it had made durable is not', async () => {
    await type('put b 1 --level all');
    expect(await type('node kill n2')).toBe('n2 dead');
    expect(await type('get b --node n2 --timeout 500ms')).toMatch(/n2/);
    expect(await type('node restart n2')).toBe('n2 running');
    expect(await type('get b --level one --node n2')).toBe('1');
  });

  test('fault slow: turns begin late, also after a restart, and at once when that is over', async () => {
    const get = 'get k --level one --node n1';
    expect(await type(`fault slow n1 ${lateMs}ms`)).toBe('n1: its turns begin 100 ms late');
    await becomesSlow(get);
    await becomesFast('get k --level one --node n2');
    await type('node restart n1');
    await becomesSlow(get);
    expect(await type('fault slow n1 0')).toBe('n1: its turns begin at once');
    await becomesFast(get);
    expect(lab.target.faults()).toEqual([]);
  });

  test('fault disk slow: what must be durable takes longer, and nothing else', async () => {
    expect(await type(`fault disk n1 slow ${lateMs}ms`)).toBe('n1: each sync takes 100 ms longer');
    expect(await lab.timed('put c 1 --level all --node n2')).toBeGreaterThanOrEqual(lateMs);
    await becomesFast('get k --level one --node n1');
    expect(await type('fault disk n1 slow 0')).toBe('n1: its syncs are as fast as ever');
    await becomesFast('put c 2 --level all --node n2');
  });

  test('fault disk fail: the node stops before anybody hears of what is not durable', async () => {
    expect(await type('fault disk n2 fail')).toBe('n2: syncs fail; it stops at the next one');
    expect(await type('put d0 1 --level one --node n2 --timeout 2s')).not.toBe('OK');
    await untilState('n2', 'failed');
    const { why } = await stateOf('n2');
    expect(why).toMatch(
      /cannot sync the journal in .*EIO.*End that with `kvx fault heal`, then start/,
    );
    expect(await type('put d 2 --node n1')).toBe('OK');
    expect(await type('node restart n2')).toMatch(/^n2 did not start: cannot open the journal/m);
    await type('fault heal');
    expect(await type('node restart n2')).toBe('n2 running');
    await comesToSay('get d --level all', '2');
  });

  test('fault disk full: the node stops when no more fits, and has lost nothing that was acknowledged', async () => {
    expect(await type('fault disk n3 full 4KiB')).toBe('n3: its disk has room for 4KiB more');
    expect(await type('put e small --level all')).toBe('OK');
    const large = 'x'.repeat(5_000);
    expect(await type(`put f ${large} --level all --timeout 2s`)).not.toBe('OK');
    await untilState('n3', 'failed');
    expect((await stateOf('n3')).why).toMatch(/the disk is full, as a fault has it/);
    await type('fault disk n3 ok');
    expect(await type('node restart n3')).toBe('n3 running');
    expect(await type('get e --level one --node n3')).toBe('small');
  });

  test('two faults of one disk add up, and each is healed by itself', async () => {
    await type('fault disk n1 slow 30ms');
    await type('fault disk n1 full 1MiB');
    await type('fault disk n1 slow 50ms');
    const words = lab.target.faults().map((fault) => fault.words);
    expect(words).toEqual(['fault disk n1 full 1MiB', 'fault disk n1 slow 50ms']);
    await type('fault disk n1 ok');
    expect(lab.target.faults()).toEqual([]);
  });

  test('fault delay: one way, and no other link', async () => {
    await type(`fault delay "n1>n2" ${lateMs}ms`);
    expect(await lab.timed('put k v --level all --node n1')).toBeGreaterThanOrEqual(lateMs);
    await becomesFast('put k v --level all --node n3');
    await type('fault delay "n1>n2" 0');
    await becomesFast('put k v --level all --node n1');
  });

  test('fault cut: one way, and no other link', async () => {
    await type('fault cut "n1>n2"');
    expect(await type('put h 1 --level all --node n1 --timeout 300ms')).not.toBe('OK');
    expect(await type('put h 2 --level all --node n3')).toBe('OK');
    expect(await type('get h --level all --node n2 --timeout 300ms')).not.toBe('2');
  });

  test('fault cut --type: messages of that type, and no others', async () => {
    await type('fault cut n1 --type write');
    expect(await type('put i 1 --level all --node n1 --timeout 300ms')).not.toBe('OK');
    expect(await type('get k --level all --node n1')).toBe('v');
    await type('fault cut n1 --type read');
    expect(await type('get k --level all --node n1 --timeout 300ms')).not.toBe('v');
  });

  test('links of a client: late to one node, and to the others as ever', async () => {
    await type('client ann');
    await type('get k');
    await type(`fault delay ann-n1 ${lateMs}ms`);
    expect(await lab.timed('get k --level one --node n1')).toBeGreaterThanOrEqual(2 * lateMs);
    await becomesFast('get k --level one --node n2');
    await type('client');
    await becomesFast('get k --level one --node n1');
  });

  test('a client cut from a node reaches the others', async () => {
    await type('client ann');
    await type('get k');
    await type('fault break ann n1');
    expect(await type('get k --node n1 --timeout 500ms')).toMatch(/its link to ann is cut/);
    expect(await type('get k --node n2')).toBe('ann: v');
    await type('client');
    expect(await type('get k --node n1')).toBe('v');
  });

  test('what the runtime can not do is refused by name', async () => {
    const lines = ['fault disk n1 torn', 'fault disk n1 lost', 'fault disk n1 corrupt'];
    for (const line of [...lines, 'node kill n1 --power']) {
      const said = await type(line);
      if (runtime === 'sim') expect(said).toMatch(/^n1/);
      else expect(said).toMatch(/is not for a cluster on \w+: it can't/);
    }
    if (runtime !== 'sim') expect((await stateOf('n1')).state).toBe('running');
  });

  test.runIf(runtime === 'sim')(
    'a power cut takes what was not synced, a kill does not',
    async () => {
      const heldAfter = async (key: string, kill: string): Promise<string> => {
        await type('fault disk n2 lost');
        await type('fault disk n2 slow 1h');
        expect(await type(`put ${key} 1 --node n1`)).toBe('OK');
        await type('wait 100ms');
        await type(kill);
        await type('fault disk n2 ok');
        // Nobody tells it again.
        await type('node pause n1 n3');
        await type('node restart n2');
        const held = await type('dump n2');
        await type('node resume n1 n3');
        return held;
      };
      expect(await heldAfter('p1', 'node kill n2')).toContain('p1 1');
      expect(await heldAfter('p2', 'node kill n2 --power')).not.toContain('p2 1');
      await comesToSay('get p2 --level all', '1');
    },
  );

  // The last one: stamps do not go back.
  test('fault clock: stamps move as the clock does', async () => {
    const perMs = stampAt(2_000_000_000_001) - stampAt(2_000_000_000_000);
    const aheadMs = async (): Promise<number> => {
      await type('put g 1 --node n1 --level all');
      const [, stamp = ''] = /n1 +1 +(\d+)@/.exec(await type('search g')) ?? [];
      return (Number(stamp) - stampAt(lab.target.wallClock())) / perMs;
    };
    // So long may have gone by between a write and the look at the clock.
    const slackMs = 5_000;
    expect(Math.abs(await aheadMs())).toBeLessThan(slackMs);
    expect(await type('fault clock n1 -1h')).toBe('n1: its wall clock is 1 h 0 min behind');
    expect(Math.abs(await aheadMs())).toBeLessThan(slackMs);
    expect(await type('fault clock n1 +1h')).toBe('n1: its wall clock is 1 h 0 min ahead');
    expect(Math.abs((await aheadMs()) - 3_600_000)).toBeLessThan(slackMs);
    await type('node restart n1');
    await type('fault clock n1 +2h --drift=50%');
    expect(Math.abs((await aheadMs()) - 7_200_000)).toBeLessThan(1.5 * slackMs);
  });
});

import { describe, expect, it } from 'vitest';
import { flagSetting } from '../config/problem.js';
import { resolveSpec } from '../config/resolve.js';
import { encodeUtf8 } from '../core/utf8.js';
import type { ModeName } from '../protocols/catalog.js';
import { SimTarget } from '../targets/sim.js';
import { anyAsker, OperationContext, type OperationHost } from './context.js';
import { assign, Given } from './given.js';
import { healableKinds } from './heal.js';
import { perform } from './operation.js';
import { disturbances, operations } from './table.js';

async function started(mode: ModeName = 'paxos') {
  const target = new SimTarget({ afterPromises: setImmediate, seed: 1 });
  await target.up(
    resolveSpec([flagSetting('mode', mode, '--mode'), flagSetting('nodes', 3, '-n')]),
  );
  const settings = [flagSetting('delays', { 'n1>n2': '5ms', 'n2-n3': 7 }, 'delays.yaml')];
  const host = { readSettings: async () => settings } as unknown as OperationHost;
  const { signal } = new AbortController();
  const context = new OperationContext({ targets: [target], signal, host });
  /** What it did, in a line. */
  const does = async (line: string): Promise<string> => {
    const operation = disturbances.find(({ name }) => `${line} `.startsWith(`${name} `));
    if (operation === undefined) throw new Error(`no such operation: ${line}`);
    const words = line.slice(operation.name.length).split(' ').filter(Boolean);
    const flags = words.flatMap((word) => {
      const [, name = '', value = ''] = /^--(\w+)=(.+)$/.exec(word) ?? [];
      return name === '' ? [] : ([[name, [value]]] as const);
    });
    const { assigned } = assign(
      operation.arguments,
      words.filter((word) => !word.startsWith('--')),
      (flag) => flags.some(([name]) => name === flag),
    );
    const args = new Map([...assigned].map(([{ name }, all]) => [name, all.map(encodeUtf8)]));
    const given = new Given(operation, { args, flags: new Map(flags) });
    const call = { given, context, asker: anyAsker, timeoutMsMax: 1e6, json: false };
    const outcome = await perform(operation, { ...call, says: () => {}, tell: () => {} });
    return (outcome.json() as { readonly did: string }).did;
  };
  const words = () => target.faults().map((fault) => `${fault.words}: ${fault.by}`);
  return { target, does, words, rules: () => target.rules() };
}

const direction = { from: 'n1', to: 'n3' };

describe('link faults', () => {
  it.each([
    ['fault cut n1>n3', 'n1>n3: messages are lost', { cuts: [direction] }],
    [
      'fault delay n1>n3 20ms',
      'n1>n3: messages take 20 ms',
      { delays: [{ ...direction, meanMs: 20, spread: 0 }] },
    ],
    [
      'fault delay n1>n3 20ms --jitter=5ms',
      'n1>n3: messages take 15 ms to 25 ms',
      { delays: [{ ...direction, meanMs: 20, spread: 5 }] },
    ],
    [
      'fault delay n1>n3 20ms --dist=uniform',
      'n1>n3: messages take 0 ms to 40 ms',
      { delays: [{ ...direction, meanMs: 20, spread: 20 }] },
    ],
    [
      'fault delay n1>n3 20ms --dist=exponential --type=accept',
      'n1>n3: accept messages take 20 ms on average, exponentially',
      { delays: [{ ...direction, type: 'accept', meanMs: 20, spread: 'exponential' }] },
    ],
    [
      'fault drop n1>n3 5%',
      'n1>n3: messages are lost, 5% of them',
      { losses: [{ ...direction, chance: 0.05 }] },
    ],
    [
      'fault duplicate n1>n3 0.5',
      'n1>n3: messages arrive twice, 50% of them',
      { duplications: [{ ...direction, chance: 0.5 }] },
    ],
    [
      'fault reorder n1>n3 10%',
      'n1>n3: messages are overtaken, 10% of them, by up to 50 ms',
      { reorderings: [{ ...direction, chance: 0.1, heldMsMax: 50 }] },
    ],
    [
      'fault bandwidth n1>n3 100kB --queue=8kB',
      'n1>n3: messages leave at 100 kB a second at most, and 8 kB may wait',
      { bandwidths: [{ ...direction, bytesPerSecond: 100_000, queueBytes: 8_000 }] },
    ],
    [
      'fault drop n1>n3 --nth=3',
      'n1>n3: of the messages from now on, number 3 is lost',
      { losses: [], singles: [{ ...direction, nth: 3, fate: 'lost', heldMs: 0, fault: 1 }] },
    ],
    [
      'fault duplicate n1>n3 --type=accept --nth=1',
      'n1>n3: of the accept messages from now on, number 1 arrives twice',
      { singles: [{ ...direction, type: 'accept', nth: 1, fate: 'doubled', heldMs: 0, fault: 1 }] },
    ],
    [
      'fault delay n1>n3 20ms --nth=2',
      'n1>n3: of the messages from now on, number 2 takes 20 ms, and others overtake it',
      { delays: [], singles: [{ ...direction, nth: 2, fate: 'held', heldMs: 20, fault: 1 }] },
    ],
    [
      'fault cut n1>n3 --type=accept,prepare',
      'n1>n3: accept, prepare messages are lost',
      {
        cuts: [],
        losses: ['accept', 'prepare'].map((type) => ({ ...direction, type, chance: 1 })),
      },
    ],
  ])('%s: %s', async (line, told, rules) => {
    const { does, target, words } = await started();
    expect(await does(line)).toBe(told);
    expect(target.rules()).toMatchObject(rules);
    expect(words()).toEqual([`${line}: user`]);
    expect(await does('fault heal')).toBe(`healed: ${line}`);
    expect(target.faults()).toEqual([]);
  });

  it.each([
    ['fault drop 5% --type=acept', 'mode paxos has no message "acept", did you mean accept?'],
    ['fault drop clients 5% --type=accept', '--type is of messages between nodes'],
    ['fault drop clients --nth=1', '--nth is of messages between nodes'],
    ['fault drop n1>n3 --nth=0', '--nth is a whole number, 1 or more'],
    ['fault delay 5ms --nth=1 --jitter=2ms', '--nth is of one message, which has no distribution'],
    ['fault delay 5ms --jitter=6ms', '--jitter may be no more than the delay'],
    ['fault delay 5ms --jitter=2ms --dist=uniform', '--jitter and --dist exclude each other'],
    ['fault bandwidth 5kB --queue=much', '--queue must be bytes'],
    ['fault ring', 'a ring of majorities needs 4 nodes'],
    ['fault heal dealy', 'there is no fault called "dealy", did you mean delay?'],
  ])('%s is refused: %s', async (line, message) => {
    const { does, target } = await started();
    const refused = {
      code: 'bad-request',
      definite: true,
      message: expect.stringContaining(message),
    };
    await expect(does(line)).rejects.toMatchObject(refused);
    expect(target.faults()).toEqual([]);
  });

  it('delay as a file says, all links alike', async () => {
    const { does, rules } = await started();
    await does('fault delay n1>n3 20ms');
    expect(await does('fault delays delays.yaml')).toBe('all links: delays of delays.yaml');
    const means = rules().delays.map(({ from, to, meanMs }) => `${from}>${to} ${meanMs}`);
    expect(means.sort()).toEqual([
      'n1>n2 5',
      'n1>n3 0',
      'n2>n1 0',
      'n2>n3 7',
      'n3>n1 0',
      'n3>n2 7',
    ]);
  });

  it('mean one message each, and several of them at a time', async () => {
    const { does, rules, words } = await started();
    for (const line of ['fault drop n1>n3 --nth=3', 'fault drop n1>n3 --nth=3']) await does(line);
    await does('fault drop n1>n3 5%');
    expect(rules().singles.map(({ fault }) => fault)).toEqual([1, 2]);
    expect(rules().losses).toHaveLength(1);
    await does('fault heal 1');
    expect(words()).toEqual(['fault drop n1>n3 --nth=3: user', 'fault drop n1>n3 5%: user']);
    expect(rules().singles.map(({ fault }) => fault)).toEqual([2]);
    await does('fault delay n1-n3 2ms --nth=1');
    expect(rules().singles).toHaveLength(3);
  });

  it('are healed by number, by kind and by author', async () => {
    const { does, words } = await started();
    for (const line of ['fault cut n1>n2', 'fault cut n1>n3', 'fault drop 5%', 'fault delay 1ms']) {
      await does(line);
    }
    for (const name of ['nemesis', 'pauses', 'kill', '77'])
      expect(await does(`fault heal ${name}`)).toBe('no such fault was on');
    expect(await does('fault heal 2 drop')).toBe('healed: fault cut n1>n3; fault drop 5%');
    expect(words()).toEqual(['fault cut n1>n2: user', 'fault delay 1ms: user']);
    await does('fault heal user');
    expect(words()).toEqual([]);
  });

  it('cut off whoever leads, in a mode that has one', async () => {
    const { does, target } = await started('2pc');
    expect(await does('fault primary')).toBe('cut n1, the coordinator, from n2 n3');
    expect(target.rules().cuts).toHaveLength(4);
    await expect((await started('gossip')).does('fault primary')).rejects.toThrow(
      'mode gossip has no leader or coordinator',
    );
  });
});

it('every kind of fault can be healed by its name', () => {
  const others = ['heal', 'list', 'nemesis'];
  const kinds = operations.flatMap(({ name }) => /^fault (.+)$/.exec(name)?.[1] ?? []);
  expect([...healableKinds].sort()).toEqual(kinds.filter((kind) => !others.includes(kind)).sort());
});

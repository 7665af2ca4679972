import { describe, expect, it } from 'vitest';
import { flagSetting } from '../config/problem.js';
import { resolveSpec } from '../config/resolve.js';
import { encodeUtf8 } from '../core/utf8.js';
import { anyAsker, OperationContext } from '../operations/context.js';
import { Given } from '../operations/given.js';
import { perform } from '../operations/operation.js';
import { faultNemesis } from '../operations/table.js';
import { modeNames } from '../protocols/catalog.js';
import { SimTarget } from '../targets/sim.js';
import { parseScript } from './parser.js';
import { runScript, specFor } from './testing/run-script.js';

describe('a nemesis in a script', () => {
  it('breaks the cluster while others use it, until its time is over', async () => {
    const { out, error } = await runScript(
      [
        'cluster up --mode paxos -n 3',
        'at once',
        '  client ann',
        '    repeat 20 put a {n} --timeout 10s',
        '  client nem',
        '    nemesis halves kills --for 10s --every 1s --seed 4',
        'end',
        'expect within 10s get a == 20',
        'expect fault list ok',
      ].join('\n'),
    );
    expect(error).toBeNull();
    const told = out.split('\n').filter((line) => line.startsWith('nem: '));
    expect(told[0]).toBe('nem: fault nemesis halves kills --every 1s --seed 4');
    expect(told.some((line) => /0\.0 s {2}begin {3}\w/.test(line))).toBe(true);
    expect(told.filter((line) => line.includes(' begin ')).length).toBeGreaterThan(7);
    expect(told.at(-1)).toMatch(/ s {2}end /);
  });

  it('is told before anything starts what can not be meant', () => {
    const parse = (text: string) =>
      parseScript(text, { source: 'x', spec: specFor(), attached: false });
    expect(() => parse('nemesis halvs --for 1s')).toThrow('did you mean halves?');
    expect(() => parse('nemesis halves --for often')).toThrow('--for must be a time');
  });

  it('in the simulator has to be told for how long', async () => {
    const { error } = await runScript('fault nemesis halves');
    expect(error).toMatchObject({ code: 'bad-request', message: expect.stringContaining('--for') });
  });
});

/** What `fault nemesis --save` writes. */
async function saved(mode: string): Promise<string> {
  const target = new SimTarget({ afterPromises: setImmediate, seed: 3 });
  const settings = [
    flagSetting('mode', mode, '--mode'),
    flagSetting('sync', 'off', '--sync'),
    flagSetting('delay', ['n1>n2=5ms'], '--delay'),
  ];
  await target.up(resolveSpec(settings));
  let text = '';
  const host = {
    list: () => [],
    use: () => {},
    readSettings: () => Promise.reject(new Error('no files here')),
    runKvx: () => Promise.reject(new Error('no programs here')),
    save: (_: string, script: string) => {
      text = script;
    },
  };
  const { signal } = new AbortController();
  const context = new OperationContext({ targets: [target], host, signal });
  const flags = { every: '1s', for: '12s', seed: '5', save: 'x.kvx' };
  const said = Object.entries(flags).map(([name, text]): [string, string[]] => [name, [text]]);
  const args = new Map([['NAME', [encodeUtf8('everything')]]]);
  const given = new Given(faultNemesis, { args, flags: new Map(said) });
  const call = { given, context, asker: anyAsker, json: false, says: () => {}, tell: () => {} };
  await perform(faultNemesis, { ...call, timeoutMsMax: Number.POSITIVE_INFINITY });
  return text;
}

describe('what a nemesis did, saved as a scenario', () => {
  it.each(modeNames)('does the same again, under one seed bit by bit, in mode %s', async (mode) => {
    const text = await saved(mode);
    expect(text).toMatch(
      new RegExp(
        `^# kvx fault nemesis everything .*\\ncluster up --mode ${mode} --nodes 4 --sync off`,
      ),
    );
    const load = text.replace('\n\n', '\nmultiset 5\n\n');
    const once = await runScript(load);
    expect(once.error).toBeNull();
    expect(once.report?.failed).toBe(false);
    const again = await runScript(load);
    expect(again).toEqual(once);
    expect((await runScript(load, { seed: 2 })).traceHash).not.toBe(once.traceHash);
  });
});

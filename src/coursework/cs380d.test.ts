import { describe, expect, it } from 'vitest';
import { randomScript } from '../../test/coursework/random-script.js';
import { printedBy } from '../../test/coursework/rules.js';
import { flagSetting } from '../config/problem.js';
import { resolveSpec } from '../config/resolve.js';
import { SeededRandom } from '../core/random.js';
import { componentsOf } from '../faults/topology.js';
import { SimTarget } from '../targets/sim.js';
import { choiceSeed, nodeOf } from './cs380d.js';
import { failedLinesOf, perform } from './testing/context.js';

const randomScripts = Number(process.env['KVX_SCRIPTS'] ?? 10);

const saidBy = (script: string, seed = 1) =>
  perform('cs380d', script, new SimTarget({ afterPromises: setImmediate, seed }));

describe('names of nodes', () => {
  it('have the order of the ids', () => {
    const ids = ['0', '2', '9', '10', '11', '99', '100', '12345678'];
    expect(ids.map(nodeOf).sort()).toEqual(ids.map(nodeOf));
  });
});

describe('parts of a graph', () => {
  const both = (a: string, b: string) => [
    { from: a, to: b },
    { from: b, to: a },
  ];

  it('are what links still hold together', () => {
    const nodes = ['a', 'b', 'c', 'd'];
    expect(componentsOf(nodes, [])).toEqual([nodes]);
    const chain = [...both('a', 'c'), ...both('a', 'd'), ...both('b', 'd')];
    expect(componentsOf(nodes, chain)).toEqual([nodes]);
    expect(componentsOf(nodes, [...chain, ...both('b', 'c')])).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
    expect(componentsOf([], [])).toEqual([]);
  });
});

describe('the cs380d dialect', () => {
  it('says what is wrong, where, and goes on', async () => {
    const { out, errors } = await saidBy(
      [
        'joinServer 0',
        'joinClient 1 0',
        'joinserver 2',
        'put 1 k',
        'get 7 k',
        'get 0 k',
        'killServer 1',
        'joinServer -1',
        'joinServer 0',
        'put 1 k v',
        'breakConnection 0 1',
        'get 1 k',
        'breakConnection 1 1',
        'createConnection 1 0',
        'get 1 k',
      ].join('\n'),
    );
    expect(out).toBe('k:v\n');
    expect(errors).toEqual([
      'script:3: there is no command "joinserver"; did you mean joinServer?',
      'script:4: put with 2 arguments; it is `put CLIENT KEY VALUE`',
      'script:5: there is no server or client 7',
      'script:6: 0 is a server',
      'script:7: 1 is a client',
      'script:8: an id is a number such as 0 or 12, not "-1"',
      'script:9: server 0 has joined already',
      'script:12: client 1 has no server left',
      'script:13: a connection has two ends, not 1 twice',
    ]);
  });

  it('takes 01 and 1 for the same id', async () => {
    const { out } = await saidBy('joinServer 01\njoinClient 2 1\nput 02 k v\nget 2 k\n');
    expect(out).toBe('k:v\n');
  });

  it('refuses values that are too long, and goes on', async () => {
    const long = 'x'.repeat(1024 * 1024 + 1);
    const { out, errors } = await saidBy(
      `joinServer 0\njoinClient 1 0\nput 1 k ${long}\nget 1 k\n`,
    );
    expect(errors).toHaveLength(1);
    expect(out).toBe('k:ERR_KEY\n');
  });

  it('asks all servers of a client in the long run', async () => {
    const puts = Array.from({ length: 40 }, (_, nth) => `put 4 k${nth} v\n`).join('');
    const { out } = await saidBy(
      `joinServer 0\njoinServer 1\nbreakConnection 0 1\njoinClient 4 0\ncreateConnection 4 1\n${puts}printStore 0`,
    );
    const held = out.match(/^k\d+:v$/gm)?.length ?? 0;
    expect(held).toBeGreaterThan(5);
    expect(held).toBeLessThan(35);
  });

  it('stamps a put greater than what its client remembers of the key, also where the clock is slow', async () => {
    const { out } = await saidBy(
      `joinServer 0\njoinServer 1\nbreakConnection 0 1\njoinClient 2 1
put 2 k 1\nput 2 k 2\nput 2 k 3\nbreakConnection 2 1\ncreateConnection 2 0\nput 2 k 4\nget 2 k
createConnection 0 1\nstabilize\nprintStore 0\nprintStore 1\n`,
    );
    expect(out).toBe('k:4\nk:4\nk:4\n');
  });

  it('leaves clusters that are up alone', async () => {
    const target = new SimTarget({ afterPromises: setImmediate, seed: 1 });
    const nodes = [flagSetting('mode', 'gossip', '--mode'), flagSetting('nodes', 2, '-n')];
    await target.up(resolveSpec(nodes));
    const { errors } = await perform('cs380d', 'joinServer 0\n', target);
    expect(errors).toEqual([expect.stringContaining('leaves clusters that are up alone')]);
  });

  it('does the same under the same seed', async () => {
    const script =
      'joinServer 0\njoinServer 1\njoinClient 2 0\ncreateConnection 2 1\nput 2 k v\nget 2 k\n';
    const run = async (seed: number) => {
      const target = new SimTarget({ afterPromises: setImmediate, seed });
      const said = await perform('cs380d', script, target);
      return { said, hash: target.traceHash };
    };
    expect(await run(3)).toEqual(await run(3));
  });

  it('prints what the rules say and nothing else, whatever the seed: servers do not gossip between lines', async () => {
    const freedom = { gossip: 0, tickOnReceive: false, clientCarries: 'key' } as const;
    for (let nth = 0; nth < randomScripts; nth++) {
      const script = randomScript(new SeededRandom(nth), 40);
      const choices = new SeededRandom(choiceSeed);
      const expected = printedBy(script, freedom, () => choices.next());
      for (const seed of [2 * nth + 1, 2 * nth + 2]) {
        const said = await perform(
          'cs380d',
          script,
          new SimTarget({ afterPromises: setImmediate, seed }),
        );
        const printed = { out: said.out, failedLines: failedLinesOf(said) };
        expect(printed, `${script}\n${said.errors.join('\n')}`).toEqual(expected);
      }
    }
  });

  it('gossips in the background when it is told to', async () => {
    const script = 'joinServer 0\njoinServer 1\njoinClient 2 0\nput 2 k v\n';
    const held = async (gossip: boolean) => {
      const target = new SimTarget({ afterPromises: setImmediate, seed: 1 });
      const lines = `${script}${'get 2 k\n'.repeat(2000)}printStore 1\n`;
      const { out } = await perform('cs380d', lines, target, { gossip });
      return out.split('k:v\n').length - 1 - 2000;
    };
    expect(await held(false)).toBe(0);
    expect(await held(true)).toBe(1);
  });
});

import { describe, expect, it } from 'vitest';
import { corpusOf } from '../../test/coursework/corpus.js';
import { flagSetting } from '../config/problem.js';
import { resolveSpec } from '../config/resolve.js';
import { breakLink } from '../faults/partition.js';
import { breaking } from '../faults/testing/change.js';
import { SimTarget } from '../targets/sim.js';
import { failedLinesOf, perform } from './testing/context.js';

describe('the cs425 dialect', () => {
  it.each(corpusOf('cs425'))('$name', async ({ text, expected, failedLines }) => {
    for (const seed of [1, 2, 3]) {
      const said = await perform(
        'cs425',
        text,
        new SimTarget({ afterPromises: setImmediate, seed }),
      );
      expect({ out: said.out, failedLines: failedLinesOf(said) }).toEqual({
        out: expected,
        failedLines,
      });
    }
  });

  it('says how a line should look', async () => {
    const { errors } = await perform(
      'cs425',
      'serach x\nget\n',
      new SimTarget({ afterPromises: setImmediate, seed: 1 }),
    );
    expect(errors).toEqual([
      'script:1: there is no command "serach"; did you mean search?',
      'script:2: get with 0 arguments; it is `get KEY [LEVEL]`',
    ]);
  });

  it('says whose words they are', async () => {
    const script = 'joinServer 0\nfault heal\nexpect get a == 1\nget \ufffd';
    const { errors } = await perform(
      'cs425',
      script,
      new SimTarget({ afterPromises: setImmediate, seed: 1 }),
    );
    const kvx = 'it is one of kvx itself: run it without --dialect';
    expect(errors).toEqual([
      'script:1: there is no command "joinServer" in cs425; it is one of cs380d: --dialect cs380d',
      `script:2: there is no command "fault" in cs425; ${kvx}`,
      `script:3: there is no command "expect" in cs425; ${kvx}`,
      'script:4: it is not UTF-8 text',
    ]);
  });

  it('waits in seconds, or in milliseconds when told to', async () => {
    const took = async (delayUnit: 's' | 'ms'): Promise<number> => {
      const target = new SimTarget({ afterPromises: setImmediate, seed: 1 });
      const script = 'send begin n1\ndelay 30\nsend end n1';
      const { out } = await perform('cs425', script, target, { delayUnit });
      return Number(/(\d+) ms: n1 sent "end"/.exec(out)?.[1]);
    };
    expect(await took('s')).toBe(30_000);
    expect(await took('ms')).toBe(30);
  });

  it('takes 1 for the first model when told to: half of the servers are not enough for it', async () => {
    const put = async (models: boolean) => {
      const target = new SimTarget({ afterPromises: setImmediate, seed: 1 });
      const nodes = [flagSetting('nodes', 4, '-n'), flagSetting('replicas', 4, '--replicas')];
      await target.up(resolveSpec([flagSetting('mode', 'quorum', '--mode'), ...nodes]));
      await target.control.kill('n3');
      await target.control.kill('n4');
      return perform('cs425', 'put x 1 1\n', target, { models });
    };
    expect(await put(false)).toEqual({ out: 'OK\n', errors: [] });
    const { out, errors } = await put(true);
    expect(out).toBe('');
    expect(errors).toHaveLength(1);
  });
});

describe('messages between servers', () => {
  const spec = resolveSpec([
    flagSetting('mode', 'quorum', '--mode'),
    flagSetting('nodes', 3, '-n'),
    flagSetting('delay', 'n1>n2=100ms', '--delay'),
  ]);
  const messages = (script: string, seed: number) =>
    perform('cs425', script, new SimTarget({ afterPromises: setImmediate, seed }), { spec });

  it('arrive up to twice the mean delay later, in order', async () => {
    const delays: number[] = [];
    for (let seed = 1; seed <= 40; seed++) {
      const { out } = await messages('send one n2\nsend two words n2\n', seed);
      const received = [...out.matchAll(/(\d+) ms: n2 received "(.*)" from n1, sent at (\d+) ms/g)];
      expect(received.map(([, , text]) => text)).toEqual(['one', 'two words']);
      for (const [, at, , sentAt] of received) delays.push(Number(at) - Number(sentAt));
    }
    expect(Math.max(...delays)).toBeLessThanOrEqual(200);
    expect(Math.max(...delays)).toBeGreaterThan(150);
    expect(Math.min(...delays)).toBeLessThan(50);
  });

  it('are lost when the link is cut or nobody runs at its end', async () => {
    const target = new SimTarget({ afterPromises: setImmediate, seed: 1 });
    await target.up(spec);
    const nodes = ['n1', 'n2', 'n3'];
    await target.changeFaults(breaking((faults) => breakLink(faults, ['n1', 'n2'], nodes)));
    await target.control.kill('n3');
    const { out } = await perform('cs425', 'bcast lost\nsend kept n1\n', target);
    expect(out.match(/sent/g)).toHaveLength(4);
    expect(out.match(/received.*/g)).toEqual(['received "kept" from n1, sent at 0 ms']);
  });

  it('go to every other server at once', async () => {
    const { out } = await messages('bcast hello there', 1);
    expect(out).toMatch(/^0 ms: n1 sent "hello there" to n2\n0 ms: n1 sent "hello there" to n3\n/);
    expect(out.match(/received/g)).toHaveLength(2);
    expect(out).toContain('0 ms: n3 received "hello there" from n1, sent at 0 ms');
  });
});

import { describe, expect, it } from 'vitest';
import { keyFromText } from '../core/key.js';
import type { ClientResult } from '../core/operation.js';
import { realTiming } from '../node/timing.js';
import { Client, type ClientOptions } from './client.js';
import { LeaderHint } from './leader-hint.js';
import { asks } from './testing/asks.js';
import { FakeEndpoint } from './testing/fake-endpoint.js';

const key = keyFromText('k');
const version = { stamp: 1, node: 'n1' };
const found: ClientResult = { type: 'value', value: Buffer.of(1), version };
const timedOut: ClientResult = { type: 'error', code: 'timeout', definite: false, message: '' };

/** Three nodes, a client that begins with the second, and whom it has asked. */
async function told(options: Partial<ClientOptions> = {}) {
  const answers: Record<string, ClientResult> = { n1: found, n2: found, n3: found };
  const asked: string[] = [];
  const endpoints = ['n1', 'n2', 'n3'].map((node) => {
    return new FakeEndpoint(node, () => {
      asked.push(node);
      return answers[node] as ClientResult;
    });
  });
  const client = new Client(endpoints, {
    ...{ timing: realTiming, start: 1, followsLeader: true, retry: 'never' },
    ...options,
  });
  await asks.get(client, key);
  endpoints[1]?.tellLeader('n3');
  return { client, answers, asked, ask: (how = {}) => client.execute({ type: 'get', key }, how) };
}

describe('a client that follows the leader', () => {
  it('begins where it is told to, until another node leads', async () => {
    const { ask, asked } = await told();
    await ask();
    await ask();
    expect(asked).toEqual(['n2', 'n3', 'n3']);
  });

  it('keeps to the nodes that an operation names', async () => {
    const { ask, asked } = await told();
    await ask({ node: 'n1' });
    await ask({ start: 0 });
    expect(asked).toEqual(['n2', 'n1', 'n1']);
  });

  it('asks in its own turn once the leader has not answered', async () => {
    const { ask, asked, answers } = await told();
    answers['n3'] = timedOut;
    expect(await ask()).toMatchObject({ node: 'n3', result: timedOut });
    await ask();
    expect(asked).toEqual(['n2', 'n3', 'n2']);
  });

  it('tries again elsewhere what it asked of a leader that is gone', async () => {
    const { ask, asked, answers } = await told({ retry: 'safe', exactlyOnce: true });
    answers['n3'] = timedOut;
    expect(await ask()).toMatchObject({ node: 'n1', result: found });
    expect(asked).toEqual(['n2', 'n3', 'n1']);
  });

  it('does not unless it is asked to', async () => {
    const { ask, asked } = await told({ followsLeader: false });
    await ask();
    expect(asked).toEqual(['n2', 'n2']);
  });
});

describe('the hint who leads', () => {
  it('is in doubt after a failure: one operation a second tries', () => {
    const hint = new LeaderHint();
    expect(hint.toAsk(0)).toBeNull();
    hint.named('n1');
    expect(hint.toAsk(0)).toBe('n1');
    hint.failed('n2', 0);
    expect(hint.toAsk(0)).toBe('n1');
    hint.failed('n1', 0);
    expect([hint.toAsk(999), hint.toAsk(1_000), hint.toAsk(1_001)]).toEqual([null, 'n1', null]);
  });

  it('is believed again when the leader answers, or is named anew', () => {
    const hint = new LeaderHint();
    hint.named('n1');
    hint.failed('n1', 0);
    hint.answered('n2');
    expect(hint.toAsk(0)).toBeNull();
    hint.answered('n1');
    expect(hint.toAsk(0)).toBe('n1');
    hint.failed('n1', 0);
    hint.named('n3');
    expect(hint.toAsk(0)).toBe('n3');
  });
});

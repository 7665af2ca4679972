import { afterEach, describe, expect, it, vi } from 'vitest';
import { keyFromText } from '../core/key.js';
import type { ClientResult, SessionStamp } from '../core/operation.js';
import { realTiming } from '../node/timing.js';
import type { ClientFrame } from '../runtime/links/client-frames.js';
import { virtualTiming } from '../sim/virtual-time.js';
import { World } from '../sim/world.js';
import { Client, type ClientOptions } from './client.js';
import type { OperationOptions } from './pending-operation.js';
import { asks } from './testing/asks.js';
import { FakeEndpoint } from './testing/fake-endpoint.js';
import { type FakeCaller, FakeNode } from './testing/fake-node.js';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** What a node does with its first request, its second, …; the last goes on for ever. */
type Behaviour = readonly (ClientResult | 'silent' | 'hang up')[];

async function cluster(behaviours: readonly Behaviour[], options: Partial<ClientOptions> = {}) {
  const nodes = await Promise.all(
    behaviours.map((behaviour, at) => {
      let asked = 0;
      return FakeNode.start(`n${at + 1}`, ({ id }: ClientFrame, caller: FakeCaller) => {
        const reaction = behaviour[Math.min(asked++, behaviour.length - 1)];
        if (reaction === 'hang up') caller.hangUp();
        else if (reaction !== undefined && reaction !== 'silent') {
          caller.send({ type: 'result', id, result: reaction });
        }
      });
    }),
  );
  const endpoints = nodes.map((node) => node.endpoint);
  const client = new Client(endpoints, {
    timing: realTiming,
    timeoutMs: 2_000,
    ...options,
  });
  cleanups.push(...nodes.map((node) => () => node.stop()), () => client.close());
  return { client, nodes };
}

const stampsAt = (node: FakeNode | undefined): (SessionStamp | null)[] =>
  (node?.received ?? []).map((frame) => (frame.type === 'request' ? frame.session : null));

const key = keyFromText('k');
const value = Uint8Array.of(1);
const version = { stamp: 1, node: 'n1' };
const done: ClientResult = { type: 'done', version, existed: false };
const committed: ClientResult = { type: 'committed', version, values: [value, null] };
const error = (code: 'conflict' | 'unavailable' | 'timeout', definite: boolean): ClientResult => {
  return { type: 'error', code, definite, message: code };
};
const conflict = error('conflict', true);
const unavailable = error('unavailable', true);
const timeout = error('timeout', false);

describe('a conflict', () => {
  it('surely did not happen, and is tried again', async () => {
    const { client, nodes } = await cluster([[conflict, conflict, committed]]);
    const outcome = await asks.transact(client, [{ type: 'put', key, value }]);
    expect(outcome).toEqual({ ...committed, node: 'n1' });
    expect(nodes[0]?.received).toHaveLength(3);
  });

  it('is tried again as another command, since the first one has its answer', async () => {
    const { client, nodes } = await cluster([[conflict, done]], { exactlyOnce: true });
    await asks.put(client, key, value);
    expect(stampsAt(nodes[0]).map((stamp) => stamp?.sequence)).toEqual([1, 2]);
  });

  it('that does not go away is the outcome, still definite', async () => {
    const { client, nodes } = await cluster([[conflict]], { timeoutMs: 1_000 });
    await expect(asks.put(client, key, value)).rejects.toMatchObject({
      code: 'conflict',
      definite: true,
    });
    expect(nodes[0]?.received.length).toBeGreaterThan(1);
  });
});

describe('where commands happen exactly once', () => {
  const exactlyOnce = true;

  it('a lost node is no loss: the next is asked with the same number', async () => {
    const { client, nodes } = await cluster([['hang up'], [done]], { exactlyOnce });
    expect(await asks.put(client, key, value)).toMatchObject({ type: 'done', node: 'n2' });
    expect(stampsAt(nodes[1])).toEqual(stampsAt(nodes[0]));
    expect(stampsAt(nodes[0])).toEqual([{ client: expect.any(String), sequence: 1 }]);
  });

  it('a node that hangs leaves time for the others', async () => {
    const { client } = await cluster([['silent'], [done]], { exactlyOnce });
    expect(await asks.put(client, key, value)).toMatchObject({ type: 'done', node: 'n2' });
  });

  it.each([
    ['timed out', timeout],
    ['is unavailable', unavailable],
  ])('what %s at one node is asked of the next', async (_, result) => {
    const { client } = await cluster([[result], [result], [done]], { exactlyOnce });
    expect(await asks.put(client, key, value)).toMatchObject({ type: 'done', node: 'n3' });
  });

  it('reads need no number, and are asked of the next all the same', async () => {
    const found: ClientResult = { type: 'value', value, version };
    const { client, nodes } = await cluster([['hang up'], [found]], { exactlyOnce });
    expect(await asks.get(client, key)).toMatchObject({ value });
    expect(stampsAt(nodes[1])).toEqual([null]);
  });

  it('what may have happened once stays in doubt, whatever is said later', async () => {
    const options = { exactlyOnce, timeoutMs: 1_000 };
    const { client } = await cluster([['hang up', unavailable], [unavailable]], options);
    await expect(asks.put(client, key, value)).rejects.toMatchObject({
      code: 'disconnected',
      definite: false,
      message: expect.stringMatching(/^lost n1\b/),
    });
  });

  it('what surely did not happen anywhere is definite', async () => {
    const { client } = await cluster([[unavailable]], { exactlyOnce, timeoutMs: 1_000 });
    await expect(asks.put(client, key, value)).rejects.toMatchObject({
      code: 'unavailable',
      definite: true,
    });
  });

  it('nobody waits for nodes when all are gone and nothing was sent', async () => {
    const { client, nodes } = await cluster([[done]], { exactlyOnce, timeoutMs: 60_000 });
    await nodes[0]?.stop();
    await expect(asks.put(client, key, value)).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('each client has a name of its own, and counts its commands', async () => {
    const { client, nodes } = await cluster([[done]], { exactlyOnce });
    await asks.put(client, key, value);
    await asks.delete(client, key);
    const other = new Client(
      nodes.map((node) => node.endpoint),
      { timing: realTiming, exactlyOnce },
    );
    cleanups.push(() => other.close());
    await asks.put(other, key, value);
    const stamps = stampsAt(nodes[0]);
    expect(stamps.map((stamp) => stamp?.sequence)).toEqual([1, 2, 1]);
    expect(new Set(stamps.map((stamp) => stamp?.client)).size).toBe(2);
  });

  it('closing the client ends the attempts', async () => {
    const { client, nodes } = await cluster([[unavailable]], { exactlyOnce, timeoutMs: 60_000 });
    const putting = asks.put(client, key, value);
    putting.catch(() => {});
    await vi.waitUntil(() => nodes[0]?.received.length, 10_000);
    client.close();
    // It was between two attempts, or waited for the answer to one.
    await expect(putting).rejects.toMatchObject({
      code: expect.stringMatching(/^(unavailable|disconnected)$/),
    });
  });
});

describe('elsewhere', () => {
  it('nothing is numbered, and what may have happened is not tried again', async () => {
    const { client, nodes } = await cluster([[timeout], [done]]);
    await expect(asks.put(client, key, value)).rejects.toMatchObject({ definite: false });
    expect(stampsAt(nodes[0])).toEqual([null]);
    expect(nodes[1]?.received).toEqual([]);
  });

  it('a transaction whose check does not hold is refused, which is an outcome', async () => {
    const refused: ClientResult = { type: 'refused', reason: 'absent', actual: null, version };
    const { client } = await cluster([[refused]]);
    const steps = [{ type: 'check', key, expected: value }] as const;
    expect(await asks.transact(client, steps)).toEqual({ ...refused, node: 'n1' });
  });
});

describe('a client that is told how often to try', () => {
  /** A client on virtual time of nodes that answer as told, and what it says in the end. */
  function run(
    behaviour: readonly ClientResult[],
    options: Partial<ClientOptions>,
    triesAgain: () => boolean = () => true,
    how: OperationOptions = {},
  ) {
    const world = new World({ seed: 1, eventsMax: 1_000 });
    const timing = virtualTiming(world, world.random);
    let asked = 0;
    const answer = () => behaviour[Math.min(asked++, behaviour.length - 1)] as ClientResult;
    const endpoints = ['n1', 'n2', 'n3'].map((node) => new FakeEndpoint(node, answer, 'at once'));
    const client = new Client(endpoints, { timing, start: 1, timeoutMs: 2_000, ...options });
    const settled: [ClientResult, string | null][] = [];
    const sink = {
      triesAgain,
      settled: (_: null, result: ClientResult, node: string | null) => settled.push([result, node]),
    };
    client.submit({ type: 'put', key, value }, how, sink, null);
    world.runUntil(60_000);
    const sessions = endpoints.flatMap(({ asked }) => asked.map(({ options }) => options.session));
    return { settled, askedCount: asked, sessions };
  }

  it('takes every answer for final when it is never to try again', () => {
    for (const result of [conflict, unavailable, timeout]) {
      const { settled, askedCount } = run([result], { retry: 'never', exactlyOnce: true });
      expect(settled).toEqual([[result, 'n2']]);
      expect(askedCount).toBe(1);
    }
  });

  it('goes on until it is done when it is always to try, as the same command', () => {
    const results = [timeout, unavailable, timeout, done];
    const { settled, sessions } = run(results, { retry: 'always', exactlyOnce: true });
    expect(settled).toEqual([[done, 'n2']]);
    expect(sessions.map((session) => session?.sequence)).toEqual([1, 1, 1, 1]);
  });

  it('does so for one operation, if that one is to go on', () => {
    const { settled, askedCount } = run([unavailable, unavailable, done], {}, () => true, {
      retry: 'always',
    });
    expect(settled).toEqual([[done, 'n1']]);
    expect(askedCount).toBe(3);
  });

  it('gives up in the end, and says what may have happened', () => {
    const options = { retry: 'always', exactlyOnce: true } as const;
    const doubtful = run([timeout, unavailable], options);
    expect(doubtful.settled.map(([result]) => result)).toEqual([timeout]);
    expect(doubtful.askedCount).toBeGreaterThan(5);
    expect(run([unavailable], options).settled.map(([result]) => result)).toEqual([unavailable]);
  });

  it('never tries again what no other attempt can mend', () => {
    const wrong: ClientResult = { type: 'error', code: 'bad-request', definite: true, message: '' };
    expect(run([wrong], { retry: 'always' })).toMatchObject({
      settled: [[wrong, 'n2']],
      askedCount: 1,
    });
  });

  it('lets whoever asked have the last word', () => {
    const { settled, askedCount } = run([conflict], {}, () => false);
    expect(settled).toEqual([[conflict, 'n2']]);
    expect(askedCount).toBe(1);
  });
});

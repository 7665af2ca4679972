import { afterEach, describe, expect, it } from 'vitest';
import { keyFromText } from '../core/key.js';
import type { ClientResult } from '../core/operation.js';
import { between, noRules } from '../faults/link-rules.js';
import { realTiming } from '../node/timing.js';
import { Client, type ClientOptions } from './client.js';
import { ClientLinks } from './client-links.js';
import type { Endpoint } from './endpoint.js';
import { asks } from './testing/asks.js';
import { FakeEndpoint } from './testing/fake-endpoint.js';
import { type FakeCaller, FakeNode } from './testing/fake-node.js';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

type Behaviour = ClientResult | 'dead' | ((caller: FakeCaller) => void);

async function cluster(behaviours: readonly Behaviour[], options: Partial<ClientOptions> = {}) {
  const nodes: FakeNode[] = [];
  for (const [at, behaviour] of behaviours.entries()) {
    const node = await FakeNode.start(`n${at + 1}`, ({ id }, caller) => {
      if (typeof behaviour === 'function') behaviour(caller);
      else if (behaviour !== 'dead') caller.send({ type: 'result', id, result: behaviour });
    });
    if (behaviour === 'dead') await node.stop();
    else cleanups.push(() => node.stop());
    nodes.push(node);
  }
  const client = new Client(
    nodes.map((node) => node.endpoint),
    { timing: realTiming, timeoutMs: 1_000, ...options },
  );
  cleanups.push(() => client.close());
  return { client, nodes };
}

const key = keyFromText('k');
const value = Uint8Array.of(1, 2);
const version = { stamp: 5, node: 'n1' };
const done: ClientResult = { type: 'done', version, existed: false };

describe('a client of a cluster', () => {
  it('gives each outcome its type, with the node it came through', async () => {
    const { client } = await cluster([{ type: 'value', value, version }]);
    expect(await asks.get(client, key)).toEqual({ type: 'value', value, version, node: 'n1' });
  });

  it('gives a precondition that did not hold as an outcome, not an error', async () => {
    const refused: ClientResult = { type: 'refused', reason: 'exists', actual: value, version };
    const { client } = await cluster([refused]);
    expect(await asks.insert(client, key, value)).toEqual({ ...refused, node: 'n1' });
  });

  it('throws what went wrong with whether it surely did not happen', async () => {
    const message = 'not enough answers';
    const { client } = await cluster([
      { type: 'error', code: 'timeout', definite: false, message },
    ]);
    await expect(asks.put(client, key, value)).rejects.toMatchObject({
      code: 'timeout',
      definite: false,
      message,
    });
  });

  it('goes to the next node when nothing can have been sent', async () => {
    const { client } = await cluster(['dead', 'dead', done]);
    expect(await asks.put(client, key, value)).toMatchObject({ type: 'done', node: 'n3' });
  });

  it('never tries again what may have happened', async () => {
    const { client, nodes } = await cluster([(caller) => caller.hangUp(), done]);
    await expect(asks.put(client, key, value)).rejects.toMatchObject({
      code: 'disconnected',
      definite: false,
    });
    expect(nodes[1]?.received).toEqual([]);
  });

  it('takes a node at its word when it says that too few others are there', async () => {
    const message = 'no quorum';
    const { client, nodes } = await cluster([
      { type: 'error', code: 'unavailable', definite: true, message },
      done,
    ]);
    await expect(asks.put(client, key, value)).rejects.toMatchObject({
      code: 'unavailable',
      message,
    });
    expect(nodes[1]?.received).toEqual([]);
  });

  it('is definitely unavailable when nobody can be reached', async () => {
    const { client } = await cluster(['dead', 'dead']);
    await expect(asks.put(client, key, value)).rejects.toMatchObject({
      code: 'unavailable',
      definite: true,
    });
  });

  it('connects again after a connection was lost', async () => {
    let calls = 0;
    const { client } = await cluster([
      (caller) => {
        calls++;
        if (calls === 1) caller.hangUp();
        else caller.send({ type: 'result', id: 1, result: done });
      },
    ]);
    await expect(asks.put(client, key, value)).rejects.toThrow();
    expect(await asks.put(client, key, value)).toMatchObject({ type: 'done' });
  });

  it('asks through one node and no other when told so', async () => {
    const { client, nodes } = await cluster([done, 'dead', done]);
    expect(await asks.put(client, key, value, { node: 'n3' })).toMatchObject({ node: 'n3' });
    await expect(asks.put(client, key, value, { node: 'n2' })).rejects.toMatchObject({
      code: 'unavailable',
      definite: true,
      message: expect.stringContaining("n2 can't be reached"),
    });
    expect(nodes[0]?.received).toEqual([]);
  });

  it('finds nodes that come while it works', async () => {
    const { nodes } = await cluster([done, done]);
    const [first, second] = nodes.map((node) => node.endpoint) as [Endpoint, Endpoint];
    let endpoints: Endpoint[] = [];
    const client = new Client(() => endpoints, { timing: realTiming });
    cleanups.push(() => client.close());
    await expect(asks.put(client, key, value)).rejects.toThrow('there is no node to ask');
    endpoints = [first];
    expect(await asks.put(client, key, value)).toMatchObject({ node: 'n1' });
    endpoints = [second];
    expect(await asks.put(client, key, value)).toMatchObject({ node: 'n2' });
  });

  it('never talks to a node that it is cut from, both ways', async () => {
    let rules = noRules;
    const links = new ClientLinks({ name: 'alice', rules: () => rules, timing: realTiming });
    const { client, nodes } = await cluster([done, done], { links });
    const cutOff = (name: string, ...others: string[]) => {
      rules = { ...noRules, cuts: others.flatMap((node) => between([name], [name, node])) };
    };
    expect(await asks.put(client, key, value)).toMatchObject({ node: 'n1' });
    cutOff('alice', 'n1');
    expect(await asks.put(client, key, value)).toMatchObject({ node: 'n2' });
    cutOff('alice', 'n1', 'n2');
    await expect(asks.put(client, key, value)).rejects.toMatchObject({
      code: 'unavailable',
      definite: true,
      message: 'none of n1, n2 can be reached: its link to alice is cut',
    });
    cutOff('bob', 'n1');
    expect(await asks.put(client, key, value)).toMatchObject({ node: 'n1' });
    cutOff('clients', 'n1');
    expect(await asks.put(client, key, value)).toMatchObject({ node: 'n2' });
    expect(nodes[0]?.received).toHaveLength(2);
  });

  it('passes level, deadline and stamp on', async () => {
    const options = { level: 'one', exactlyOnce: true, timeoutMs: 60_000 } as const;
    const { client, nodes } = await cluster([done], options);
    await asks.put(client, key, value);
    await asks.put(client, key, value, { level: 'all', timeoutMs: 200 });
    const stamp = (sequence: number) => ({ client: expect.any(String), sequence });
    expect(nodes[0]?.received).toMatchObject([
      { level: 'one', session: stamp(1) },
      { level: 'all', session: stamp(2) },
    ]);
    const [first, second] = (nodes[0]?.received ?? []).map((frame) =>
      frame.type === 'request' ? frame.timeoutMs : 0,
    );
    expect(first).toBeGreaterThan(200);
    expect(second).toBeLessThanOrEqual(200);
  });

  it('begins where it stays, or where an operation says, and goes on while that is not there', async () => {
    const { client } = await cluster([done, 'dead', done], { start: 4 });
    const through = async (start?: number) =>
      (await asks.put(client, key, value, start === undefined ? {} : { start })).node;
    expect([await through(), await through(), await through(2), await through(3)]).toEqual([
      ...['n3', 'n3', 'n3', 'n1'],
    ]);
  });
});

it('asks by a way that is always open as often as is safe, and connects to nobody', async () => {
  const conflict: ClientResult = { type: 'error', code: 'conflict', definite: true, message: '' };
  const results = [conflict, done];
  const endpoint = new FakeEndpoint('n1', () => results.shift() ?? done);
  const direct = await endpoint.open();
  const connect = (): never => expect.fail('it connects');
  const client = new Client([{ node: 'n1', connect, open: connect }], {
    timing: realTiming,
    direct,
  });
  expect(await asks.put(client, key, value)).toEqual({ ...done, node: 'n1' });
  expect(endpoint.asked.length).toBe(2);
  client.close();
  const unavailable = { code: 'unavailable', definite: true };
  await expect(asks.put(client, key, value)).rejects.toMatchObject(unavailable);
  expect(endpoint.asked.length).toBe(2);
});

import { afterEach, describe, expect, it } from 'vitest';
import { type NodeConnection, requestOnce } from '../client/endpoint.js';
import { type FakeCaller, FakeNode } from '../client/testing/fake-node.js';
import { KvxError } from '../core/errors.js';
import { keyFromText } from '../core/key.js';
import type { Operation } from '../core/operation.js';
import type { ClientFrame, ScannedEntry, ServerFrame } from '../runtime/links/client-frames.js';
import { socketEndpoint } from './socket-endpoint.js';
import { realTiming } from './timing.js';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function connect(
  handle: (frame: ClientFrame, caller: FakeCaller) => void,
  greet?: (caller: FakeCaller) => void,
): Promise<{ node: FakeNode; connection: NodeConnection }> {
  const node = await FakeNode.start('n1', handle, greet);
  cleanups.push(() => node.stop());
  const connection = await socketEndpoint(node.address).open();
  cleanups.push(() => connection.close());
  return { node, connection };
}

const get = { type: 'get', key: keyFromText('k') } as const;
const options = { level: null, timeoutMs: 1_000 };

const ask = (connection: NodeConnection, operation: Operation, how: typeof options) =>
  requestOnce(connection, realTiming, operation, how);

/** Answers a get with its id as the value, so that an answer can be told from another. */
const echo = (frame: ClientFrame): ServerFrame => ({
  type: 'result',
  id: frame.id,
  result: { type: 'value', value: Uint8Array.of(frame.id), version: null },
});

describe('a connection', () => {
  it('says hello with the id of its cluster first', async () => {
    const { node, connection } = await connect((frame, caller) => caller.send(echo(frame)));
    await ask(connection, get, options);
    expect(node.hellos).toEqual([{ type: 'client', version: 8, cluster: 'test' }]);
  });

  it('matches answers to requests by id, in whatever order they come', async () => {
    const waiting: ClientFrame[] = [];
    const { connection } = await connect((frame, caller) => {
      waiting.push(frame);
      if (waiting.length === 3) caller.send(...waiting.reverse().map(echo));
    });
    const asked = [1, 2, 3].map(() => ask(connection, get, options));
    const values = (await Promise.all(asked)).map((result) =>
      result.type === 'value' ? [...(result.value ?? [])] : result,
    );
    expect(values).toEqual([[1], [2], [3]]);
  });

  it('writes once for all that is asked in one turn of the event loop', async () => {
    const { node, connection } = await connect((frame, caller) => caller.send(echo(frame)));
    await Promise.all(Array.from({ length: 200 }, () => ask(connection, get, options)));
    expect(node.received).toHaveLength(200);
    // The hello came before.
    expect(node.chunkCount).toBe(2);
  });

  it('holds back what it is asked while the socket is full, and sends it when it drains', async () => {
    const { node, connection } = await connect((frame, caller) => caller.send(echo(frame)));
    const value = new Uint8Array(1024 * 1024);
    const rounds = 8;
    const results = [];
    for (let round = 0; round < rounds; round++) {
      const put = { type: 'put', key: get.key, value } as const;
      results.push(ask(connection, put, { ...options, timeoutMs: 10_000 }));
      await new Promise(setImmediate);
    }
    expect((await Promise.all(results)).map((result) => result.type)).toEqual(
      Array(rounds).fill('value'),
    );
    expect(node.received).toHaveLength(rounds);
  });

  it('refuses oversized keys and values before anything is sent', async () => {
    const { node, connection } = await connect(() => {});
    const tooLong = { type: 'put', key: get.key, value: new Uint8Array(1024 * 1024 + 1) } as const;
    const longKey = { type: 'get', key: keyFromText('k'.repeat(1025)) } as const;
    for (const operation of [tooLong, longKey, { type: 'get', key: keyFromText('') } as const]) {
      expect(await ask(connection, operation, options)).toMatchObject({
        type: 'error',
        code: 'bad-request',
        definite: true,
      });
    }
    expect(node.received).toEqual([]);
  });

  it('refuses as overloaded, definitely, what is past its bounds', async () => {
    const { connection } = await connect(() => {});
    const value = new Uint8Array(1024 * 1024);
    const put = { type: 'put', key: get.key, value } as const;
    const asked = Array.from({ length: 80 }, () => ask(connection, put, options));
    expect(await asked.at(-1)).toMatchObject({ code: 'overloaded', definite: true });
  });
});

describe('when things go wrong', () => {
  it('nobody listening is a definite unavailable', async () => {
    const node = await FakeNode.start('n1', () => {});
    await node.stop();
    const opening = socketEndpoint(node.address).open();
    await expect(opening).rejects.toMatchObject({ code: 'unavailable', definite: true });
  });

  it('a socket path that systems would cut short is refused', async () => {
    const address = { node: 'n1', socketPath: `/tmp/${'x'.repeat(120)}`, clusterId: 'test' };
    await expect(socketEndpoint(address).open()).rejects.toThrow(
      /socket path is longer than 103 bytes/,
    );
  });

  it('a connection lost midway leaves it unknown whether the request happened', async () => {
    const { connection } = await connect((_, caller) => caller.hangUp());
    expect(await ask(connection, get, options)).toMatchObject({
      type: 'error',
      code: 'disconnected',
      definite: false,
    });
    expect(connection.isOpen).toBe(false);
  });

  it('the reason a node gives for hanging up is passed on', async () => {
    const { connection } = await connect((_, caller) => {
      caller.send({ type: 'closing', reason: 'another cluster lives here' });
      caller.hangUp();
    });
    expect(await ask(connection, get, options)).toMatchObject({
      message: 'lost n1: another cluster lives here',
    });
  });

  it.each<[string, (caller: FakeCaller) => void]>([
    ['turned away', (caller) => caller.send({ type: 'closing', reason: 'more than 1024' })],
    ['hung up on', () => {}],
    ['answered with nonsense', (caller) => caller.sendBytes(Uint8Array.of(255, 255, 255, 255))],
  ])(
    'what was asked by one who is %s instead of welcome surely did not happen',
    async (_, greet) => {
      const { node, connection } = await connect(
        () => {},
        (caller) => {
          greet(caller);
          caller.hangUp();
        },
      );
      const value = new Uint8Array(1024 * 1024);
      const asked = [get, { type: 'put', key: get.key, value } as const];
      const results = await Promise.all(asked.map((one) => ask(connection, one, options)));
      for (const result of results)
        expect(result).toMatchObject({ code: 'unavailable', definite: true });
      expect(node.received).toEqual([]);
    },
  );

  it('what waits for a welcome that never comes surely did not happen', async () => {
    const { node, connection } = await connect(
      () => {},
      () => {},
    );
    const result = await ask(connection, get, { ...options, timeoutMs: 20 });
    expect(result).toMatchObject({ code: 'unavailable', definite: true });
    expect(node.received).toEqual([]);
  });

  it('what a node gives as its reason is shown shortly and printably', async () => {
    const { connection } = await connect(
      () => {},
      (caller) => {
        caller.send({ type: 'closing', reason: `\u001b[2J${'x'.repeat(10_000)}` });
        caller.hangUp();
      },
    );
    const result = await ask(connection, get, options);
    if (result.type !== 'error') throw new Error('it did not happen');
    expect(result.message).toMatch(/^n1 can't be reached: \\u001b\[2Jx+…$/);
    expect(result.message.length).toBeLessThan(300);
  });

  it('what was never handed to the socket surely did not happen', async () => {
    const { node, connection } = await connect(() => {});
    const asked = ask(connection, get, options);
    connection.close();
    expect(await asked).toMatchObject({ code: 'unavailable', definite: true });
    expect(await ask(connection, get, options)).toMatchObject({ code: 'unavailable' });
    expect(node.received).toEqual([]);
  });

  it('a node that says nothing times out a little after its own deadline, and may have done it', async () => {
    const { connection } = await connect(() => {});
    const begin = performance.now();
    const result = await ask(connection, get, { ...options, timeoutMs: 50 });
    expect(result).toMatchObject({ code: 'timeout', definite: false });
    expect(performance.now() - begin).toBeGreaterThan(250);
  });

  it('bytes that are not frames end the connection', async () => {
    const { connection } = await connect((_, caller) =>
      caller.sendBytes(Uint8Array.of(0, 0, 0, 1, 0xff)),
    );
    expect(await ask(connection, get, options)).toMatchObject({
      code: 'disconnected',
      message: expect.stringContaining("can't be understood"),
    });
  });

  it('an answer to another question ends the connection', async () => {
    const { connection } = await connect((frame, caller) => caller.send(echo(frame)));
    await expect(connection.status()).rejects.toBeInstanceOf(KvxError);
  });
});

describe('what an operator asks', () => {
  const entry = (key: string): ScannedEntry => ({
    key: keyFromText(key),
    version: { stamp: 1, node: 'n1' },
    deleted: false,
    value: null,
    digest: 7,
    owners: ['n1'],
  });

  it('a scan hands over entries as they come, until the last', async () => {
    const { connection } = await connect(({ id }, caller) => {
      caller.send({ type: 'entries', id, entries: [entry('a'), entry('b')], last: false });
      caller.send({ type: 'entries', id, entries: [entry('c')], last: true });
    });
    const slices: string[][] = [];
    await connection.scan({ values: false }, (entries) =>
      slices.push(entries.map(({ key }) => key)),
    );
    expect(slices).toEqual([['a', 'b'], ['c']]);
  });

  it('a visitor that throws fails its scan and nothing else', async () => {
    const { connection } = await connect(({ id }, caller) => {
      caller.send({ type: 'entries', id, entries: [entry('a')], last: true });
    });
    const scanning = connection.scan({ values: false }, () => {
      throw new Error('visitor');
    });
    await expect(scanning).rejects.toThrow('visitor');
    expect(connection.isOpen).toBe(true);
  });

  it('a lookup finds what the node holds, or null', async () => {
    const { connection } = await connect((frame, caller) => {
      if (frame.type !== 'lookup') return;
      caller.send({ type: 'found', id: frame.id, entry: frame.key === 'a' ? entry('a') : null });
    });
    expect(await connection.lookup(keyFromText('a'))).toEqual(entry('a'));
    expect(await connection.lookup(keyFromText('b'))).toBeNull();
  });
});

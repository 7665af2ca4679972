import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseHistory } from '../history/read.js';
import { assertCausal, assertLinearizable, assertSatisfies } from './assert.js';
import { type KvxCommandsOptions, kvxCommands, runKvxCommands } from './fast-check.js';
import { type Cluster, KvxError, type StartOptions, startCluster } from './index.js';
import { explore, simulate } from './sim.js';
import { test } from './vitest.js';

const simulated = { runtime: 'sim', seed: 7 } as const;
const weak = { ...simulated, options: { read: 'one', write: 'one' } };

async function withCluster(
  options: StartOptions,
  work: (cluster: Cluster) => Promise<void>,
): Promise<void> {
  const cluster = await startCluster(options);
  try {
    await work(cluster);
  } finally {
    await cluster.close();
  }
}

/** Written on one side of a partition, read on the other. */
async function readStale(cluster: Cluster): Promise<void> {
  const alice = cluster.client({ name: 'alice' });
  await alice.put('x', '1');
  await cluster.partition(['n1'], ['n2', 'n3']);
  await alice.put('x', '2', { node: 'n2' });
  await cluster.client({ name: 'bob' }).get('x', { node: 'n1' });
}

describe('a client', () => {
  test.cluster('has every operation', { ...simulated, mode: 'paxos' }, async ({ client }) => {
    expect(await client.get('x')).toBeNull();
    expect(await client.put('x', 'a')).toMatchObject({ ok: true, existed: false });
    expect(await client.get('x')).toBe('a');
    expect(await client.insert('x', 'b')).toMatchObject({ ok: false, reason: 'exists' });
    expect(await client.update('y', 'b')).toMatchObject({ ok: false, reason: 'absent' });
    expect(await client.cas('x', 'a', 'b')).toMatchObject({ ok: true });
    expect(await client.cas('x', 'a', 'c')).toMatchObject({ ok: false, reason: 'different' });
    expect(await client.cas('x', 'b', null)).toMatchObject({ ok: true });
    expect(await client.get('x')).toBeNull();
    expect(await client.delete('x')).toMatchObject({ ok: true });
    const steps = [{ check: 'x', value: null }, { put: 'x', value: '1' }, { get: 'x' }];
    expect(await client.txn(steps)).toMatchObject({ ok: true, values: ['1'] });
    expect(await client.txn(steps)).toEqual({ ok: false, reason: 'check' });
  });

  test.cluster('takes bytes that are no text', simulated, async ({ client }) => {
    const bytes = Uint8Array.of(0, 255);
    await client.put(bytes, bytes);
    expect(await client.read(bytes)).toMatchObject({ value: bytes, node: 'n1' });
    await expect(client.get(bytes)).rejects.toMatchObject({ code: 'bad-request' });
  });

  test.cluster('says what surely did not happen', weak, async ({ cluster, client }) => {
    await cluster.isolate('n1');
    const asked = client.put('x', '1', { level: 'all', node: 'n1', timeoutMs: 50 });
    await expect(asked).rejects.toThrow(KvxError);
    await expect(asked).rejects.toMatchObject({ code: 'timeout', definite: false });
    const wrong = { code: 'bad-request', definite: true };
    await expect(client.get('x', { level: 'leader' })).rejects.toMatchObject(wrong);
    await expect(client.get('x', { node: 'n9' })).rejects.toMatchObject(wrong);
  });

  test.cluster('keeps a session', weak, async ({ cluster }) => {
    const client = cluster.client({ name: 'alice', session: true });
    await cluster.fault('partition n1/n2,n3');
    await client.put('x', '1', { node: 'n2' });
    await expect(client.get('x', { node: 'n1' })).rejects.toMatchObject({ code: 'behind' });
    expect(() => cluster.client({ name: 'n1' })).toThrow('n1 is a node');
  });
});

describe('a cluster', () => {
  it('is the same again with the same seed, and writes its history down', async () => {
    const historyFile = join(tmpdir(), `kvx-library-${process.pid}.jsonl`);
    const hashes: (string | null)[] = [];
    for (const options of [weak, { ...weak, historyFile }]) {
      await withCluster(options, async (cluster) => {
        await readStale(cluster);
        await cluster.heal();
        await cluster.kill('n2');
        await cluster.restart('n2');
        await cluster.pause('n3');
        await cluster.resume('n3');
        await cluster.delay(20, 'n1>n2');
        await cluster.drop(0.1);
        await cluster.sleep(1000);
        hashes.push(cluster.traceHash);
      });
    }
    expect(hashes[1]).toBe(hashes[0]);
    const { count, faults } = parseHistory(readFileSync(historyFile, 'utf8'));
    expect(count).toBe(3);
    expect(faults.map(({ words }) => words)).toEqual([
      ...['fault partition n1/n2,n3', 'node kill n2', 'node pause n3'],
      ...['fault delay n1>n2 20ms', 'fault drop 10%'],
    ]);
  });

  test.cluster(
    'does whatever has words',
    { ...simulated, mode: 'paxos' },
    async ({ cluster, client }) => {
      await client.put('x', '1');
      expect(await cluster.run('verify')).toMatchObject({
        answer: 'yes',
        document: { keyCount: 1 },
      });
      expect(await cluster.run('get y')).toMatchObject({ answer: 'no', why: 'absent' });
      await cluster.run('node add');
      expect(cluster.nodes).toEqual(['n1', 'n2', 'n3', 'n4']);
      await expect(cluster.fault('partitoin n1')).rejects.toThrow('did you mean');
      await expect(cluster.run('cluster down')).rejects.toMatchObject({ code: 'config' });
      await expect(cluster.run('expect get x == 1')).rejects.toThrow('not a command');
    },
  );

  it('says what is wrong with its options', async () => {
    await expect(startCluster({ mode: 'quorom' })).rejects.toThrow('did you mean "quorum"');
    await expect(startCluster({ options: { replica: 1 } })).rejects.toThrow('did you mean');
    await expect(startCluster({ seed: 1 })).rejects.toThrow('for the simulator');
  });
});

describe('assertions', () => {
  test.cluster('show the evidence', weak, async ({ cluster }) => {
    expect(() => expect(cluster).toBeLinearizable()).toThrow('there is no operation');
    await readStale(cluster);
    expect(() => expect(cluster).toBeLinearizable()).toThrowErrorMatchingSnapshot();
    expect(() => assertLinearizable(cluster)).toThrowErrorMatchingSnapshot();
    expect(cluster.history()).not.toBeLinearizable();
    expect(cluster).toSatisfy('monotonic reads');
    expect(cluster).toSatisfy('sequential');
    assertSatisfies(cluster, 'monotonic-reads');
    assertCausal(cluster);
    expect(() => expect(cluster).not.toBeCausal()).toThrow('the history is causal');
    expect(() => expect(cluster).toSatisfy('monotonic read')).toThrow('did you mean');
    // What nobody knows is no success, whichever was expected.
    expect(() => expect(cluster).toBeEventuallyConsistent()).toThrow('nobody knows whether');
    expect(() => expect(cluster).not.toBeEventuallyConsistent()).toThrow('nobody knows whether');
  });

  it("leave vitest's own matcher as it is", () => {
    const isEven = (n: number) => n % 2 === 0;
    expect(2).toSatisfy(isEven);
    expect(3).not.toSatisfy(isEven);
    expect({ n: 2 }).toEqual({ n: expect.toSatisfy(isEven) });
    expect(() => expect(3).toSatisfy(isEven, 'even')).toThrowErrorMatchingSnapshot();
    expect(() => expect(2).not.toSatisfy(isEven)).toThrowErrorMatchingSnapshot();
  });
});

describe('commands of fast-check', () => {
  const property = (options: StartOptions, commands: KvxCommandsOptions = {}) =>
    fc.asyncProperty(kvxCommands(commands), (drawn) =>
      withCluster({ ...simulated, ...options }, (cluster) => runKvxCommands(cluster, drawn)),
    );

  it('find nothing wrong with what is linearizable', async () => {
    await fc.assert(property({ mode: 'paxos' }), { seed: 1, numRuns: 10 });
  });

  it('shrink what is wrong, and the seed and the paths of the report replay it', async () => {
    const failed = await fc.check(property(weak), { seed: 6 });
    const [drawn] = failed.counterexample ?? [];
    const text = `${drawn}`;
    expect(text.split(/, ?(?=at once|client|fault|node)/).length).toBeLessThan(4);
    const replayPath = /replayPath="([^"]*)"/.exec(text)?.[1] ?? '';
    const { seed, counterexamplePath } = failed;
    const again = await fc.check(property(weak, { replayPath }), {
      ...{ seed, path: counterexamplePath ?? '', endOnFailure: true },
    });
    expect(again).toMatchObject({ failed: true, numRuns: 1 });
    expect(String(again.errorInstance)).toBe(String(failed.errorInstance));
    expect(String(again.errorInstance)).toContain('Evidence against linearizable');
  });
});

describe('the simulator', () => {
  it('runs a seed, and shrinks what it finds', async () => {
    const planted = { mode: 'gossip', bug: 'gossip-clock-not-persisted', seed: 3 };
    const run = simulate(planted);
    expect(simulate(planted).traceHash).toBe(run.traceHash);
    expect(run.failures.length).toBeGreaterThan(0);
    expect(run.history().count).toBeGreaterThan(0);
    const right = simulate({ seed: 3, mode: 'paxos', nodes: 3, durationMs: 200 });
    expect(right.failures).toEqual([]);
    expect(right).toSatisfy('eventual');
    expect(await right.shrink()).toBeNull();
  });

  it('searches a small world', () => {
    const found = explore({ mode: 'gossip', bug: 'gossip-clock-not-persisted' });
    expect(found).toMatchObject({ world: 'gossip', end: 'counterexample' });
    expect(found.counterexample?.transcript).toContain('cluster gossip 2 bug=');
    expect(explore({ mode: '2pc', states: 20 })).toMatchObject({
      end: 'states',
      counterexample: null,
    });
  });
});

import { afterEach, describe, expect, it, vi } from 'vitest';
import { type FakeCaller, FakeNode } from '../client/testing/fake-node.js';
import { KvxError } from '../core/errors.js';
import type { ClientResult } from '../core/operation.js';
import { realTiming } from '../node/timing.js';
import type { ClientFrame } from '../runtime/links/client-frames.js';
import { type BenchWords, planBench } from './plan.js';
import { type BenchTarget, runBench } from './run.js';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const version = { stamp: 1, node: 'n1' };
const done: ClientResult = { type: 'done', version, existed: null };

type Request = Extract<ClientFrame, { type: 'request' }>;
type Answer = (request: Request, caller: FakeCaller) => ClientResult | null;

async function node(name: string, answer: Answer): Promise<FakeNode> {
  const fake = await FakeNode.start(name, (frame, caller) => {
    if (frame.type !== 'request') return;
    const result = answer(frame, caller);
    if (result !== null) caller.send({ type: 'result', id: frame.id, result });
  });
  cleanups.push(() => fake.stop());
  return fake;
}

/** Keeps what it is given, as a cluster should. */
function store(): Answer {
  const values = new Map<string, Uint8Array>();
  return ({ operation }) => {
    if (operation.type === 'put') {
      values.set(operation.key, operation.value);
      return done;
    }
    const value = operation.type === 'get' ? (values.get(operation.key) ?? null) : null;
    return { type: 'value', value, version };
  };
}

function target(nodes: readonly FakeNode[], options: Partial<BenchTarget> = {}): BenchTarget {
  const endpoints = nodes.map(({ endpoint }) => endpoint);
  return {
    ...{
      timing: realTiming,
      endpoints: () => endpoints,
      replicas: () => endpoints,
      linksCut: false,
      level: null,
      timeoutMs: 1000,
      watchFaults: async () => () => {},
    },
    ...options,
  };
}

const bench = (nodes: readonly FakeNode[], words: BenchWords, signal?: AbortSignal) =>
  runBench(planBench({ seed: 1, ...words }), target(nodes), signal ?? new AbortController().signal);

const requestsOf = (fake: FakeNode) => fake.received.filter(({ type }) => type === 'request');

describe('a mixed load', () => {
  it('spreads its clients over the nodes, one connection each', async () => {
    const nodes = await Promise.all(['n1', 'n2', 'n3'].map((name) => node(name, store())));
    const report = await bench(nodes, { ops: 600, clients: 6 });
    expect(report).toMatchObject({ doneCount: 600, errorCount: 0, verification: null });
    expect(report.operations.map(({ operation }) => operation)).toEqual(['get', 'put']);
    expect(nodes.map(({ hellos }) => hellos.length)).toEqual([1, 1, 1]);
    for (const each of nodes) expect(requestsOf(each).length).toBeGreaterThan(50);
  });

  it('asks for the same operations again, given the same seed', async () => {
    const asked: unknown[][] = [];
    for (let round = 0; round < 2; round++) {
      const fake = await node('n1', store());
      await bench([fake], { ops: 50, clients: 1, keys: 5 });
      asked.push(requestsOf(fake).map((frame) => (frame as Request).operation));
    }
    expect(asked[0]).toEqual(asked[1]);
  });

  it('is over before what goes on meanwhile is, and nothing is read back before that', async () => {
    const fake = await node('n1', store());
    const told: string[] = [];
    const meanwhile = async (signal: AbortSignal): Promise<void> => {
      told.push(`begin ${requestsOf(fake).length}`);
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      await realTiming.sleep(1);
      told.push(`end ${requestsOf(fake).length}`);
    };
    const plan = planBench({ workload: 'rapidset', count: '5', seed: 1 });
    const { signal } = new AbortController();
    const report = await runBench(plan, target([fake], { meanwhile }), signal);
    expect(report.verification).toMatchObject({ type: 'read-back', passed: true });
    expect(told).toEqual(['begin 0', 'end 5']);
    expect(requestsOf(fake).length).toBe(6);
  });

  it('asks nodes that have come, and no more those that have gone', async () => {
    const [first, second] = [await node('n1', store()), await node('n2', store())];
    let endpoints = [first.endpoint];
    const meanwhile = async (): Promise<void> => {
      await vi.waitFor(() => expect(requestsOf(first).length).toBeGreaterThan(10));
      endpoints = [second.endpoint];
      await vi.waitFor(() => expect(requestsOf(second).length).toBeGreaterThan(10));
      stop.abort();
    };
    const stop = new AbortController();
    const plan = planBench({ clients: 2, duration: '1m' });
    const changing = target([first], { meanwhile, endpoints: () => endpoints });
    const report = await runBench(plan, changing, stop.signal);
    expect(report).toMatchObject({ errorCount: 0, interrupted: true });
  });

  it('goes on through the other nodes when one hangs up', async () => {
    let count = 0;
    const keep = store();
    const dying = await node('n1', (request, caller) => {
      if (++count <= 5) return keep(request, caller);
      caller.hangUp();
      dying.stop();
      cleanups.splice(0, 1);
      return null;
    });
    const other = await node('n2', keep);
    const report = await bench([dying, other], { ops: 200, clients: 4, reads: '0%' });
    expect(report.doneCount).toBeGreaterThan(190);
    expect(report.errors.map(({ code }) => code)).toContain('disconnected');
    expect(report.errors.every(({ definite, code }) => definite === (code === 'unavailable'))).toBe(
      true,
    );
  });

  it('ends with the error that every operation would end with', async () => {
    const message = 'no such level';
    const fake = await node('n1', () => ({
      ...{ type: 'error', code: 'bad-request', definite: true, message },
    }));
    await expect(bench([fake], { ops: 100 })).rejects.toMatchObject({
      code: 'bad-request',
      message,
    });
  });

  it('is unavailable, definitely, when there is nobody', async () => {
    const fake = await FakeNode.start('n1', () => {});
    await fake.stop();
    await expect(bench([fake], { ops: 1 })).rejects.toMatchObject({
      code: 'unavailable',
      definite: true,
    });
  });

  it('says what was measured when it is interrupted', async () => {
    const controller = new AbortController();
    const keep = store();
    let count = 0;
    const fake = await node('n1', (request, caller) => {
      if (++count === 20) controller.abort();
      return keep(request, caller);
    });
    const report = await bench([fake], { ops: 1000, clients: 2 }, controller.signal);
    expect(report.interrupted).toBe(true);
    expect(report.doneCount).toBeGreaterThan(15);
    expect(report.doneCount).toBeLessThan(25);
  });
});

describe('rapidset', () => {
  it('sets one key, one set after another, and reads the last one back', async () => {
    let active = 0;
    const keep = store();
    const fake = await node('n1', (request, caller) => {
      expect(++active).toBe(1);
      active--;
      return keep(request, caller);
    });
    const report = await bench([fake], { workload: 'rapidset', count: '25' });
    expect(report.verification).toMatchObject({ type: 'read-back', passed: true });
    const operations = requestsOf(fake).map((frame) => (frame as Request).operation);
    expect(operations.map(({ type }) => type)).toEqual([...Array(25).fill('put'), 'get']);
    expect(new Set(operations.map((each) => 'key' in each && each.key))).toEqual(new Set(['1234']));
  });

  it.each([
    ['another value', Uint8Array.of(1, 2), Uint8Array.of(1, 2)],
    ['nothing', null, null],
  ])('fails when %s is read back', async (_, value, found) => {
    const fake = await node('n1', ({ operation }) =>
      operation.type === 'get' ? { type: 'value', value, version } : done,
    );
    const { verification } = await bench([fake], { workload: 'rapidset', count: '3' });
    expect(verification).toMatchObject({ passed: false, found });
  });

  it('tries a set again that failed, and the reading back too', async () => {
    let count = 0;
    const keep = store();
    const message = 'no quorum';
    const fake = await node('n1', (request, caller) =>
      ++count % 2 === 0
        ? { type: 'error', code: 'unavailable', definite: true, message }
        : keep(request, caller),
    );
    const report = await bench([fake], { workload: 'rapidset', count: '4' });
    expect(report).toMatchObject({ doneCount: 4, errorCount: 3 });
    expect(report.verification?.passed).toBe(true);
  });
});

it('what a bench throws is an error for users', async () => {
  const fake = await FakeNode.start('n1', () => {});
  await fake.stop();
  await expect(bench([fake], { ops: 1 })).rejects.toBeInstanceOf(KvxError);
});

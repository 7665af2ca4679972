import { describe, expect, it } from 'vitest';
import type { Client } from '../client/client.js';
import { keyFromText } from '../core/key.js';
import type { ClientResult, KeyOperation } from '../core/operation.js';
import { realTiming } from '../node/timing.js';
import { Load, type LoadOptions } from './load.js';
import { Tally } from './tally.js';

const version = { stamp: 1, node: 'n1' };
const done: ClientResult = { type: 'done', version, existed: null };
const failed = (code: 'timeout' | 'unavailable' | 'bad-request', definite: boolean) =>
  ({ type: 'error', code, definite, message: `it was ${code}` }) as const;

const put = (number: number): KeyOperation => ({
  type: 'put',
  key: keyFromText(`k${number}`),
  value: Buffer.of(1),
});

/** Carries out one operation of one logical client (0, 1, 2, …). */
type Execute = (client: number, operation: KeyOperation) => Promise<ClientResult>;

function load(
  execute: Execute,
  { clientCount = 1, ...options }: Partial<LoadOptions> & { readonly clientCount?: number } = {},
) {
  const clientOf = (at: number): Pick<Client, 'submit'> => ({
    submit: (operation, _, sink, token) => {
      execute(at, operation as KeyOperation).then((result) => sink.settled(token, result, 'n1'));
    },
  });
  const clients = Array.from({ length: clientCount }, (_, at) => clientOf(at));
  const tally = new Tally();
  const running = new Load(clients, { ...loadOptions, tally, ...options });
  return { tally, run: () => running.run() };
}

const loadOptions: Omit<LoadOptions, 'tally'> = {
  timing: realTiming,
  workload: put,
  operationsMax: 10,
  durationMs: Number.POSITIVE_INFINITY,
  endsOnFailure: false,
  signal: new AbortController().signal,
};

/** Answers in a later turn of the event loop, as a socket does. */
const later = (result: ClientResult) =>
  new Promise<ClientResult>((resolve) => setImmediate(resolve, result));

describe('a load', () => {
  it('asks for each operation once, in order, and no more than wanted', async () => {
    const asked: string[] = [];
    const it = load(
      (_, { key }) => {
        asked.push(key);
        return later(done);
      },
      { clientCount: 3 },
    );
    expect(await it.run()).toMatchObject({ failure: null, unfinishedCount: 0 });
    expect(asked).toEqual(Array.from({ length: 10 }, (_, number) => `k${number}`));
    expect(it.tally.doneCount).toBe(10);
  });

  it('is a closed loop: one operation of a client at a time, all clients at once', async () => {
    const active = new Map<number, number>();
    let most = 0;
    const execute: Execute = async (client) => {
      active.set(client, (active.get(client) ?? 0) + 1);
      expect(active.get(client)).toBe(1);
      most = Math.max(most, [...active.values()].filter((count) => count > 0).length);
      const result = await later(done);
      active.set(client, 0);
      return result;
    };
    await load(execute, { clientCount: 8, operationsMax: 100 }).run();
    expect(most).toBe(8);
  });

  it('has no use for more clients than operations', async () => {
    const it = load(() => later(done), { clientCount: 50, operationsMax: 3 });
    expect(await it.run()).toMatchObject({ unfinishedCount: 0 });
    expect(it.tally.doneCount).toBe(3);
  });

  it('ends after its duration, with what was under way answered', async () => {
    const it = load(() => later(done), {
      operationsMax: Number.POSITIVE_INFINITY,
      durationMs: 30,
      clientCount: 4,
    });
    const { elapsedMs, unfinishedCount } = await it.run();
    expect(elapsedMs).toBeGreaterThanOrEqual(29);
    expect(unfinishedCount).toBe(0);
    expect(it.tally.doneCount).toBeGreaterThan(0);
  });

  it('counts what failed by code and by whether it may have happened, and goes on', async () => {
    let count = 0;
    const it = load(() => {
      count++;
      if (count === 2) return later(failed('timeout', false));
      if (count % 5 === 0) return later(failed('unavailable', true));
      return later(done);
    });
    await it.run();
    expect(it.tally.doneCount).toBe(7);
    const example = 'it was unavailable';
    expect(it.tally.errors()).toEqual([
      { code: 'unavailable', definite: true, operation: 'put', count: 2, example },
      expect.objectContaining({ code: 'timeout', definite: false, count: 1 }),
    ]);
    expect(it.tally.operations()).toMatchObject([
      { operation: 'put', doneCount: 7, errorCount: 3, absentCount: 0 },
    ]);
  });

  it('does not storm a cluster that refuses at once', async () => {
    let count = 0;
    const it = load(
      () => {
        count++;
        return Promise.resolve(failed('unavailable', true));
      },
      { operationsMax: Number.POSITIVE_INFINITY, durationMs: 100 },
    );
    await it.run();
    expect(count).toBeLessThanOrEqual(11);
  });

  it('stops when the same would come of every operation', async () => {
    const it = load(() => later(failed('bad-request', true)), { clientCount: 3 });
    const { failure } = await it.run();
    expect(failure).toMatchObject({ code: 'bad-request' });
    expect(it.tally.errorCount).toBeLessThanOrEqual(3);
  });
});

describe('a load that ends on failure', () => {
  it('counts every attempt that failed, and wants another one', async () => {
    const clients: Pick<Client, 'submit'>[] = [
      {
        submit: (_, __, sink, token) => {
          expect(sink.triesAgain?.(token, failed('timeout', false))).toBe(true);
          sink.settled(token, done, 'n1');
        },
      },
    ];
    const tally = new Tally();
    const it = new Load(clients, { ...loadOptions, tally, operationsMax: 3, endsOnFailure: true });
    expect((await it.run()).failure).toBeNull();
    expect(tally).toMatchObject({ doneCount: 3, errorCount: 3 });
  });

  it('asks for nothing new after one, and for no other attempt', async () => {
    let asked = 0;
    const wanted: (boolean | undefined)[] = [];
    const slow: Pick<Client, 'submit'> = {
      submit: (_, __, sink, token) => {
        asked++;
        setTimeout(() => {
          wanted.push(sink.triesAgain?.(token, failed('timeout', false)));
          sink.settled(token, failed('timeout', false), 'n1');
        }, 5);
      },
    };
    const broken: Pick<Client, 'submit'> = {
      submit: (_, __, sink, token) => sink.settled(token, failed('unavailable', true), null),
    };
    const tally = new Tally();
    const it = new Load([slow, broken], { ...loadOptions, tally, endsOnFailure: true });
    expect((await it.run()).failure).toMatchObject({ code: 'unavailable', definite: true });
    expect(asked).toBe(1);
    expect(wanted).toEqual([false]);
    expect(tally.errorCount).toBe(2);
  });

  it('measures from asking to the answer, attempts and all', async () => {
    const it = load(() => new Promise((resolve) => setTimeout(resolve, 20, done)), {
      operationsMax: 1,
    });
    await it.run();
    expect(it.tally.operations()[0]?.latencyMs?.max).toBeGreaterThan(18);
  });
});

describe('an interrupted load', () => {
  it('ends at once and says how much was under way', async () => {
    const controller = new AbortController();
    let count = 0;
    const execute: Execute = () => {
      count++;
      if (count === 8) controller.abort();
      return count > 5 ? new Promise(() => {}) : later(done);
    };
    const it = load(execute, { clientCount: 3, signal: controller.signal });
    expect(await it.run()).toMatchObject({ failure: null, unfinishedCount: 3 });
    expect(it.tally.doneCount).toBe(5);
  });

  it('counts nothing that comes later', async () => {
    const controller = new AbortController();
    const late: (() => void)[] = [];
    const execute: Execute = () => new Promise((resolve) => late.push(() => resolve(done)));
    const it = load(execute, { clientCount: 2, signal: controller.signal });
    const running = it.run();
    controller.abort();
    await running;
    for (const answer of late) answer();
    await later(done);
    expect(it.tally.doneCount).toBe(0);
    expect(late.length).toBe(2);
  });

  it('does not begin when it was interrupted before', async () => {
    const execute = () => Promise.reject(new Error('asked'));
    expect(await load(execute, { signal: AbortSignal.abort() }).run()).toMatchObject({
      unfinishedCount: 0,
    });
  });
});

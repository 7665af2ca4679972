import { describe, expect, it } from 'vitest';
import { type BenchWords, checkedMax, planBench } from './plan.js';

const infinity = Number.POSITIVE_INFINITY;

describe('a plan', () => {
  it('without any word is a mix for ten seconds', () => {
    expect(planBench({})).toMatchObject({
      workload: 'mixed',
      clientCount: 64,
      operationsMax: infinity,
      durationMs: 10_000,
      mix: { get: 0.5, put: 0.5 },
      skew: 1,
      rate: null,
      warmUpMs: 0,
      fills: false,
      keyCount: 1000,
      valueBytes: 100,
    });
  });

  it('ends by operations alone when only these are given, else by what comes first', () => {
    expect(planBench({ ops: 5 })).toMatchObject({ operationsMax: 5, durationMs: infinity });
    expect(planBench({ ops: 5, duration: '2m' })).toMatchObject({
      operationsMax: 5,
      durationMs: 120_000,
    });
  });

  it('lets clients meet nodes that follow when it is to be judged or broken', () => {
    expect(planBench({}).spreads).toBe(false);
    expect(planBench({ spread: true }).spreads).toBe(true);
    expect(planBench({ check: true }).spreads).toBe(true);
    expect(planBench({ history: 'h.jsonl' }).spreads).toBe(true);
    expect(planBench({ nemesis: ['kills'] }).spreads).toBe(true);
  });

  it('of rapidset has one client, of multiset a key a set; neither has an upper limit', () => {
    expect(planBench({ workload: 'rapidset', count: '9000000000' })).toMatchObject({
      clientCount: 1,
      operationsMax: 9_000_000_000,
      durationMs: infinity,
    });
    expect(planBench({ workload: 'multiset', count: '100000', clients: 8 })).toMatchObject({
      clientCount: 8,
      keyCount: 100_000,
    });
  });

  it('takes shares and sizes as people write them', () => {
    expect(planBench({ reads: '0%' }).mix).toMatchObject({ get: 0, put: 1 });
    expect(planBench({ reads: '99.5%' }).mix).toMatchObject({ get: 0.995, put: 0.005 });
    const mix = { get: 0.2, put: 0, delete: 0.3, cas: 0.5 };
    expect(planBench({ deletes: '30%', cas: '50%' }).mix).toEqual(mix);
    expect(planBench({ 'key-size': '64' }).keyBytes).toBe(64);
    expect(planBench({ rate: '1500.5' }).rate).toBe(1500.5);
    expect(planBench({ 'value-size': '64' }).valueBytes).toBe(64);
    expect(planBench({ 'value-size': '2KiB' }).valueBytes).toBe(2048);
    expect(planBench({ 'value-size': '1MiB' }).valueBytes).toBe(1024 * 1024);
  });

  it('of YCSB says what is asked of which keys, after all have been put once', () => {
    expect(planBench({ workload: 'ycsb-d', keys: 50, duration: '1m' })).toMatchObject({
      ...{ mix: { get: 95, new: 5 }, skew: 'latest', fills: true, keyCount: 50 },
      ...{ clientCount: 64, durationMs: 60_000 },
    });
    expect(planBench({ workload: 'register' })).toMatchObject({ clientCount: 8, keyCount: 10 });
  });

  it('that is judged ends before it does not fit in memory', () => {
    expect(planBench({ check: true })).toMatchObject({ operationsMax: checkedMax });
    expect(planBench({ check: true, ops: 5 })).toMatchObject({ operationsMax: 5 });
  });

  it('keeps the seed it is given and draws one otherwise', () => {
    expect(planBench({ seed: 0 }).seed).toBe(0);
    expect(planBench({}).seed).not.toBe(planBench({}).seed);
  });

  it.each<[BenchWords, RegExp]>([
    [{ workload: 'rapidst', count: '1' }, /no workload "rapidst", did you mean rapidset\?/],
    [{ workload: '1000' }, /no workload "1000"/],
    [{ workload: 'rapidset' }, /takes how many sets/],
    [{ workload: 'multiset', count: '0' }, /1 or more, not "0"/],
    [{ workload: 'multiset', count: '1e3' }, /not "1e3"/],
    [{ workload: 'multiset', count: '99999999999999999' }, /how many/],
    [{ workload: 'rapidset', count: '5', clients: 2 }, /rapidset takes no --clients/],
    [{ workload: 'multiset', count: '5', reads: '5%' }, /multiset takes no --reads/],
    [{ workload: 'multiset', count: '5', duration: '5s' }, /multiset takes no --duration/],
    [{ workload: 'ycsb-g' }, /no workload "ycsb-g", did you mean ycsb-/],
    [{ workload: 'ycsb-a', count: '5' }, /ycsb-a takes no count: say --ops 5/],
    [{ workload: 'ycsb-a', reads: '5%' }, /ycsb-a takes no --reads/],
    [{ workload: 'rapidset', count: '5', pipeline: 2 }, /rapidset takes no --pipeline/],
    [{ workload: 'rapidset', count: '5', rate: '2' }, /rapidset takes no --rate/],
    [{ reads: '80%', deletes: '21%' }, /more than 100% together/],
    [{ deletes: '2' }, /--deletes must be a share/],
    [{ distribution: 'zipfan' }, /there is no "zipfan", did you mean zipfian\?/],
    [{ rate: '0' }, /--rate must be operations a second/],
    [{ rate: '1e3' }, /--rate must be/],
    [{ 'key-size': '8' }, /--key-size must be from 15/],
    [{ 'key-size': '2KiB' }, /--key-size must be/],
    [{ 'warm-up': '5' }, /--warm-up must be a time/],
    [{ threshold: ['p99'] }, /--threshold "p99" can't be understood/],
    [{ reads: '101%' }, /--reads must be a share/],
    [{ reads: '0.5' }, /--reads must be a share/],
    [{ duration: '10' }, /--duration must be a time/],
    [{ duration: '1000h' }, /--duration must be a time/],
    [{ 'value-size': '15' }, /--value-size must be from 16/],
    [{ 'value-size': '2MiB' }, /--value-size/],
    [{ 'value-size': 'big' }, /--value-size/],
  ])('refuses %j', (words, message) => {
    expect(() => planBench(words)).toThrow(
      expect.objectContaining({
        code: 'bad-request',
        definite: true,
        message: expect.stringMatching(message),
      }),
    );
  });
});

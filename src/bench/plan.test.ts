import { describe, expect, it } from 'vitest';
import { type BenchWords, planBench } from './plan.js';

const infinity = Number.POSITIVE_INFINITY;

describe('a plan', () => {
  it('without any word is a mix for ten seconds', () => {
    expect(planBench({})).toMatchObject({
      workload: 'mixed',
      clientCount: 64,
      operationsMax: infinity,
      durationMs: 10_000,
      readShare: 0.5,
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
    expect(planBench({ reads: '0%' }).readShare).toBe(0);
    expect(planBench({ reads: '99.5%' }).readShare).toBeCloseTo(0.995);
    expect(planBench({ 'value-size': '64' }).valueBytes).toBe(64);
    expect(planBench({ 'value-size': '2KiB' }).valueBytes).toBe(2048);
    expect(planBench({ 'value-size': '1MiB' }).valueBytes).toBe(1024 * 1024);
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

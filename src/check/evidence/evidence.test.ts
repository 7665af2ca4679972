import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../core/random.js';
import { readHistory } from '../../history/files/read-file.js';
import { check } from '../check.js';
import type { ModelName } from '../models.js';
import { type RandomOptions, randomRows } from '../testing/random-rows.js';
import { historyOf, type Row } from '../testing/rows.js';

const example = async (name: string) =>
  check(await readHistory(join(import.meta.dirname, `../../../test/corpus/${name}.jsonl`)));

async function told(name: string, model: ModelName) {
  const { models } = await example(name);
  const evidence = models.find((report) => report.model === model)?.evidence;
  const labels = evidence?.operations.map(({ label, isCulprit }) =>
    isCulprit ? `${label} !` : label,
  );
  return [evidence?.anomaly, evidence?.sentence, ...(evidence?.because ?? []), labels];
}

describe('evidence', () => {
  it('tells a stale read', async () => {
    expect(await told('stale-read', 'linearizable')).toEqual([
      'stale read',
      "client 2 read 7 from n2 after client 1's put of 9 had been acknowledged",
      "client 1's put of 7 had been acknowledged before client 1's put of 9 began",
      ['put 7', 'put 9', 'get → 7 !'],
    ]);
  });

  it('tells of a refusal what was asked, and what was there', async () => {
    const refused = { f: 'insert', value: '1', outcome: 'fail', met: '1', from: 1, to: 2 } as const;
    const { models } = await check(historyOf([{ process: 1, ...refused }]), {
      models: ['linearizable'],
    });
    expect(models[0]?.evidence).toMatchObject({
      sentence: 'client 1 had its insert refused (it held 1), but nobody else ever wrote 1',
      operations: [{ label: 'insert 1 ✗ held 1' }],
    });
  });

  it('tells that a register went back between two reads', async () => {
    expect(await told('new-old-inversion', 'linearizable')).toEqual([
      'stale read',
      'client 3 read 1 after client 2 had already read 2',
      "client 1's put of 1 had been acknowledged before client 1's put of 2 began",
      ['put 1', 'put 2', 'get → 2', 'get → 1 !'],
    ]);
  });

  it('calls no update lost where what was replaced was there more than once', async () => {
    // Three replacements of 0, which was there twice, and all the time.
    const replaced = (process: number): Row => ({
      ...{ process, f: 'cas', value: ['0', `${process}`] },
      ...{ from: 0, to: 100 },
    });
    const rows = [1, 2, 3].map(replaced);
    const puts = [4, 5].map(
      (process): Row => ({ process, f: 'put', value: '0', from: 0, to: 100 }),
    );
    const { models } = await check(historyOf([...rows, ...puts]), { models: ['linearizable'] });
    expect(models[0]?.verdict).toBe('violated');
    expect(models[0]?.evidence?.anomaly).not.toBe('lost update');
    expect(models[0]?.evidence?.sentence).not.toContain('only one of them');
  });

  it('needs no more operations than it takes', async () => {
    expect(await told('reply-without-post', 'linearizable')).toEqual([
      'stale read',
      "client 3 read nothing after client 1's put of hello had been acknowledged",
      'at first there was nothing',
      ['put hello', 'get → nothing !'],
    ]);
  });

  it('tells an aborted read, a phantom and a read from the future apart', async () => {
    expect(await told('aborted-read', 'linearizable')).toEqual([
      'aborted read',
      "client 3 read 5, but client 2's put of 5 surely did not happen",
      ['put 5 ✗', 'get → 5 !'],
    ]);
    expect((await told('phantom-read', 'causal'))[0]).toBe('phantom read');
    expect((await told('future-read', 'linearizable'))[1]).toBe(
      "client 2 read 1 before client 1's put of 1 had begun",
    );
  });

  it('tells how a client came to know what it then missed', async () => {
    expect(await told('reply-without-post', 'causal')).toEqual([
      'missing cause',
      "client 3 read nothing under post, although it knew of client 1's put of hello under post",
      'it knew: client 2 read hello under post, then client 2 put hi under reply, then client 3 read hi under reply',
      ['put hello', 'get → hello', 'put hi', 'get → hi', 'get → nothing !'],
    ]);
  });

  it('tells of sessions by what they did', async () => {
    expect((await told('own-write-missed', 'read-your-writes')).slice(0, 2)).toEqual([
      'own write missed',
      'client 1 put 1 and then read nothing from n2',
    ]);
    expect((await told('one-session-two-clients', 'read-your-writes'))[1]).toBe(
      'session ada put 1 and then read nothing',
    );
    expect((await told('lost-update', 'sequential')).slice(0, 2)).toEqual([
      'lost update',
      'client 2 replaced 1 by 2, and client 3 replaced 1 by 3: only one of them can have found it',
    ]);
  });

  it('says how stale it was', async () => {
    const { staleness } = await example('three-versions-old');
    const once = (value: number) => ({ p50: value, p99: value, max: value });
    expect(staleness).toMatchObject({ reads: 2, staleReads: 1 });
    expect(staleness).toMatchObject({ versions: once(3), ageNs: once(50e6) });
    expect(staleness?.sentence).toBe(
      '50 % of reads (1 of 2) returned what had been overwritten: 50 ms and 3 versions old',
    );
    // Δ: with the read's beginning that much earlier, the put of 2 has not ended yet.
    expect((staleness?.deltaNs ?? 0) / 50e6).toBeCloseTo(1, 2);
    const back = await example('new-old-inversion');
    expect(back.staleness).toMatchObject({ staleReads: 0, versions: once(0), ageNs: once(0) });
    expect((back.staleness?.deltaNs ?? 0) / 10e6).toBeCloseTo(1, 2);
    expect((await example('fresh-read')).staleness).toBeNull();
  });

  it('says how many reads were stale, and the spread of their ages and versions', async () => {
    const put = (n: number): Row => {
      return { process: 1, f: 'put', value: `${n}`, from: n * 10, to: n * 10 + 5 };
    };
    // Read n of 100 finds what was put n writes before; 5 ns after the last one ended.
    const get = (n: number): Row => {
      return { process: 2, f: 'get', value: `${100 - n}`, from: 1100 + n, to: 1100 + n };
    };
    const numbers = Array.from({ length: 100 }, (_, n) => n);
    const rows = [...numbers.map((n) => put(n + 1)), ...numbers.map(get)];
    const { staleness } = await check(historyOf(rows));
    expect(staleness).toMatchObject({ reads: 100, staleReads: 99 });
    expect(staleness?.versions).toEqual({ p50: 50, p99: 99, max: 99 });
    expect(staleness?.sentence).toContain('99 % of reads (99 of 100) returned');
    expect(staleness?.sentence).toContain('p50 50 versions, p99 99, max 99');
  });
});

const worlds: readonly [string, RandomOptions][] = [
  ['one key', { operationsMax: 9, keys: ['x'], deletes: false, replacements: false }],
  ['two keys', { operationsMax: 10, keys: ['x', 'y'], deletes: false, replacements: false }],
  ['replacements', { operationsMax: 9, keys: ['x'], deletes: false, replacements: true }],
];

describe.each(worlds)('every core, on %s', (name, options) => {
  it('violates its model by itself', async () => {
    const random = new SeededRandom(name.length + 99);
    let cores = 0;
    for (let run = 0; run < 120; run++) {
      const rows = [...randomRows(random, options)].sort((a, b) => a.from - b.from);
      const { models } = await check(historyOf(rows), { quietMs: 0 });
      for (const { model, evidence } of models) {
        if (evidence === null || model === 'eventual') continue;
        cores += 1;
        const core = evidence.operations.map(({ index }) => rows[index] as Row);
        const alone = await check(historyOf(core), { models: [model] });
        const verdict = alone.models[0]?.verdict;
        if (verdict !== 'violated') expect([model, verdict, evidence.sentence, core]).toBeNull();
      }
    }
    expect(cores).toBeGreaterThan(100);
  });
});

import { describe, expect, test } from 'vitest';
import type { ClientRequest, ClientResult, Level } from '../../../core/operation.js';
import type { ReplicaView } from '../../../core/replica.js';
import type { DiskFile } from '../../../runtime/journal/disk.js';
import { factRows } from './fact-metrics.js';
import { MeasuredDisk } from './measured-disk.js';
import { familiesOf, type MetricSource } from './metric-row.js';
import { nodeRows } from './node-metrics.js';
import { OperationCounts } from './operation-counts.js';
import { runtimeRows } from './process-metrics.js';

/** `name{labels} value`, a line a sample. */
function linesOf(mode: string, facts: ReplicaView['facts']): string[] {
  const source = { record: { mode }, view: { facts } } as unknown as MetricSource;
  return familiesOf(factRows, source, []).flatMap(({ name, samples }) =>
    samples.map(
      ({ labels, value }) => `${name} ${[...labels.map(([, text]) => text), value].join(' ')}`,
    ),
  );
}

describe('what a replica tells', () => {
  test('are metrics by name in our modes: numbers, rounds of ballots, a pool', () => {
    const ballots = [
      ['ballot', '12.n3'],
      ['promised', '-'],
      ['members', 'n1,n2'],
    ] as const;
    expect(linesOf('paxos', ballots)).toEqual([
      ...['kvx_paxos_ballot_round 12', 'kvx_paxos_promised_round 0', 'kvx_paxos_members 2'],
    ]);
    expect(linesOf('2pc', [['pool', 'n2 n3']])).toEqual(['kvx_2pc_pool_workers 2']);
    expect(linesOf('2pc', [['pool', 'empty']])).toEqual(['kvx_2pc_pool_workers 0']);
    expect(
      linesOf('2pc', [
        ['pool', 'in'],
        ['in doubt 7', 'for 1 s'],
      ]),
    ).toEqual(['kvx_2pc_in_pool 1']);
    // Another mode's facts of that name are others.
    expect(
      linesOf('quorum', [
        ['in doubt', 3],
        ['hints', 4],
      ]),
    ).toEqual(['kvx_quorum_hints 4']);
  });

  test('are the numbers under one name in a mode of one’s own, and not without end', () => {
    const facts = [
      ['term', 3],
      ['leader', 'n2'],
      ['in doubt 7', 1],
      ['ratio', Number.NaN],
    ] as const;
    expect(linesOf('/own/mine.js', facts)).toEqual(['kvx_protocol_fact term 3']);
    const many = Array.from(
      { length: 99 },
      (_, at) => [`fact ${'x'.repeat(99)}${at}x`, at] as const,
    );
    const lines = linesOf('/own/mine.js', many);
    expect(lines).toHaveLength(32);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(100);
  });
});

describe('operations', () => {
  const request = (level: unknown): ClientRequest =>
    ({ operation: { type: 'get' }, level }) as ClientRequest;
  const ok = { type: 'value' } as ClientResult;

  test('are counted by kind, level and outcome, and timed by kind', () => {
    const counts = new OperationCounts();
    counts.note(request(null), ok, 1);
    counts.note(request('one'), ok, 1);
    counts.note(request('one'), { type: 'refused' } as ClientResult, 1);
    counts.note(request(2), { type: 'error', code: 'timeout' } as ClientResult, 5000);
    counts.note(request(2), { type: 'error', code: 'timeout' } as ClientResult, 5000);
    const lines = [...counts.samples()].map(({ labels, value }) => {
      return [...labels.map(([, text]) => text), value].join(' ');
    });
    expect(lines).toEqual([
      ...['get default ok 1', 'get one ok 1', 'get one refused 1', 'get 2 timeout 2'],
    ]);
    expect([...counts.times()].at(-1)).toMatchObject({ suffix: '_count', value: 5 });
  });

  test('at levels that clients make up are few series', () => {
    const counts = new OperationCounts();
    for (let level = 0; level < 1000; level++) counts.note(request(level as Level), ok, 1);
    const samples = [...counts.samples()];
    expect(samples).toHaveLength(17);
    expect(samples.at(-1)).toMatchObject({ value: 1000 - 16 });
  });
});

test('a disk is measured as its node waits for it', () => {
  const file: DiskFile = {
    append() {},
    sync: (done) => done(null),
    syncNow() {},
    syncIfQuick: () => false,
    close() {},
  };
  const disk = new MeasuredDisk({ create: () => file, open: () => file, rename() {} } as never);
  const log = disk.create('00000001.wal.tmp');
  log.append(new Uint8Array(10));
  log.sync(() => {});
  log.syncNow();
  expect(log.syncIfQuick()).toBe(false);
  disk.create('00000002.snapshot.tmp').append(new Uint8Array(5));
  disk.rename('00000002.snapshot.0001.tmp', '00000002.snapshot.0001');
  disk.rename('00000002.snapshot.tmp', '00000002.snapshot');
  expect(disk.syncTimes.count).toBe(2);
  expect(disk.writtenBytes).toEqual({ log: 10, snapshot: 5 });
  expect(disk.snapshotCount).toBe(1);
});

test('no two metrics have one name, and all names are those that Prometheus takes', () => {
  const names = [...nodeRows, ...runtimeRows].map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const { name, type } of [...nodeRows, ...runtimeRows]) {
    expect(name).toMatch(/^(kvx|process|nodejs)_[a-z0-9_]+$/);
    expect(name.endsWith('_total')).toBe(type === 'counter');
  }
});

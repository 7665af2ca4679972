import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makePrivateFolder } from './files.js';
import { greatestMet, meetingPeers } from './met-peers.js';
import { dataFolder } from './state.js';

const record = { id: 'c', nodes: ['n1', 'n2', 'n3'] } as unknown as Parameters<
  typeof greatestMet
>[1];
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kvx-met-'));
  for (const node of record.nodes) makePrivateFolder(dataFolder(folder, node));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const peers = (node: string, cluster = 'c') => meetingPeers(folder, cluster, node);

test('any peer that has met a later start is proof, over restarts', () => {
  expect(greatestMet(folder, record, 'n2')).toBe(0);
  expect(peers('n1')('n2', 4)).toBe(true);
  expect(peers('n3')('n2', 2)).toBe(true);
  expect(greatestMet(folder, record, 'n2')).toBe(4);
  expect([peers('n1')('n2', 4), peers('n1')('n2', 3)]).toEqual([true, false]);
});

test('a start that nobody can have made is turned away, and not remembered', () => {
  expect(peers('n1')('n2', 2 ** 50)).toBe(false);
  expect(greatestMet(folder, record, 'n2')).toBe(0);
});

test('what lies in the wrong folder, or is broken, proves nothing', () => {
  peers('n1')('n2', 4);
  renameSync(
    join(dataFolder(folder, 'n1'), 'peers.json'),
    join(dataFolder(folder, 'n3'), 'peers.json'),
  );
  expect(greatestMet(folder, record, 'n2')).toBe(0);
  peers('n1', 'another')('n2', 5);
  expect(greatestMet(folder, record, 'n2')).toBe(0);
  const file = join(dataFolder(folder, 'n1'), 'peers.json');
  for (const text of ['', '{', 'null', '{"cluster":"c","node":"n1","seen":{"n2":"x"}}']) {
    writeFileSync(file, text);
    expect(greatestMet(folder, record, 'n2')).toBe(0);
  }
  expect(peers('n1')('n2', 6)).toBe(true);
  expect(readFileSync(file, 'utf8')).toContain('"n2":6');
});

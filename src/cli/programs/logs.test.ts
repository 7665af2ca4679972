import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { eventLog, NodeLog } from '../../cluster/state/log.js';
import { followLogs, lastEntries } from './logs.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kvx-logs-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (second: number): string => `2026-01-01T00:00:0${second}.000Z`;
const source = (node: string) => ({ node, file: join(folder, `${node}.log`) });
const write = (node: string, ...lines: string[]): void =>
  writeFileSync(source(node).file, lines.map((line) => `${line}\n`).join(''));

it('logs of several nodes are one, by time; an entry keeps its further lines', () => {
  write('n1', `${at(1)} info  starts`, `${at(4)} error it broke`, '  at f (g.ts:1)');
  write('n2', `${at(2)} info  starts`, `${at(3)} warn  suspects n1`);
  const sources = ['n1', 'n2', 'none'].map(source);
  expect(
    lastEntries(sources, 9).map(({ node, level, text }) => `${node} ${level} ${text}`),
  ).toEqual([
    'n1 info starts',
    'n2 info starts',
    'n2 warn suspects n1',
    'n1 error it broke\n  at f (g.ts:1)',
  ]);
  expect(lastEntries(sources, 2).map(({ time }) => time)).toEqual([at(3), at(4)]);
  expect(lastEntries(sources, 0)).toEqual([]);
});

it('what is added is handed on until told to stop', async () => {
  write('n1', `${at(1)} info  old`);
  const stop = new AbortController();
  const seen: string[] = [];
  const following = followLogs(
    [source('n1')],
    ({ text }) => {
      seen.push(text);
      stop.abort();
    },
    stop.signal,
  );
  appendFileSync(source('n1').file, `${at(2)} info  new\n`);
  await following;
  expect(seen).toEqual(['new']);
});

it('many events of one kind do not push out those of another, and are counted', () => {
  const log = new NodeLog(source('n1').file);
  const events = eventLog(log);
  for (let n = 0; n < 1000; n++) events.add({ what: 'takes repairs from', node: 'n2' });
  events.add({ what: 'leads', detail: 'ballot 1.n1' });
  const message = 'no quorum';
  const error = { type: 'error', code: 'unavailable', definite: true, message } as const;
  events.addReplies([
    { id: 1, result: error },
    { id: 2, result: { ...error, code: 'bad-request' } },
  ]);
  log.close();
  const texts = lastEntries([source('n1')], 2000).map(({ text }) => text);
  expect(texts.length).toBeLessThan(30);
  expect(texts.slice(-2)).toEqual([
    'leads (ballot 1.n1)',
    'a request failed (unavailable): no quorum',
  ]);
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { Session } from '../client/session.js';
import { loadSession } from '../cluster/state/sessions.js';
import type { Cluster } from '../cluster/state/state.js';
import { type Key, keyFromText } from '../core/key.js';
import { NamedSessions } from './named-sessions.js';

const folder = mkdtempSync(join(tmpdir(), 'kvx-sessions-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const cluster = { folder, record: { nodes: ['n1'] } } as unknown as Cluster;

const key = keyFromText('k') as Key;
const put = { type: 'put', key, value: new Uint8Array() } as const;
const writes = (session: Session, stamp: number): void =>
  session.saw(put, { type: 'done', version: { stamp, node: 'n1' }, existed: null });
const knows = (session: Session | null): number | undefined =>
  session?.floorOf({ type: 'get', key })?.version?.stamp;

it('are shared while somebody has them, and kept for whoever comes later', async () => {
  const sessions = new NamedSessions(cluster, () => {});
  const session = sessions.take('ann', null);
  expect(sessions.take('ann', null)).toBe(session);
  writes(session, 7);
  await sessions.leave('ann');
  expect(sessions.take('ann', null)).toBe(session);
  await Promise.all([sessions.leave('ann'), sessions.leave('ann')]);
  const later = sessions.take('ann', null);
  expect(later).not.toBe(session);
  expect(knows(later)).toBe(7);
  await sessions.leave('ann');
});

it('are taken whole by who comes while they are being kept', async () => {
  const sessions = new NamedSessions(cluster, () => {});
  writes(sessions.take('bob', null), 9);
  const left = sessions.leave('bob');
  expect(knows(sessions.take('bob', null))).toBe(9);
  await left;
  expect(knows(loadSession(cluster, 'bob'))).toBe(9);
  // Whoever came meanwhile still has it.
  writes(sessions.take('bob', null), 11);
  await Promise.all([sessions.leave('bob'), sessions.leave('bob')]);
  expect(knows(loadSession(cluster, 'bob'))).toBe(11);
});

it('are written down soon, though nobody leaves', async () => {
  const sessions = new NamedSessions(cluster, () => {});
  writes(sessions.take('carl', ['read-your-writes']), 3);
  await expect.poll(() => knows(loadSession(cluster, 'carl'))).toBe(3);
  expect(() => sessions.take('carl', ['monotonic-reads'])).toThrow(/keeps what it began with/);
  await sessions.leave('carl');
});

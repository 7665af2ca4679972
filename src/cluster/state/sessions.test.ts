import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Session } from '../../client/session.js';
import { type Key, keyFromText } from '../../core/key.js';
import { checkSessionName, hasSession, keepSession, loadSession } from './sessions.js';
import type { Cluster } from './state.js';

let cluster: Cluster;

beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), 'kvx-sessions-'));
  cluster = { record: { nodes: ['n1', 'n2'] }, folder, sockets: folder } as unknown as Cluster;
});

afterEach(() => rmSync(cluster.folder, { recursive: true, force: true }));

const file = (name: string) => join(cluster.folder, 'sessions', name);
const value = Buffer.of(1);

function sessionThatWrote(key: Key, stamp: number): Session {
  const session = new Session();
  const version = { stamp, node: 'n1' };
  session.saw({ type: 'put', key, value }, { type: 'done', version, existed: null });
  return session;
}

function isBehind(session: Session | null, key: Key, stamp: number): boolean {
  const found = { type: 'value', value, version: { stamp, node: 'n1' } } as const;
  const byClient = { judge: 'client', confirmAt: 'quorum', ordersWrites: false } as const;
  return session?.judge({ type: 'get', key }, found, byClient) === 'behind';
}

const [a, b] = [keyFromText('a'), keyFromText('b')];

describe('a session in the state folder', () => {
  it('is there for the next command, and for this user only', async () => {
    expect(loadSession(cluster, 'ann')).toBeNull();
    expect(hasSession(cluster, 'ann')).toBe(false);
    await keepSession(cluster, 'ann', sessionThatWrote(a, 5));
    expect(hasSession(cluster, 'ann')).toBe(true);
    expect(isBehind(loadSession(cluster, 'ann'), a, 4)).toBe(true);
    expect(statSync(file('ann.json')).mode & 0o777).toBe(0o600);
    expect(statSync(file('')).mode & 0o777).toBe(0o700);
  });

  it('loses nothing when two commands of it end at the same time', async () => {
    await Promise.all([
      keepSession(cluster, 'ann', sessionThatWrote(a, 5)),
      keepSession(cluster, 'ann', sessionThatWrote(b, 7)),
      keepSession(cluster, 'ann', sessionThatWrote(a, 3)),
    ]);
    const kept = loadSession(cluster, 'ann');
    expect([isBehind(kept, a, 4), isBehind(kept, b, 6)]).toEqual([true, true]);
    expect(readdirSync(file(''))).toEqual(['ann.json']);
  });

  it('that can not be read is refused, with what to do', () => {
    mkdirSync(file(''));
    writeFileSync(file('ann.json'), '{"formatVersion":1');
    expect(() => loadSession(cluster, 'ann')).toThrow(/^session ann can't be used/);
  });

  it('does not bring back a cluster that was wiped meanwhile', async () => {
    rmSync(cluster.folder, { recursive: true });
    const keeping = keepSession(cluster, 'ann', sessionThatWrote(a, 5));
    await expect(keeping).rejects.toMatchObject({ code: 'cluster', definite: false });
    expect(existsSync(cluster.folder)).toBe(false);
  });

  it.each(['../x', '', 'a b', '.hidden', 'n1', 'x'.repeat(33)])('has no such name: %j', (name) => {
    expect(() => checkSessionName(cluster, name)).toThrow("can't be a session's name");
    expect(hasSession(cluster, name)).toBe(false);
  });
});

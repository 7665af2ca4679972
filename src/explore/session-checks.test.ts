import { describe, expect, it } from 'vitest';
import { keyFromText } from '../core/key.js';
import type { HistoryEntry } from './history.js';
import { checkSessions } from './session-checks.js';

const bytes = (text: string) => Buffer.from(text);
const version = (stamp: number) => ({ stamp, node: 'n1' });
let time = 0;

function entry(
  client: number,
  operation: HistoryEntry['operation'],
  result: HistoryEntry['result'],
): HistoryEntry {
  const [invokedAt, returnedAt] = [time++, time++];
  return { client, node: 'n1', operation, level: null, invokedAt, returnedAt, result };
}

function put(client: number, key: string, stamp: number | null): HistoryEntry {
  const operation = { type: 'put', key: keyFromText(key), value: bytes(`v${stamp}`) } as const;
  const result = { type: 'done', version: version(stamp ?? 0), existed: null } as const;
  return entry(client, operation, stamp === null ? null : result);
}

function remove(client: number, key: string, stamp: number): HistoryEntry {
  const result = { type: 'done', version: version(stamp), existed: null } as const;
  return entry(client, { type: 'delete', key: keyFromText(key) }, result);
}

function get(client: number, key: string, stamp: number | null): HistoryEntry {
  const operation = { type: 'get', key: keyFromText(key) } as const;
  return stamp === null
    ? entry(client, operation, { type: 'value', value: null, version: null })
    : entry(client, operation, {
        type: 'value',
        value: bytes(`v${stamp}`),
        version: version(stamp),
      });
}

const found = (...history: readonly HistoryEntry[]): string[] =>
  checkSessions(history).map(({ check }) => check);

describe('a session', () => {
  it('may read newer and newer versions, and absence before anything was there', () => {
    expect(found(get(1, 'a', null), put(1, 'a', 3), get(1, 'a', 3), get(1, 'a', 5))).toEqual([]);
  });

  it('must not miss what its client wrote', () => {
    expect(found(put(1, 'a', 3), get(1, 'a', 2))).toEqual(['read your writes']);
    expect(found(put(1, 'a', 3), get(1, 'a', null))).toEqual(['read your writes']);
  });

  it('must not go back behind what its client read', () => {
    expect(found(get(1, 'a', 3), get(1, 'a', 2))).toEqual(['monotonic reads']);
    expect(found(get(1, 'a', 3), get(1, 'a', null))).toEqual(['monotonic reads']);
  });

  it('knows each key and each client by itself', () => {
    expect(found(put(1, 'a', 3), get(1, 'b', 2), get(2, 'a', 2))).toEqual([]);
  });

  it('counts nothing on a write of unknown outcome', () => {
    expect(found(put(1, 'a', null), get(1, 'a', null))).toEqual([]);
  });

  it('reads absence once a delete that came later is collected, not before', () => {
    expect(found(put(1, 'a', 3), remove(2, 'a', 4), get(1, 'a', null))).toEqual([]);
    expect(found(put(1, 'a', 3), remove(2, 'a', 2), get(1, 'a', null))).toEqual([
      'read your writes',
    ]);
  });

  it('writes in its order, over all keys', () => {
    expect(found(put(1, 'a', 3), put(1, 'b', 2))).toEqual(['monotonic writes']);
    expect(found(put(1, 'a', 3), put(2, 'b', 2))).toEqual([]);
  });

  it('writes above what it has read, over all keys', () => {
    expect(found(get(1, 'a', 3), put(1, 'b', 2))).toEqual(['writes follow reads']);
    expect(found(get(1, 'a', 3), put(1, 'b', 4))).toEqual([]);
  });
});

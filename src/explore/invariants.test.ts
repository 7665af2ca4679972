import { describe, expect, it } from 'vitest';
import { keyFromText } from '../core/key.js';
import type { ClientResult, DataOperation } from '../core/operation.js';
import type { Guarantee } from '../core/session.js';
import type { HistoryEntry } from './history.js';
import {
  checkAgreement,
  checkCopies,
  checkNothingLost,
  checkReadsWritten,
  checkVersionsUnique,
  type ReplicaState,
} from './invariants.js';
import { checkVersionOrder, nodeOrder, sessionOrders } from './version-order.js';

const key = keyFromText('k');
const bytes = (text: string) => Buffer.from(text);

function entry(
  [invokedAt, returnedAt]: readonly [number, number],
  operation: DataOperation,
  result: ClientResult | null,
): HistoryEntry {
  return { client: 1, node: 'n1', operation, level: 'quorum', invokedAt, returnedAt, result };
}

/** A put acknowledged under `stamp`; of unknown outcome when there is none. */
function put(at: readonly [number, number], value: string, stamp: number | null): HistoryEntry {
  const result: ClientResult | null = stamp === null ? null : done(stamp);
  return entry(at, { type: 'put', key, value: bytes(value) }, result);
}

function remove(at: readonly [number, number], stamp: number | null): HistoryEntry {
  return entry(at, { type: 'delete', key }, stamp === null ? null : done(stamp));
}

function get(at: readonly [number, number], value: string | null, stamp: number | null) {
  const version = stamp === null ? null : { stamp, node: 'n1' };
  const result: ClientResult = {
    type: 'value',
    value: value === null ? null : bytes(value),
    version,
  };
  return entry(at, { type: 'get', key }, result);
}

function done(stamp: number): ClientResult {
  return { type: 'done', version: { stamp, node: 'n1' }, existed: null };
}

/** One replica a value, `null` for a tombstone, `undefined` for nothing. */
function replicas(...held: ([string | null, number] | undefined)[]): ReplicaState[] {
  const nodes = held.map((_, index) => `n${index + 1}`);
  return held.map((each, index) => {
    const entries: ReplicaState['entries'] =
      each === undefined
        ? new Map()
        : new Map([
            [
              key,
              {
                key,
                version: { stamp: each[1], node: 'n1' },
                value: each[0] === null ? null : bytes(each[0]),
              },
            ],
          ]);
    return { node: nodes[index] as string, entries, ownersOf: () => nodes };
  });
}

describe('agreement', () => {
  it('is that all owners hold the same version and value', () => {
    expect(checkAgreement(replicas(['a', 1], ['a', 1]))).toEqual([]);
    expect(checkAgreement(replicas(['a', 1], ['a', 2]))).toHaveLength(1);
    expect(checkAgreement(replicas(['a', 1], ['b', 1]))).toHaveLength(1);
    expect(checkAgreement(replicas(['a', 1], undefined))).toHaveLength(1);
  });

  it('takes a tombstone for absence', () => {
    expect(checkAgreement(replicas([null, 1], undefined, [null, 2]))).toEqual([]);
    expect(checkAgreement(replicas([null, 2], ['a', 1]))).toHaveLength(1);
  });
});

describe('nothing is lost', () => {
  const written = [put([1, 2], 'a', 5)];

  it('when the owners hold what was acknowledged, or something newer', () => {
    expect(checkNothingLost(written, replicas(['a', 5]))).toEqual([]);
    expect(checkNothingLost(written, replicas(['b', 6]))).toEqual([]);
  });

  it('but is when they hold something older, or nothing', () => {
    expect(checkNothingLost(written, replicas(['z', 4]))).toHaveLength(1);
    expect(checkNothingLost(written, replicas(undefined))).toHaveLength(1);
    expect(checkNothingLost([get([1, 2], 'a', 5)], replicas(undefined))).toHaveLength(1);
  });

  it('when a delete explains the absence, whose tombstone may be gone', () => {
    expect(checkNothingLost([...written, remove([3, 4], 6)], replicas(undefined))).toEqual([]);
    expect(checkNothingLost([...written, remove([3, 4], null)], replicas(undefined))).toEqual([]);
  });

  it('but is when what was deleted is back', () => {
    expect(checkNothingLost([...written, remove([3, 4], 6)], replicas(['a', 5]))).toHaveLength(1);
  });
});

describe('what a node writes', () => {
  const elsewhere = (entry: HistoryEntry): HistoryEntry => ({ ...entry, node: 'n2' });
  const check = (...entries: HistoryEntry[]) => checkVersionOrder(entries, [nodeOrder]);

  it('is newer than what it had told before, by whomever that was written', () => {
    expect(check(put([1, 2], 'a', 5), put([3, 4], 'b', 6))).toEqual([]);
    expect(check(get([1, 2], 'a', 5), put([3, 4], 'b', 4))).toHaveLength(1);
    expect(check(put([3, 4], 'b', 4), get([1, 2], 'a', 5))).toHaveLength(1);
    expect(check(put([1, 2], 'a', 5), remove([3, 4], 5))).toHaveLength(1);
  });

  it('may be older than what others told, and than what was told meanwhile', () => {
    expect(check(elsewhere(get([1, 2], 'a', 5)), put([3, 4], 'b', 4))).toEqual([]);
    expect(check(get([1, 3], 'a', 5), put([2, 4], 'b', 4))).toEqual([]);
    expect(check(get([1, 2], null, null), put([3, 4], 'b', 4))).toEqual([]);
  });
});

describe('a value that is read', () => {
  const failed = (entry: HistoryEntry): HistoryEntry => {
    const result = { type: 'error', code: 'unavailable', definite: true, message: '' } as const;
    return { ...entry, result };
  };

  it('was written, or may have been, before the read was over', () => {
    const read = get([3, 4], 'a', 5);
    expect(checkReadsWritten([put([1, 2], 'a', 5), read])).toEqual([]);
    expect(checkReadsWritten([put([1, 9], 'a', null), read])).toEqual([]);
    expect(checkReadsWritten([read])).toHaveLength(1);
    expect(checkReadsWritten([put([5, 6], 'a', 5), read])).toHaveLength(1);
    expect(checkReadsWritten([failed(put([1, 2], 'a', null)), read])).toHaveLength(1);
  });
});

describe('what a session is shown', () => {
  const of = (guarantee: Guarantee, ...entries: HistoryEntry[]) =>
    checkVersionOrder(entries, [sessionOrders[guarantee]]).map(({ check }) => check);
  const another = (entry: HistoryEntry): HistoryEntry => ({ ...entry, client: 2 });

  it('is nothing older than what it read, or wrote, whatever the values say', () => {
    const [newer, older] = [get([1, 2], 'a', 5), get([3, 4], 'b', 4)];
    expect(of('monotonic-reads', newer, older)).toEqual(['monotonic reads']);
    expect(of('monotonic-reads', newer, get([2, 4], 'b', 4))).toEqual(['monotonic reads']);
    expect(of('monotonic-reads', another(newer), older)).toEqual([]);
    expect(of('read-your-writes', newer, older)).toEqual([]);
    expect(of('read-your-writes', put([1, 2], 'a', 5), older)).toEqual(['read your writes']);
    expect(of('writes-follow-reads', newer, put([3, 4], 'c', 5))).toEqual(['writes follow reads']);
    expect(of('monotonic-writes', put([1, 2], 'a', 5), put([3, 4], 'c', 4))).toHaveLength(1);
  });

  it('may be nothing when a newer delete, or one of unknown outcome, could have been seen', () => {
    const wrote = put([1, 2], 'a', 5);
    const absent = get([6, 7], null, null);
    expect(of('read-your-writes', wrote, absent)).toHaveLength(1);
    expect(of('read-your-writes', wrote, another(remove([3, 4], 4)), absent)).toHaveLength(1);
    expect(of('read-your-writes', wrote, another(remove([3, 4], 6)), absent)).toEqual([]);
    expect(of('read-your-writes', wrote, another(remove([3, 4], null)), absent)).toEqual([]);
    expect(of('read-your-writes', wrote, another(remove([8, 9], 6)), absent)).toHaveLength(1);
  });
});

describe('a transaction', () => {
  const other = keyFromText('l');
  const committed = entry(
    [1, 2],
    {
      type: 'txn',
      steps: [
        { type: 'put', key, value: bytes('a') },
        { type: 'delete', key: other },
      ],
    },
    { type: 'committed', version: { stamp: 5, node: 'n1' }, values: [] },
  );

  it('tells of every key that it wrote, under one version', () => {
    expect(checkNothingLost([committed], replicas(['a', 5]))).toEqual([]);
    expect(checkNothingLost([committed], replicas(['z', 4]))).toHaveLength(1);
    expect(checkVersionsUnique([committed], replicas(['a', 5]))).toEqual([]);
    expect(checkVersionsUnique([committed], replicas(['b', 5]))).toHaveLength(1);
  });

  it('of unknown outcome may have deleted', () => {
    const unknown = { ...committed, result: null };
    const before = entry([0, 1], { type: 'put', key: other, value: bytes('a') }, done(3));
    expect(checkNothingLost([before, unknown], replicas(undefined))).toEqual([]);
  });
});

describe('copies of what an answer tells', () => {
  const at = (node: string, stamp: number | null | 'unknown') => {
    if (stamp === null || stamp === 'unknown') return { node, held: stamp };
    return { node, held: { key, version: { stamp, node: 'n1' }, value: bytes('a') } };
  };

  it('are on as many owners as the level says: this version, or a newer one', () => {
    const told = put([1, 2], 'a', 5);
    expect(checkCopies(told, 2, [at('n1', 5), at('n2', 6), at('n3', 4)])).toEqual([]);
    expect(checkCopies(told, 2, [at('n1', 5), at('n2', 4), at('n3', null)])).toHaveLength(1);
    expect(checkCopies(told, 3, [at('n1', 5), at('n2', 6), at('n3', 4)])).toHaveLength(1);
  });

  it('may be where nobody can look; and of a tombstone nothing is a copy', () => {
    expect(checkCopies(put([1, 2], 'a', 5), 2, [at('n1', 5), at('n2', 'unknown')])).toEqual([]);
    expect(checkCopies(remove([1, 2], 5), 2, [at('n1', null), at('n2', null)])).toEqual([]);
    expect(checkCopies(remove([1, 2], 5), 2, [at('n1', null), at('n2', 4)])).toHaveLength(1);
  });
});

describe('versions', () => {
  it('stand for one write each', () => {
    const written = [put([1, 2], 'a', 5)];
    expect(checkVersionsUnique(written, replicas(['a', 5]))).toEqual([]);
    expect(checkVersionsUnique(written, replicas(['b', 5]))).toHaveLength(1);
    expect(checkVersionsUnique([...written, put([3, 4], 'b', 5)], [])).toHaveLength(1);
  });
});

import { describe, expect, it } from 'vitest';
import { keyFromText } from '../core/key.js';
import type { ClientResult, KeyOperation } from '../core/operation.js';
import {
  checkAgreement,
  checkLinearizable,
  checkNothingLost,
  checkReadsWritten,
  checkRegular,
  checkVersionsUnique,
  type ReplicaState,
  staleReads,
} from './checks.js';
import type { HistoryEntry } from './history.js';

const key = keyFromText('k');
const bytes = (text: string) => Buffer.from(text);

function entry(
  [invokedAt, returnedAt]: readonly [number, number],
  operation: KeyOperation,
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

describe('versions', () => {
  it('stand for one write each', () => {
    const written = [put([1, 2], 'a', 5)];
    expect(checkVersionsUnique(written, replicas(['a', 5]))).toEqual([]);
    expect(checkVersionsUnique(written, replicas(['b', 5]))).toHaveLength(1);
    expect(checkVersionsUnique([...written, put([3, 4], 'b', 5)], [])).toHaveLength(1);
  });
});

describe('reads', () => {
  it('return what somebody wrote, that did not fail, and not before it was begun', () => {
    const refused = entry(
      [1, 2],
      { type: 'put', key, value: bytes('f') },
      {
        type: 'error',
        code: 'unavailable',
        definite: true,
        message: '',
      },
    );
    const read = (value: string) =>
      checkReadsWritten([put([5, 6], 'a', 5), refused, get([3, 5.5], value, 5)]);
    expect(read('a')).toEqual([]);
    expect(read('x')).toHaveLength(1);
    expect(read('f')).toHaveLength(1);
    expect(checkReadsWritten([put([5, 6], 'a', 5), get([3, 4], 'a', 5)])).toHaveLength(1);
  });
});

describe('a stale read', () => {
  it('misses what had completed before it began, not what was still under way', () => {
    const writes = [put([1, 2], 'a', 1), put([3, 6], 'b', 2)];
    expect(staleReads([...writes, get([5, 7], 'a', 1)], 'writes')).toEqual([]);
    expect(staleReads([...writes, get([7, 8], 'a', 1)], 'writes')).toHaveLength(1);
    expect(staleReads([...writes, get([7, 8], null, null)], 'writes')).toHaveLength(1);
  });

  it('is one for linearizability, and not for a regular register, when only a read had shown the newer', () => {
    const history = [
      put([1, 2], 'a', 1),
      put([3, 20], 'b', 2),
      get([5, 6], 'b', 2),
      get([7, 8], 'a', 1),
    ];
    expect(checkRegular(history)).toEqual([]);
    expect(checkLinearizable(history)).toHaveLength(1);
  });

  it('is none when it finds nothing after a delete, whose tombstone may be gone', () => {
    const history = [put([1, 2], 'a', 1), remove([3, 4], 2)];
    expect(staleReads([...history, get([5, 6], null, null)], 'all')).toEqual([]);
    expect(staleReads([...history, get([5, 6], 'a', 1)], 'all')).toHaveLength(1);
    const uncertain = [put([1, 2], 'a', 1), remove([3, Number.POSITIVE_INFINITY], null)];
    expect(staleReads([...uncertain, get([5, 6], null, null)], 'all')).toEqual([]);
  });
});

describe('writes', () => {
  it('that begin after another has ended are newer', () => {
    expect(checkRegular([put([1, 2], 'a', 5), put([3, 4], 'b', 4)])).toHaveLength(1);
    expect(checkRegular([put([1, 3], 'a', 5), put([2, 4], 'b', 4)])).toEqual([]);
  });
});

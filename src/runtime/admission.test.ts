import { describe, expect, test } from 'vitest';
import { lossOf, nextIncarnation, type ProofOfWrites } from './admission.js';
import type { Recovery } from './ports.js';

const end = (segment: number, bytes: number) => ({ segment, bytes });

function found(previousIncarnation: number, segment: number, bytes: number): Recovery {
  const incarnation = previousIncarnation + 1;
  const isFresh = previousIncarnation === 0;
  return { end: end(segment, bytes), isFresh, previousIncarnation, incarnation, cuts: [] };
}

const fresh = found(0, 0, 0);
const nothing: ProofOfWrites = { mark: null, seen: 0 };
const marked: ProofOfWrites = { mark: { incarnation: 3, end: end(5, 700) }, seen: 0 };

describe('a journal is', () => {
  test.each([
    ['new, and the node is', fresh, nothing, null],
    ['new, and the node was started before', fresh, marked, 'gone'],
    [
      'new, and only its peers know that the node was started',
      fresh,
      { ...nothing, seen: 3 },
      'gone',
    ],
    ['as it was left', found(3, 5, 700), marked, null],
    [
      'longer than its mark: the last of it was synced, and the mark not written',
      found(3, 5, 900),
      marked,
      null,
    ],
    ['in a later segment than its mark', found(3, 6, 10), marked, null],
    ['shorter than its mark', found(3, 5, 699), marked, 'cut'],
    ['in an earlier segment than its mark, however long', found(3, 4, 9000), marked, 'cut'],
    ['of an earlier start, however long', found(2, 9, 9000), marked, 'older'],
    [
      'older than what a peer has met, and its mark is lost or old, too',
      found(3, 5, 700),
      { ...marked, seen: 4 },
      'older',
    ],
    ['what it should be, and nobody knows of the node', found(3, 5, 700), nothing, null],
  ] as const)('%s', (_, recovery, evidence, loss) => {
    expect(lossOf(recovery, evidence)?.type ?? null).toBe(loss);
  });

  test('followed by a start that nobody has heard of', () => {
    expect(nextIncarnation(nothing)).toBe(1);
    expect(nextIncarnation(marked)).toBe(4);
    expect(nextIncarnation({ ...marked, seen: 9 })).toBe(10);
  });
});

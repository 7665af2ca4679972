import { expect, it } from 'vitest';
import { twoPhaseCommitMode } from './mode.js';

it('knows its options and its one level, and refuses others', () => {
  const { parseOptions, consistencyOf } = twoPhaseCommitMode;
  expect(parseOptions({}, 4)).toEqual({ voteTimeoutMs: 1000 });
  expect(parseOptions({ voteTimeoutMs: 50 }, 2)).toEqual({ voteTimeoutMs: 50 });
  expect(() => parseOptions({ voteTimeoutMs: 1 }, 4)).toThrow('from 10 to 60000');
  expect(() => parseOptions({}, 1)).toThrow('needs 2 nodes');
  const options = parseOptions({}, 4);
  expect(consistencyOf('linearizable', 'linearizable', options)).toBe('strict-serializable');
  expect(() => consistencyOf('one', 'linearizable', options)).toThrow('no level "one"');
});

import { expect, test } from 'vitest';
import { guarantees } from '../core/session.js';
import { parseGuarantees } from './guarantees.js';

test('guarantees are named in full or by their initials, in any order', () => {
  expect(parseGuarantees('wfr, read-your-writes,mw')).toEqual([
    'read-your-writes',
    'monotonic-writes',
    'writes-follow-reads',
  ]);
  expect(parseGuarantees('mr')).toEqual(['monotonic-reads']);
  expect(parseGuarantees('all')).toEqual(guarantees);
});

test('an unknown one is refused with what may have been meant', () => {
  expect(() => parseGuarantees('monotonic-read')).toThrow('did you mean monotonic-reads?');
  expect(() => parseGuarantees('')).toThrow('there is no guarantee ""');
});

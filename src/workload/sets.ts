import { type Key, keyFromText } from '../core/key.js';
import type { OperationSource } from './workload.js';

type ValueFor = (number: number) => Uint8Array;

/** The key that `rapidset` sets over and over. */
export const rapidsetKey: Key = keyFromText('1234');

/** The same key again and again. */
export const rapidset =
  (valueFor: ValueFor): OperationSource =>
  (number) => ({ type: 'put', key: rapidsetKey, value: valueFor(number) });

/** A key of its own for each number; another run sets the same keys. */
export const multiset =
  (valueFor: ValueFor): OperationSource =>
  (number) => ({ type: 'put', key: keyFromText(`multi-${number + 1}`), value: valueFor(number) });

import { keyFromText } from '../core/key.js';
import type { OperationSource } from './workload.js';

interface MixedOptions {
  /** From 0 to 1; the rest are puts. */
  readonly readShare: number;
  /** Keys are drawn from so many, each as likely as any other. At most 2^32. */
  readonly keyCount: number;
  readonly valueFor: (number: number) => Uint8Array;
}

/** Gets and puts of keys drawn at random. */
export function mixed({ readShare, keyCount, valueFor }: MixedOptions): OperationSource {
  return (number, random) => {
    const key = keyFromText(`key-${random.below(keyCount)}`);
    return random.chance(readShare)
      ? { type: 'get', key }
      : { type: 'put', key, value: valueFor(number) };
  };
}

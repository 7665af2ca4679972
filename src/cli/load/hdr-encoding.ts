/**
 * A histogram as HdrHistogram's logs have it: encoding V2, compressed. Written here because the library's own would bring a
 * second zlib along.
 */
import { deflateSync } from 'node:zlib';
import type { Latencies } from '../../bench/latencies.js';

/** With the width of counts: the variable one. */
const cookie = 0x1c849303 | 0x10;
const compressedCookie = 0x1c849304 | 0x10;
const headBytes = 40;

export function encodedHistogram({ histogram }: Latencies): string {
  const counts: number[] = [];
  const length = histogram.countsArrayIndex(histogram.maxValue) + 1;
  for (let at = 0; at < length; ) {
    const count = histogram.getCountAtIndex(at);
    const begin = at++;
    if (count > 0) putZigZag(counts, count * 2);
    else {
      while (at < length && histogram.getCountAtIndex(at) === 0) at++;
      // One that is not greater than 0 says how many are empty; one empty place is a count of 0.
      const zeros = at - begin;
      putZigZag(counts, zeros === 1 ? 0 : zeros * 2 - 1);
    }
  }
  const head = Buffer.alloc(headBytes);
  head.writeInt32BE(cookie, 0);
  head.writeInt32BE(counts.length, 4);
  head.writeInt32BE(0, 8);
  head.writeInt32BE(histogram.numberOfSignificantValueDigits, 12);
  head.writeBigInt64BE(BigInt(histogram.lowestDiscernibleValue), 16);
  head.writeBigInt64BE(BigInt(histogram.highestTrackableValue), 24);
  head.writeDoubleBE(1, 32);
  const packed = deflateSync(Buffer.concat([head, Buffer.from(counts)]));
  const outer = Buffer.alloc(8);
  outer.writeInt32BE(compressedCookie, 0);
  outer.writeInt32BE(packed.length, 4);
  return Buffer.concat([outer, packed]).toString('base64');
}

/** Seven bits a byte, the lowest first; counts are below 2^32, so nine bytes are never needed. */
function putZigZag(bytes: number[], value: number): void {
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
}

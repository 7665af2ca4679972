import { encodeUtf8 } from '../core/utf8.js';

/** A run's mark, then a point, then a number in base 36, 2^53 - 1 at most, then points. */
const runCharacters = 4;
const numberCharactersMax = 11;

/** With less, not every value could be told from any other. */
export const uniqueValueBytesMin = runCharacters + 1 + numberCharactersMax;

/**
 * Makes values of `bytes` bytes, each unlike any other of its run and, most likely, of other runs: whoever reads one
 * knows which write it came from. They are text, such as `k3x0.2s...........`, so that `kvx get` shows them.
 */
export function uniqueValues(run: number, bytes: number): (number: number) => Uint8Array {
  const mark = Math.floor(run % 36 ** runCharacters)
    .toString(36)
    .padStart(runCharacters, '0');
  const pattern = new Uint8Array(bytes).fill(0x2e);
  pattern.set(encodeUtf8(mark));
  const numberAt = runCharacters + 1;
  return (number) => {
    const value = pattern.slice();
    const digits = number.toString(36);
    for (let at = 0; at < digits.length; at++) value[numberAt + at] = digits.charCodeAt(at);
    return value;
  };
}

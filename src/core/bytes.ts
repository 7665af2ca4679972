import { decodeUtf8 } from './utf8.js';

export function joinBytes(pieces: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(pieces.reduce((size, { length }) => size + length, 0));
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.length;
  }
  return joined;
}

/** Of what is no UTF-8, U+FFFD stands for each byte that is not ASCII. */
export const textOfBytes = (bytes: Uint8Array): string =>
  decodeUtf8(bytes) ??
  [...bytes].map((byte) => (byte < 0x80 ? String.fromCharCode(byte) : '\ufffd')).join('');

/**
 * MurmurHash3, x86, 32 bits (Austin Appleby, public domain), over the characters of a byte string.
 *
 * For placing keys on a ring and comparing sets, not for secrets. `text` must hold one byte a character
 * (a {@link Key} or plain ASCII). Returns an unsigned 32-bit integer.
 */
export function hash32(text: string, seed = 0): number {
  let hash = seed | 0;
  const wholeBlocks = text.length & ~3;
  for (let at = 0; at < wholeBlocks; at += 4) {
    const block =
      text.charCodeAt(at) |
      (text.charCodeAt(at + 1) << 8) |
      (text.charCodeAt(at + 2) << 16) |
      (text.charCodeAt(at + 3) << 24);
    hash ^= scramble(block);
    hash = (hash << 13) | (hash >>> 19);
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
  }
  let tail = 0;
  for (let at = text.length - 1; at >= wholeBlocks; at--) tail = (tail << 8) | text.charCodeAt(at);
  if (wholeBlocks < text.length) hash ^= scramble(tail);
  return mix32(hash ^ text.length);
}

/** The same of bytes. */
export function hashBytes(bytes: Uint8Array): number {
  let hash = 0;
  let at = 0;
  for (; at + 4 <= bytes.length; at += 4) {
    const low = (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
    const high = (bytes[at + 2] as number) | ((bytes[at + 3] as number) << 8);
    hash ^= scramble(low | (high << 16));
    hash = (hash << 13) | (hash >>> 19);
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
  }
  let tail = 0;
  for (let from = bytes.length - 1; from >= at; from--)
    tail = (tail << 8) | (bytes[from] as number);
  if (at < bytes.length) hash ^= scramble(tail);
  return mix32(hash ^ bytes.length);
}

/** MurmurHash3's finaliser: spreads every bit of a 32-bit integer over all of them. Returns it unsigned. */
export function mix32(value: number): number {
  let hash = value | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** The last bit first. Unsigned. */
export function reversedBits(value: number): number {
  let bits = value >>> 0;
  bits = ((bits >>> 1) & 0x5555_5555) | ((bits & 0x5555_5555) << 1);
  bits = ((bits >>> 2) & 0x3333_3333) | ((bits & 0x3333_3333) << 2);
  bits = ((bits >>> 4) & 0x0f0f_0f0f) | ((bits & 0x0f0f_0f0f) << 4);
  bits = ((bits >>> 8) & 0x00ff_00ff) | ((bits & 0x00ff_00ff) << 8);
  return ((bits >>> 16) | (bits << 16)) >>> 0;
}

function scramble(block: number): number {
  const spread = Math.imul(block, 0xcc9e2d51);
  return Math.imul((spread << 15) | (spread >>> 17), 0x1b873593);
}

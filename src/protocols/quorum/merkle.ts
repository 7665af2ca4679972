/**
 * The Merkle tree over what a replica holds (R. C. Merkle, CRYPTO 1987; Dynamo, section 4.7).
 *
 * Three levels: a leaf covers one sixteenth of the keys of a ring segment, a segment covers its leaves, a root covers
 * the segments that two replicas share. Two replicas that find their roots equal need no further word; otherwise they
 * walk down only where digests differ.
 *
 * A leaf is the sum of the digests of its entries, so an entry comes and goes in constant time; segments are hashed
 * over their leaves when somebody asks. An entry's digest covers key and version, not the value: a version belongs to
 * one write. Every digest is a pair of independently seeded 32-bit numbers: with one, replicas of a few million keys
 * could well pass for equal when they are not.
 */
import { hash32, mix32 } from '../../core/hash.js';
import type { Key } from '../../core/key.js';
import type { Version } from '../../core/version.js';

export const leavesPerSegment = 16;

const seedA = 0x6b767831;
const seedB = 0x3d4d51cb;

export interface Digest {
  readonly a: number;
  readonly b: number;
}

export function digestOf(key: Key, version: Version): Digest {
  const low = version.stamp >>> 0;
  const high = Math.floor(version.stamp / 0x1_0000_0000);
  const node = hash32(version.node, low);
  return {
    a: mix32(hash32(key, seedA ^ high) + Math.imul(low, 0x9e3779b1) + node),
    b: mix32(hash32(key, seedB + high) ^ Math.imul(low, 0x85ebca77) ^ Math.imul(node, 0x27d4eb2f)),
  };
}

/** Which leaf of its segment a key belongs to, 0 to 15: by other bits than those that chose the segment. */
export function leafWithinSegment(key: Key): number {
  return hash32(key, seedB) & (leavesPerSegment - 1);
}

export class MerkleTree {
  readonly #leafA: Uint32Array;
  readonly #leafB: Uint32Array;
  readonly #segmentA: Uint32Array;
  readonly #segmentB: Uint32Array;
  readonly #stale: Uint8Array;

  constructor(segmentCount: number) {
    this.#leafA = new Uint32Array(segmentCount * leavesPerSegment);
    this.#leafB = new Uint32Array(segmentCount * leavesPerSegment);
    this.#segmentA = new Uint32Array(segmentCount);
    this.#segmentB = new Uint32Array(segmentCount);
    this.#stale = new Uint8Array(segmentCount).fill(1);
  }

  /** `leaf` counts through all segments: segment times sixteen plus the leaf within it. */
  add(leaf: number, digest: Digest): void {
    this.#change(leaf, digest.a, digest.b);
  }

  subtract(leaf: number, digest: Digest): void {
    this.#change(leaf, -digest.a, -digest.b);
  }

  /** The digest of all the given segments together, as [a, b]. */
  root(segments: readonly number[]): readonly [number, number] {
    let a = seedA;
    let b = seedB;
    for (const segment of segments) {
      this.#refresh(segment);
      a = chain(a, this.#segmentA[segment] as number, 0x9e3779b1);
      b = chain(b, this.#segmentB[segment] as number, 0x85ebca77);
    }
    return [a, b];
  }

  /** The digests of the given segments, flat: a0, b0, a1, b1, … */
  segmentDigests(segments: readonly number[]): number[] {
    const digests: number[] = [];
    for (const segment of segments) {
      this.#refresh(segment);
      digests.push(this.#segmentA[segment] as number, this.#segmentB[segment] as number);
    }
    return digests;
  }

  /** The digests of one segment's leaves, flat. */
  leafDigests(segment: number): number[] {
    const digests: number[] = [];
    const first = segment * leavesPerSegment;
    for (let leaf = first; leaf < first + leavesPerSegment; leaf++) {
      digests.push(this.#leafA[leaf] as number, this.#leafB[leaf] as number);
    }
    return digests;
  }

  #change(leaf: number, a: number, b: number): void {
    this.#leafA[leaf] = (this.#leafA[leaf] as number) + a;
    this.#leafB[leaf] = (this.#leafB[leaf] as number) + b;
    this.#stale[Math.floor(leaf / leavesPerSegment)] = 1;
  }

  #refresh(segment: number): void {
    if (this.#stale[segment] === 0) return;
    let a = seedA;
    let b = seedB;
    const first = segment * leavesPerSegment;
    for (let leaf = first; leaf < first + leavesPerSegment; leaf++) {
      a = chain(a, this.#leafA[leaf] as number, 0x9e3779b1);
      b = chain(b, this.#leafB[leaf] as number, 0x85ebca77);
    }
    this.#segmentA[segment] = a;
    this.#segmentB[segment] = b;
    this.#stale[segment] = 0;
  }
}

function chain(hash: number, next: number, factor: number): number {
  return mix32(Math.imul(hash, factor) + mix32(next ^ factor));
}

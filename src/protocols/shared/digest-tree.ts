/**
 * Digests of what a replica holds, so that two replicas find quickly where they differ (R. C. Merkle, CRYPTO 1987; here
 * of three levels: a root over segments over 16 leaves each). Which keys a segment has, the mode says.
 *
 * Every level is the sum of the digests of the entries below, so an entry comes and goes in constant time and nothing is
 * ever recomputed. A digest covers key and version, not the value: a version belongs to one write. It is a pair of
 * independently seeded 32-bit hashes: with one, replicas of a few million keys could pass for equal when they are not.
 * Segments take memory once they hold something: thousands of nearly empty replicas fit into one process.
 */
import { hash32, mix32 } from '../../core/hash.js';
import type { Key } from '../../core/key.js';
import type { Version } from '../../core/version.js';

/** Two independent 32-bit hashes, or sums of them. */
export type Digest = readonly [a: number, b: number];

export const leavesPerSegment = 16;

/** The two digests of each leaf of one segment, flat: a0, b0, a1, b1, … */
export interface SegmentLeaves {
  readonly segment: number;
  readonly digests: readonly number[];
}

const seedA = 0x676f7373;
const seedB = 0x69700a0d;

/** Which of so many leaves a key belongs to. */
export function leafAmong(leaves: number, key: Key): number {
  return hash32(key, seedB) % leaves;
}

export function digestOf(key: Key, version: Version): Digest {
  const low = version.stamp >>> 0;
  const high = Math.floor(version.stamp / 0x1_0000_0000);
  const node = hash32(version.node, low);
  return [
    mix32(hash32(key, seedA ^ high) + Math.imul(low, 0x9e3779b1) + node),
    mix32(hash32(key, seedA + high + 1) ^ Math.imul(low, 0x85ebca77) ^ Math.imul(node, 0x27d4eb2f)),
  ];
}

/** The sums of one segment at 0 and 1, then those of its leaves, two by two. */
type Segment = Uint32Array;

export class DigestTree {
  readonly #segments: (Segment | undefined)[];
  readonly #root = new Uint32Array(2);

  constructor(segmentCount: number) {
    this.#segments = new Array(segmentCount).fill(undefined);
  }

  /** `times`: 1 when it comes, -1 when it goes. */
  add(leaf: number, digest: Digest, times: 1 | -1): void {
    const [a, b] = [digest[0] * times, digest[1] * times];
    const at = Math.floor(leaf / leavesPerSegment);
    let segment = this.#segments[at];
    if (segment === undefined) {
      segment = new Uint32Array(2 + 2 * leavesPerSegment);
      this.#segments[at] = segment;
    }
    const place = 2 + 2 * (leaf % leavesPerSegment);
    addTo(segment, place, a, b);
    addTo(segment, 0, a, b);
    addTo(this.#root, 0, a, b);
  }

  get root(): Digest {
    return [this.#root[0] as number, this.#root[1] as number];
  }

  /** As if these segments were all. */
  rootOf(segments: Iterable<number>): Digest {
    const root = new Uint32Array(2);
    for (const at of segments) {
      const [a = 0, b = 0] = this.#segments[at] ?? [];
      addTo(root, 0, a, b);
    }
    return [root[0] as number, root[1] as number];
  }

  /** Of these segments, or all, those whose sum is not zero, flat: index, a, b, … */
  digests(segments: Iterable<number> = this.#segments.keys()): number[] {
    const digests: number[] = [];
    for (const at of segments) {
      const [a = 0, b = 0] = this.#segments[at] ?? [];
      if (a !== 0 || b !== 0) digests.push(at, a, b);
    }
    return digests;
  }

  leavesOf(segment: number): SegmentLeaves {
    const sums = this.#segments[segment];
    const digests = new Array<number>(2 * leavesPerSegment).fill(0);
    // An iterator, which spreading is, takes fifteen times as long.
    for (let at = 0; sums !== undefined && at < digests.length; at++) {
      digests[at] = sums[2 + at] as number;
    }
    return { segment, digests };
  }

  /** Of these segments, or all, in ascending order, those that differ from `theirs`. */
  differing(
    theirs: readonly number[],
    segments: Iterable<number> = this.#segments.keys(),
  ): number[] {
    const different: number[] = [];
    let next = 0;
    for (const at of segments) {
      const listed = theirs[next] === at;
      const [a = 0, b = 0] = this.#segments[at] ?? [];
      const [theirA = 0, theirB = 0] = listed ? [theirs[next + 1], theirs[next + 2]] : [];
      if (listed) next += 3;
      if (a !== theirA || b !== theirB) different.push(at);
    }
    return different;
  }

  /** The leaves of a segment, counted through all segments, that differ from these digests. */
  differingLeaves(segment: number, theirs: readonly number[]): number[] {
    const { digests: ours } = this.leavesOf(segment);
    const different: number[] = [];
    for (let at = 0; at < leavesPerSegment; at++) {
      const same = ours[2 * at] === theirs[2 * at] && ours[2 * at + 1] === theirs[2 * at + 1];
      if (!same) different.push(segment * leavesPerSegment + at);
    }
    return different;
  }
}

function addTo(sums: Uint32Array, place: number, a: number, b: number): void {
  sums[place] = (sums[place] as number) + a;
  sums[place + 1] = (sums[place + 1] as number) + b;
}

export function sameDigest([a, b]: Digest, [c, d]: Digest): boolean {
  return a === c && b === d;
}

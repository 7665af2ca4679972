import type { NodeId } from './ids.js';

/**
 * Which write a value comes from. Greater stamp wins, then greater node id.
 *
 * What a stamp is belongs to the protocol (a hybrid logical clock packed into 53 bits, a Lamport clock, a slot of the
 * log); that versions are totally ordered, and unique to one write, is common to all.
 */
export interface Version {
  readonly stamp: number;
  readonly node: NodeId;
}

/** Negative when `a` is older than `b`, positive when newer, 0 when they are the same write. */
export function compareVersions(a: Version, b: Version): number {
  if (a.stamp !== b.stamp) return a.stamp < b.stamp ? -1 : 1;
  if (a.node === b.node) return 0;
  return a.node < b.node ? -1 : 1;
}

export function isNewer(a: Version, b: Version | null): boolean {
  return b === null || compareVersions(a, b) > 0;
}

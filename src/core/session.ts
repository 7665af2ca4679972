/**
 * The guarantees of a client's session (Terry et al., "Session Guarantees for Weakly Consistent Replicated Data", PDIS
 * 1994), here per key and by versions: docs/sessions.md.
 */
import type { Level } from './operation.js';

export const guarantees = [
  'read-your-writes',
  'monotonic-reads',
  'monotonic-writes',
  'writes-follow-reads',
] as const;

export type Guarantee = (typeof guarantees)[number];

export const defaultGuarantees: readonly Guarantee[] = ['read-your-writes', 'monotonic-reads'];

/** What a session's client must know of a mode. */
export interface SessionSupport {
  /** Who compares an answer with what the session has seen; replicas that do so answer `behind` themselves. */
  readonly judge: 'replica' | 'client';
  /**
   * An absence may come without a version: then it is older than what the session has seen, or it was deleted since
   * and that is forgotten. A read at this level tells; `null` where reads are never stale.
   */
  readonly confirmAt: Level | null;
  /** A session's later writes get greater stamps, or do if its floor asks for it. */
  readonly ordersWrites: boolean;
}

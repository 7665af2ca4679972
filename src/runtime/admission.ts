/**
 * Whether a node may start with what is in its journal: a journal that is sound may still be an old one, or a new one in
 * the place of what was lost, and only others can know that.
 *
 * Two of them do. A *mark*, kept outside of the journal's folder, says which start of the node was the last and how far
 * the log was durable: never more than was, so that no crash alone brings a journal below its mark. And *peers* remember,
 * durably, the greatest incarnation of the node that they have heard of.
 *
 * What they can't see: a tail that was lost after the mark was last written (a power cut may undo the newest marks; with
 * `--sync off` they lag behind), and an older copy of everything, put back as a whole.
 */
import type { NodeId } from '../core/ids.js';
import { segmentName } from './journal/record-format.js';
import type { LogEnd, Recovery } from './ports.js';

export interface Mark {
  /** Of the last start whose journal was durable. */
  readonly incarnation: number;
  /** Everything up to here was durable. */
  readonly end: LogEnd;
}

export interface ProofOfWrites {
  /** `null`: the node never started, or the mark is lost, too. */
  readonly mark: Mark | null;
  /** The greatest incarnation that a peer has heard of; 0 when there is none. */
  readonly seen: number;
}

export type Loss =
  /** There is no journal at all. */
  | { readonly type: 'gone'; readonly incarnation: number }
  /** There have been later starts than the journal knows of. */
  | { readonly type: 'older'; readonly found: number; readonly incarnation: number }
  /** The log was longer. */
  | { readonly type: 'cut'; readonly found: LogEnd; readonly reached: LogEnd };

/** What is lost of what the node once made durable, as far as it can be known; `null`: nothing. */
export function lossOf(recovery: Recovery, { mark, seen }: ProofOfWrites): Loss | null {
  const incarnation = Math.max(mark?.incarnation ?? 0, seen);
  if (recovery.isFresh) return incarnation === 0 ? null : { type: 'gone', incarnation };
  const found = recovery.previousIncarnation;
  if (found < incarnation) return { type: 'older', found, incarnation };
  if (mark === null || !isBefore(recovery.end, mark.end)) return null;
  return { type: 'cut', found: recovery.end, reached: mark.end };
}

/** The least incarnation for the next start: one that nobody has heard of. */
export function nextIncarnation({ mark, seen }: ProofOfWrites): number {
  return Math.max(mark?.incarnation ?? 0, seen) + 1;
}

function isBefore(one: LogEnd, other: LogEnd): boolean {
  if (one.segment !== other.segment) return one.segment < other.segment;
  return one.bytes < other.bytes;
}

/** `data`: where the journal is, as a user would look for it. */
export function lossWords(node: NodeId, loss: Loss, data: string): string {
  switch (loss.type) {
    case 'gone':
      return `${node} has lost its data: ${data} holds no journal, and ${node} was started before`;
    case 'older':
      return `the data of ${node} are an older copy: they know of ${times(loss.found)}, and it was started ${times(loss.incarnation)}`;
    case 'cut': {
      const { found, reached } = loss;
      const isShort = found.segment === reached.segment;
      const end = isShort
        ? `${segmentName(found.segment)} ends at byte ${found.bytes}, and was durable up to byte ${reached.bytes}`
        : `they end with ${segmentName(found.segment)}, and had reached ${segmentName(reached.segment)}`;
      return `the data of ${node} lack what it had made durable: ${end}`;
    }
  }
}

const times = (starts: number): string => (starts === 1 ? 'one start' : `${starts} starts`);

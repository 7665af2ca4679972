/** What users type, turned into what kvx works with; each throws a `bad-request` KvxError (exit 64). */

import { parseRate } from '../config/rate.js';
import { usageError } from '../core/errors.js';
import type { NodeId } from '../core/ids.js';
import type { Level } from '../core/operation.js';
import { show } from '../core/show.js';
import { didYouMean } from '../core/suggest.js';

/** Which levels there are, the node knows; here only that a number is one. */
export function toLevel(text: string | undefined): Level | null {
  if (text === undefined) return null;
  return (/^\d+$/.test(text) ? Number(text) : text) as Level;
}

export function toNode(text: string, nodes: readonly NodeId[]): NodeId {
  if (nodes.includes(text)) return text;
  const question = didYouMean(text, nodes);
  throw usageError(
    `there is no node ${show(text)}${question}`,
    `The nodes are ${nodes.join(', ')}.`,
  );
}

export function toRate(text: string): number {
  const rate = parseRate(text);
  if (rate !== null && rate < 1) return rate;
  throw usageError(
    `RATE must be a number from 0 to below 1, such as 0.3 or 30%, not ${show(text)}`,
  );
}

/** What users type, turned into what kvx works with; each throws a `bad-request` KvxError (exit 64). */

import { parseDuration } from '../config/duration.js';
import { parseRate } from '../config/rate.js';
import { usageError } from '../core/errors.js';
import type { Millis, NodeId } from '../core/ids.js';
import type { Level } from '../core/operation.js';
import { show } from '../core/show.js';
import { didYouMean } from '../core/suggest.js';

export function toDuration(text: string, flag: string): Millis {
  const ms = parseDuration(text);
  if (ms !== null && ms > 0) return ms;
  const wanted = 'a time such as 500ms, 5s or 2m, at most 24 days';
  throw usageError(`${flag} must be ${wanted}, not ${show(text)}`);
}

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

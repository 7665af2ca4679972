import { isGap, Merge } from '../merge.js';
import { type KnownEvent, Recall } from '../recall.js';
import { generatedTrace, sourceOf } from './generated-trace.js';

/** Those of a generated trace in causal order. */
export function knownEvents(options: Parameters<typeof generatedTrace>[0]): KnownEvent[] {
  const files = [...generatedTrace(options)];
  const merge = new Merge(files.map(([node, events]) => sourceOf(events, node)));
  const recall = new Recall();
  const found: KnownEvent[] = [];
  for (let next = merge.next(); next !== null; next = merge.next()) {
    if (next !== 'later' && !isGap(next)) found.push(recall.take(next));
  }
  return found;
}

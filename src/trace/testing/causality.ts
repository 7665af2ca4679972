/** What must hold of the clocks in a trace, found without them. */
import type { NodeId } from '../../core/ids.js';
import type { TraceEvent, VectorClock } from '../../core/trace-event.js';
import { knownOf } from '../line.js';
import { isFate, ownOf } from '../merge.js';

/**
 * What is wrong with a trace in causal order, in words: each event must know of what came before it at its node, of what it
 * was told by others, and of nothing else. `gaps`: some events of a node may be missing, so that others know of more.
 */
export function contradictionsIn(
  events: readonly TraceEvent[],
  { gaps = false }: { readonly gaps?: boolean } = {},
): string[] {
  const wrong: string[] = [];
  const sent = new Map<string, TraceEvent>();
  const last = new Map<NodeId, VectorClock>();
  for (const event of events) {
    const { node, clock, data } = event;
    const name = `${data.type} ${node}:${ownOf(event)}`;
    if (isFate(event)) {
      const message = sent.get(`${node}:${'sent' in data ? data.sent : 0}`);
      if (message === undefined && !gaps) wrong.push(`${name} is of no message`);
      else if (message && !isSame(clock, message.clock)) wrong.push(`${name} has another clock`);
      continue;
    }
    const before = last.get(node) ?? {};
    const step = ownOf(event) - knownOf(before, node);
    if (step < 1 || (step > 1 && !gaps)) wrong.push(`${name} is ${step} after the one before it`);
    let expected: Record<NodeId, number> = { ...before };
    if (data.type === 'delivered') {
      const message = sent.get(`${data.from}:${data.sent}`);
      if (message !== undefined) expected = joined(expected, message.clock);
      else if (!gaps) wrong.push(`${name} comes before it is sent`);
      else expected = joined(expected, clock);
      if (message?.data.type === 'sent' && message.data.message.type !== data.message.type) {
        wrong.push(`${name} is another message than was sent`);
      }
    }
    expected[node] = ownOf(event);
    // Before its first event here, a node may have heard of others.
    const isFirst = gaps && (step > 1 || !last.has(node));
    if (!isFirst && !isSame(clock, expected)) {
      wrong.push(`${name} knows ${JSON.stringify(clock)}, and could ${JSON.stringify(expected)}`);
    }
    if (data.type === 'sent') sent.set(`${node}:${ownOf(event)}`, event);
    last.set(node, clock);
  }
  return wrong;
}

function joined(a: VectorClock, b: VectorClock): Record<NodeId, number> {
  const both = { ...a };
  for (const node of Object.keys(b)) both[node] = Math.max(knownOf(a, node), knownOf(b, node));
  return both;
}

const isSame = (a: VectorClock, b: VectorClock): boolean =>
  [...Object.keys(a), ...Object.keys(b)].every((node) => knownOf(a, node) === knownOf(b, node));

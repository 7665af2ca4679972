/** How long messages take under a delay. */
import type { DelayRule } from '../../src/faults/link-rules.js';
import { noteTypes } from '../conformance/link.js';
import type { Carrier } from './carriers.js';

/** A hundred at a time from `a` to `b`, each type in a line of its own: they do not wait for each other. */
export async function delaysOf(
  carrier: Carrier,
  delay: DelayRule,
  count: number,
): Promise<readonly number[]> {
  const types = noteTypes.slice(-100);
  carrier.setRules({ delays: types.map((type) => ({ ...delay, type })) });
  const took: number[] = [];
  while (took.length < count) {
    const sentAt = carrier.clock.now();
    const before = carrier.heard.b.length;
    carrier.send('a', types);
    await carrier.until(() => carrier.heard.b.length === before + types.length);
    took.push(...carrier.heard.b.slice(before).map(({ atMs }) => atMs - sentAt));
  }
  return took;
}

export const mean = (all: readonly number[]): number =>
  all.reduce((sum, each) => sum + each, 0) / all.length;

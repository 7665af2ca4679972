/** Transactions in chains, in each of which everything ended before what comes after it began: one a session, mostly. */
import { entryOf } from '../lookup.js';
import type { SeenTransaction } from './transactions.js';

export interface Chains {
  readonly count: number;
  /** By transaction. */
  readonly chain: Int32Array;
  /** From 1, in its chain. */
  readonly position: Int32Array;
}

export function sessionChains(live: readonly SeenTransaction[], happened: Uint8Array): Chains {
  const chain = new Int32Array(live.length).fill(-1);
  const position = new Int32Array(live.length);
  const bySession = new Map<number, { id: number; length: number; end: number }[]>();
  let count = 0;
  live.forEach(({ session, start, end }, at) => {
    if (happened[at] === 0) return;
    const own = entryOf(bySession, session, () => []);
    let free = own.find((one) => one.end < start);
    if (free === undefined) {
      free = { id: count++, length: 0, end };
      own.push(free);
    }
    free.end = end;
    free.length += 1;
    chain[at] = free.id;
    position[at] = free.length;
  });
  return { count, chain, position };
}

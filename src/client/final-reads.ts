/** The last reads of a recorded run: every key through every node, so that its history tells whether they agree. */

import type { Millis, NodeId } from '../core/ids.js';
import type { Key } from '../core/key.js';
import type { Level } from '../core/operation.js';
import { sameBytes } from '../core/results.js';
import type { Recorder } from '../history/recorder/recorder.js';
import { Client } from './client.js';
import type { Endpoint, Timing } from './endpoint.js';

export interface FinalReadsOptions {
  readonly recorder: Recorder;
  /** As the run itself read: a weaker level would break what the run was promised. */
  readonly level?: Level | null;
  /** For how long nodes may still differ: they are read again until they agree, and once when the time is up. */
  readonly convergeMs?: Millis;
  readonly timing: Timing;
  readonly signal: AbortSignal;
}

/** `kvx check --quiet` waits as long before it calls a difference a divergence. */
const convergeMsDefault: Millis = 10_500;
const againMs: Millis = 250;
const readMs: Millis = 2_000;
/** Under way at one node at a time. */
const readsMax = 32;

/**
 * Reads whatever `recorder` has seen written or read. A node that does not answer is left out from then on. Returns
 * whether all that answered agreed in the end.
 */
export async function readFinally(
  endpoints: readonly Endpoint[],
  { recorder, level = null, signal, timing, convergeMs = convergeMsDefault }: FinalReadsOptions,
): Promise<boolean> {
  const keys = [...recorder.keys];
  const clients = new Map<NodeId, Client>();
  for (const endpoint of endpoints) {
    const record = recorder.client();
    clients.set(
      endpoint.node,
      new Client([endpoint], { level, timeoutMs: readMs, timing, record }),
    );
  }
  const deadline = timing.now() + convergeMs;
  try {
    for (;;) {
      const isLast = timing.now() >= deadline;
      const agree = await readOnce(clients, keys, signal);
      if (agree || isLast || signal.aborted) return agree;
      await timing.sleep(Math.min(againMs, Math.max(1, deadline - timing.now())), signal);
    }
  } finally {
    for (const client of clients.values()) client.close();
  }
}

/** Every key once through every node, nodes at the same time. */
async function readOnce(
  clients: Map<NodeId, Client>,
  keys: readonly Key[],
  signal: AbortSignal,
): Promise<boolean> {
  const found = new Map<Key, Uint8Array | null>();
  let agree = true;
  const read = async (node: NodeId, client: Client, left: Iterator<Key>): Promise<void> => {
    while (clients.has(node) && !signal.aborted) {
      const { value: key, done } = left.next();
      if (done) return;
      const { result } = await client.execute({ type: 'get', key });
      if (result.type !== 'value') {
        client.close();
        clients.delete(node);
        return;
      }
      const first = found.get(key);
      if (first === undefined) found.set(key, result.value);
      else if (!sameBytes(first, result.value)) agree = false;
    }
  };
  const readers = [...clients].flatMap(([node, client]) => {
    const left = keys.values();
    return Array.from({ length: readsMax }, () => read(node, client, left));
  });
  await Promise.all(readers);
  return agree;
}

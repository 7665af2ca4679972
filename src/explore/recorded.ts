/** What the simulated clients saw, as any history: for the checkers, and as a file. */
import type { Millis } from '../core/ids.js';
import type { ClientResult } from '../core/operation.js';
import type { History } from '../history/history.js';
import { momentsOf } from '../history/order.js';
import { parseHistory } from '../history/read.js';
import { JsonLines } from '../history/recorder/json-lines.js';
import { type RecordedCall, Recorder } from '../history/recorder/recorder.js';
import type { HistoryEntry } from './history.js';

/** The client heard nothing. */
const silence: ClientResult = {
  ...{ type: 'error', code: 'timeout', definite: false, message: 'no answer' },
};

/** `entries` in the order of their invocations. Each client is a session, `c0`, `c1`, …; virtual time is the clock. */
export function toJsonLines(entries: readonly HistoryEntry[]): string {
  let lines = '';
  let now: Millis = 0;
  const sink = {
    write(more: Uint8Array): void {
      lines += Buffer.from(more).toString();
    },
    close: (): void => {},
  };
  const recorder = new Recorder({ sink: new JsonLines(sink), now: () => now });
  const count = entries.reduce((most, { client }) => Math.max(most, client + 1), 0);
  const clients = Array.from({ length: count }, (_, client) => recorder.client(`c${client}`));
  const calls: (RecordedCall | null | undefined)[] = [];
  const times = {
    process: entries.map(({ client }) => client),
    invokedAt: entries.map(({ invokedAt }) => invokedAt),
    returnedAt: entries.map(({ returnedAt }) => returnedAt),
  };
  for (const { operation: at, isReturn, time } of momentsOf(times)) {
    const entry = entries[at] as HistoryEntry;
    now = time;
    if (isReturn) calls[at]?.end(entry.result ?? silence, entry.node);
    else calls[at] = clients[entry.client]?.invoke(entry.operation);
  }
  recorder.close();
  return lines;
}

/** Throws as `parseHistory` does: when there is no entry. */
export const toHistory = (entries: readonly HistoryEntry[]): History =>
  parseHistory(toJsonLines(entries), { name: 'simulation', format: 'jsonl' });

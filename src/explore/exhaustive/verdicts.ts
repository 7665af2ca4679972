/** Whether what clients were told, and what nodes hold, may be. */
import { MemoryHistory } from '../../history/recorder/memory-history.js';
import { type ClientRecord, type RecordedCall, Recorder } from '../../history/recorder/recorder.js';
import type { HistoryEntry } from '../history.js';
import type { Violation } from '../invariants.js';
import type { LoneState } from './nodes.js';
import type { ClientEvent, SmallWorld } from './small-world.js';

/** What clients asked and were told, the latest first. */
export interface StoryEvents {
  readonly event: ClientEvent;
  readonly before: StoryEvents | null;
}

interface Open {
  readonly call: RecordedCall | null;
  readonly at: number;
}

/** As a history, and as entries, in the order asked. An event takes a millisecond. */
function recorded(events: StoryEvents | null) {
  const memory = new MemoryHistory();
  let now = 0;
  const recorder = new Recorder({ sink: memory, now: () => now });
  const records: ClientRecord[] = [];
  const entries: HistoryEntry[] = [];
  const open = new Map<number, Open>();
  const inOrder: ClientEvent[] = [];
  for (let at = events; at !== null; at = at.before) inOrder.push(at.event);
  for (const event of inOrder.reverse()) {
    now++;
    const { client } = event;
    if ('asks' in event) {
      records[client] ??= recorder.client();
      const call = records[client].invoke(event.asks.operation);
      open.set(client, { call, at: entries.length });
      const returnedAt = Number.POSITIVE_INFINITY;
      entries.push({ client: client + 1, ...event.asks, invokedAt: now, returnedAt, result: null });
    } else if (event.told !== null) {
      const { call, at } = open.get(client) as Open;
      const entry = entries[at] as HistoryEntry;
      call?.end(event.told, entry.node);
      entries[at] = { ...entry, returnedAt: now, result: event.told };
    }
  }
  return { history: memory.history(), entries };
}

/** The first thing that is wrong with what clients were told. */
export function wrongAnswer(world: SmallWorld, events: StoryEvents | null): string | null {
  const { history, entries } = recorded(events);
  return textOf(world.judge(history, entries));
}

/** The first thing that is wrong with what nodes hold when nothing is under way. */
export function wrongAtRest(
  world: SmallWorld,
  events: StoryEvents | null,
  nodes: readonly LoneState[],
): string | null {
  return textOf(world.atRest?.(recorded(events).entries, nodes) ?? []);
}

const textOf = ([first]: readonly Violation[]): string | null =>
  first === undefined ? null : `${first.check}: ${first.message}`;

/** What a node holds at the moment a player stands at, with what the last event has changed of it. */
import type { NodeId } from '../../core/ids.js';
import type { StatePlayer } from '../../lab/player.js';
import type { StateChange } from '../../lab/recording.js';

export type StatePart = StateChange['part'];

export interface StateValue {
  readonly name: string;
  /** `null`: the last event has taken it away. */
  readonly value: string | null;
  /** What it was before the last event, which has changed it; absent: it has not. */
  readonly before?: string | null;
}

/** In the order in which they were met. */
export function valuesOf(player: StatePlayer, node: NodeId, part: StatePart): StateValue[] {
  const values = player.nodes.get(node)?.[part] ?? new Map<string, string | null>();
  const changed = new Map<string, string | null>();
  for (const change of player.changesOf(player.event)) {
    // Of several changes of one thing the first says what it was.
    if (change.node !== node || change.part !== part || changed.has(change.name)) continue;
    changed.set(change.name, change.before);
  }
  return [...values].flatMap(([name, value]): StateValue[] => {
    const before = changed.get(name);
    if (value === null && (before === undefined || before === null)) return [];
    return [before === undefined ? { name, value } : { name, value, before }];
  });
}

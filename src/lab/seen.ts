/** What a recorded run has shown, for who judges missions. */
import type { NodeId } from '../core/ids.js';
import { type Kind, kinds, type Outcome, outcomes, unsaid } from '../history/history.js';
import { laneEventKinds } from '../trace/lanes.js';
import { answerWords, operationWords } from './compare.js';
import type { Recording, StateChange } from './recording.js';

export interface SeenOperation {
  readonly kind: Kind;
  readonly key: string;
  readonly outcome: Outcome;
  /** `put x 1`, `get x`. */
  readonly words: string;
  readonly answer: string;
  /** What a write writes; `null`: nothing. */
  readonly written: string | null;
  /** What a read has returned; `null`: nothing, or it does not say. */
  readonly read: string | null;
  readonly node: NodeId | null;
  readonly isInSession: boolean;
  /** Nanoseconds. */
  readonly invokedAt: number;
  readonly returnedAt: number;
}

/** In the order in which they were asked. */
export function seenOperations({ history }: Recording): readonly SeenOperation[] {
  if (history === null) return [];
  const valueAt = (id: number | undefined): string | null =>
    id === undefined || id === unsaid ? null : (history.values[id] ?? null);
  return Array.from({ length: history.count }, (_, at) => ({
    kind: kinds[history.kind[at] as number] as Kind,
    key: history.keys[history.key[at] as number] ?? '',
    outcome: outcomes[history.outcome[at] as number] as Outcome,
    words: operationWords(history, at),
    answer: answerWords(history, at),
    written: valueAt(history.written[at]),
    read: valueAt(history.seen[at]),
    node: history.nodes[history.node[at] as number] ?? null,
    isInSession: history.session[at] !== unsaid,
    invokedAt: history.invokedAt[at] as number,
    returnedAt: history.returnedAt[at] as number,
  }));
}

/** What one node holds at the end: names to values of one of its panels. */
export function stateAtEnd(
  { changes }: Recording,
  node: NodeId,
  part: StateChange['part'],
): ReadonlyMap<string, string> {
  const state = new Map<string, string>();
  for (const change of changes) {
    if (change.node !== node || change.part !== part) continue;
    if (change.after === null) state.delete(change.name);
    else state.set(change.name, change.after);
  }
  return state;
}

export const nodesUp = (recording: Recording): readonly NodeId[] =>
  recording.nodes.filter((node) => stateAtEnd(recording, node, 'node').get('state') === 'up');

/** Who came to lead, one after another. */
export function leadersIn({ lanes }: Recording): readonly NodeId[] {
  const role = laneEventKinds.indexOf('role');
  const leaders: NodeId[] = [];
  for (let event = 0; event < lanes.events.count; event++) {
    if (lanes.events.kind[event] !== role || lanes.labelOf(event) !== 'leader') continue;
    leaders.push(lanes.names[lanes.events.lane[event] as number] ?? '');
  }
  return leaders;
}

/** Reads that returned what had been overwritten by an acknowledged write before they began. */
export function staleReadsIn(recording: Recording): readonly SeenOperation[] {
  const all = seenOperations(recording);
  return all.filter((read, at) => {
    if (read.kind !== 'get' || read.outcome !== 'ok') return false;
    const before = all
      .slice(0, at)
      .filter(({ kind, key }) => key === read.key && (kind === 'put' || kind === 'delete'));
    const last = before
      .filter(({ outcome, returnedAt }) => outcome === 'ok' && returnedAt < read.invokedAt)
      .at(-1);
    if (last === undefined) return false;
    // What nobody knows of may have come later.
    const mayBe = before.filter(({ outcome }) => outcome === 'info').map(({ written }) => written);
    return read.read !== last.written && !mayBe.includes(read.read);
  });
}

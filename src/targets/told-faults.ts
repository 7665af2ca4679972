/** What is broken on purpose in a target, told to whoever wants to know. */
import type { NodeState } from '../cluster/cluster.js';
import type { TraceData } from '../core/trace-event.js';
import type { ActiveFault } from '../faults/active.js';
import type { FaultListener, RecordedFault } from '../history/faults.js';

export class ToldFaults {
  #on: ReadonlyMap<RecordedFault['id'], RecordedFault> = new Map();
  readonly #listeners = new Set<FaultListener>();

  get isHeard(): boolean {
    return this.#listeners.size > 0;
  }

  /** Tells at once what is on. Returns what ends it. */
  watch(listener: FaultListener): () => void {
    this.#listeners.add(listener);
    for (const fault of this.#on.values()) listener.faultBegan(fault);
    return () => this.#listeners.delete(listener);
  }

  /** Now it is these. */
  tell(faults: readonly RecordedFault[]): void {
    const before = this.#on;
    this.#on = new Map(faults.map((fault) => [fault.id, fault]));
    for (const listener of this.#listeners) {
      for (const [id, fault] of before) if (!this.#on.has(id)) listener.faultEnded(fault);
      for (const [id, fault] of this.#on) if (!before.has(id)) listener.faultBegan(fault);
    }
  }
}

export type StoppedState = Extract<NodeState['state'], 'dead' | 'paused'>;

/** The faults, and the nodes that somebody has stopped, by the command for that, unless a fault says so. */
export function brokenNow(
  faults: readonly ActiveFault[],
  states: readonly Pick<NodeState, 'node' | 'state'>[],
): RecordedFault[] {
  const said = new Set(
    faults.map(({ effect }) => (effect.type === 'stopped' ? effect.node : null)),
  );
  const stopped = states.flatMap(({ node, state }) => {
    if (said.has(node) || (state !== 'dead' && state !== 'paused')) return [];
    const words = `node ${state === 'dead' ? 'kill' : 'pause'} ${node}`;
    return [{ id: words, words, by: null }];
  });
  return [...faults, ...stopped];
}

/** Their numbers are those of no fault that somebody has broken by a command for faults. */
const firstPauseId = 1_000_000;

/** Tells a trace who is paused by a command: simulated nodes do not tell that. */
export function tracedPauses(tell: (data: TraceData) => void): FaultListener {
  const ids = new Map<string, number>();
  const told = (change: 'begin' | 'end', { words, by }: RecordedFault): void => {
    if (by !== null || !words.startsWith('node pause')) return;
    const id = ids.get(words) ?? firstPauseId + ids.size;
    ids.set(words, id);
    tell({ type: 'fault', change, fault: { id, words, by: '' } });
  };
  return {
    faultBegan: (fault) => told('begin', fault),
    faultEnded: (fault) => told('end', fault),
  };
}

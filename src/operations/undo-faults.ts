import { KvxError } from '../core/errors.js';
import type { ActiveFault } from '../faults/active.js';
import type { Target } from '../targets/target.js';

type NodeChange = Extract<ActiveFault['effect'], { type: 'stopped' | 'added' }>;

/** As long as a change of members may take when a nemesis undoes one. */
const removeMsMax = 5_000;

/**
 * Undoes those that `isMeant` names and takes them off the list: links, clocks and disks first, then nodes that were stopped run
 * again, and nodes that were added go. What can't be undone stays on the list, and its error is thrown once all were tried.
 */
export async function undoFaults(
  target: Target,
  isMeant: (fault: ActiveFault) => boolean,
  signal: AbortSignal,
): Promise<void> {
  const stopsNode = ({ effect: { type } }: ActiveFault): boolean =>
    type === 'stopped' || type === 'added';
  const off = (isGone: (fault: ActiveFault) => boolean): Promise<void> =>
    target.changeFaults((faults) => faults.filter((fault) => !isGone(fault)));
  const meant = target.faults().filter(isMeant);
  const ids = new Set(meant.filter((fault) => !stopsNode(fault)).map(({ id }) => id));
  if (ids.size > 0) await off(({ id }) => ids.has(id));
  let failure: KvxError | null = null;
  for (const { id, effect } of meant.filter(stopsNode).reverse()) {
    try {
      await undoNodeChange(target, effect as NodeChange, signal);
      await off((fault) => fault.id === id);
    } catch (error) {
      if (!(error instanceof KvxError) || error.code === 'bug') throw error;
      failure ??= error;
    }
  }
  if (failure !== null) throw failure;
}

async function undoNodeChange(
  target: Target,
  effect: NodeChange,
  signal: AbortSignal,
): Promise<void> {
  const { node } = effect;
  if (!target.spec?.nodes.includes(node)) return;
  if (effect.type === 'added') {
    await target.removeNode(node, { timeoutMs: removeMsMax, signal });
    return;
  }
  const { control } = target;
  const state = (await control.states()).find((each) => each.node === node)?.state;
  if (state === 'paused') await control.resume(node);
  else if (state !== 'running' && effect.how === 'killed') await control.start(node);
}

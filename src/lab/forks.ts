/** The runs that somebody has tried in the laboratory, as a tree: each is another one with something decided otherwise. */
import { withDecision } from './decisions.js';
import type { RunKey } from './recording.js';

export interface Fork {
  /** Its place in {@link ForkTree.forks}. */
  readonly id: number;
  /** `null`: it is the root. */
  readonly parent: number | null;
  readonly children: readonly number[];
  /** `n1→n2 accept lost at 3.2 ms`. */
  readonly name: string;
  /** What was put into the scenario of its parent; `null`: it is the root, or was edited by hand. */
  readonly line: string | null;
  readonly key: RunKey;
  /** Where somebody was in the run: an event of its recording. */
  readonly event: number;
}

export interface ForkTree {
  readonly forks: readonly Fork[];
  readonly current: number;
  /** Those that somebody has left by {@link back}, the last one last. */
  readonly left: readonly number[];
}

/** What can be kept of them in a page. */
const forksMax = 1000;

export function rootOf(key: RunKey, name = 'as it was'): ForkTree {
  const root = { id: 0, parent: null, children: [], name, line: null, key, event: 0 };
  return { forks: [root], current: 0, left: [] };
}

export const currentOf = ({ forks, current }: ForkTree): Fork => forks[current] as Fork;

/** The current run with one thing more decided, and on to it. What was decided there before is gone to, not made again. */
export function forked(tree: ForkTree, line: string, name: string, event = 0): ForkTree {
  const { key } = currentOf(tree);
  const scenario = withDecision(key.scenario, line);
  return grown(tree, { ...key, scenario }, name, line, event);
}

/** The current run with another scenario, seed or bug, and on to it. */
export function changed(tree: ForkTree, key: RunKey, name: string): ForkTree {
  return grown(tree, key, name, null, 0);
}

function grown(
  tree: ForkTree,
  key: RunKey,
  name: string,
  line: string | null,
  event: number,
): ForkTree {
  const { forks, current } = tree;
  const parent = currentOf(tree);
  if (isSame(parent.key, key)) return tree;
  const known = parent.children.find((child) => isSame((forks[child] as Fork).key, key));
  if (known !== undefined) return went(tree, known);
  if (forks.length >= forksMax) return tree;
  const id = forks.length;
  const fork: Fork = { id, parent: current, children: [], name, line, key, event };
  const grownParent = { ...parent, children: [...parent.children, id] };
  return { forks: [...forks.with(current, grownParent), fork], current: id, left: [] };
}

const isSame = (a: RunKey, b: RunKey): boolean =>
  a.scenario === b.scenario && a.seed === b.seed && a.bug === b.bug;

/** To one of them. */
export const went = (tree: ForkTree, id: number): ForkTree =>
  id in tree.forks && id !== tree.current ? { ...tree, current: id, left: [] } : tree;

/** To the one that the current one was made of, and later {@link forth} again. */
export function back(tree: ForkTree): ForkTree {
  const { parent, id } = currentOf(tree);
  return parent === null ? tree : { ...tree, current: parent, left: [...tree.left, id] };
}

export function forth(tree: ForkTree): ForkTree {
  const current = tree.left.at(-1);
  return current === undefined ? tree : { ...tree, current, left: tree.left.slice(0, -1) };
}

/** Somebody has come to this event of the current run. */
export function remembered(tree: ForkTree, event: number): ForkTree {
  const fork = { ...currentOf(tree), event };
  return { ...tree, forks: tree.forks.with(tree.current, fork) };
}

/** From the root to it. */
export function pathTo({ forks }: ForkTree, id: number): readonly Fork[] {
  const path: Fork[] = [];
  for (let fork = forks[id]; fork !== undefined; fork = forks[fork.parent ?? -1]) path.push(fork);
  return path.reverse();
}

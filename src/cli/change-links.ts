import { currentRules, setRules } from '../cluster/cluster.js';
import { hasSession } from '../cluster/state/sessions.js';
import type { Cluster } from '../cluster/state/state.js';
import type { NodeId } from '../core/ids.js';
import type { Direction, LinkRules } from '../faults/link-rules.js';
import { chooseUpCluster } from './reach.js';
import { showLinks } from './show-links.js';

interface LinkFlags {
  readonly cluster?: string | undefined;
  readonly json: boolean;
}

/** What a change of rules has to know of the cluster. */
interface Linked {
  readonly nodes: readonly NodeId[];
  readonly unlinked: readonly Direction[];
  /** Whether there is a session of that name, or rules about it. */
  readonly isClient: (name: string) => boolean;
}

/** Puts other rules in force on every node that is up, then prints the link matrix. */
export async function changeLinks(
  flags: LinkFlags,
  change: (rules: LinkRules, linked: Linked) => LinkRules,
): Promise<void> {
  const cluster: Cluster = chooseUpCluster(flags.cluster);
  const { nodes, unlinked = [] } = cluster.record;
  const rules = currentRules(cluster);
  const isClient = (name: string): boolean =>
    !nodes.includes(name) &&
    (hasSession(cluster, name) || rules.cuts.some(({ from, to }) => from === name || to === name));
  await setRules(cluster, change(rules, { nodes, unlinked, isClient }));
  showLinks(cluster, flags);
}

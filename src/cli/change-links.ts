import { currentRules, setRules } from '../cluster/cluster.js';
import type { Cluster } from '../cluster/state.js';
import type { NodeId } from '../core/ids.js';
import type { LinkRules } from '../runtime/links/filter.js';
import { chooseUpCluster } from './reach.js';
import { showLinks } from './show-links.js';

interface LinkFlags {
  readonly cluster?: string | undefined;
  readonly json: boolean;
}

/** Puts other rules in force on every node that is up, then prints the link matrix. */
export async function changeLinks(
  flags: LinkFlags,
  change: (rules: LinkRules, nodes: readonly NodeId[]) => LinkRules,
): Promise<void> {
  const cluster: Cluster = chooseUpCluster(flags.cluster);
  await setRules(cluster, change(currentRules(cluster), cluster.record.nodes));
  showLinks(cluster, flags);
}

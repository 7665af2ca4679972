/** What clients of a cluster that is up know of it while it changes: its nodes, and what is broken between them and it. */
import type { Endpoint } from '../../client/endpoint.js';
import { endpointsOf } from '../../cluster/endpoints.js';
import { type Cluster, openCluster } from '../../cluster/state/state.js';
import type { Millis, NodeId } from '../../core/ids.js';
import { type LinkRules, noRules } from '../../faults/link-rules.js';
import type { FaultListener } from '../../history/faults.js';
import type { Target } from '../../targets/target.js';

const membersMs: Millis = 500;

/** Nodes come and go while there is load: those that there are now, looked up now and then. */
export function followMembers(folder: string): () => readonly Endpoint[] {
  let cluster = openCluster(folder);
  let endpoints = endpointsOf(cluster);
  const look = (): void => {
    try {
      const now = openCluster(folder);
      if (now.record.nodes.join() === cluster.record.nodes.join()) return;
      cluster = now;
      endpoints = endpointsOf(cluster);
    } catch {
      // It is going down: clients will tell.
    }
  };
  setInterval(look, membersMs).unref();
  return () => endpoints;
}

/** Those that a load asks: all that there are now, or this one. */
export function askedNodes(
  cluster: Pick<Cluster, 'folder'>,
  node: NodeId | null,
): () => readonly Endpoint[] {
  if (node === null) return followMembers(cluster.folder);
  const endpoints = endpointsOf(openCluster(cluster.folder), [node]);
  return () => endpoints;
}

/** What is broken between clients and nodes, looked up whenever something is broken or mended. */
export class ClientRules implements FaultListener {
  readonly #target: Target;
  readonly #changed: (rules: LinkRules) => void;
  rules: LinkRules = noRules;

  constructor(target: Target, changed: (rules: LinkRules) => void) {
    this.#target = target;
    this.#changed = changed;
    this.#look();
  }

  faultBegan(): void {
    this.#look();
  }

  faultEnded(): void {
    this.#look();
  }

  #look(): void {
    try {
      const rules = this.#target.rules();
      if (rules === this.rules) return;
      this.rules = rules;
      this.#changed(rules);
    } catch {
      // It is going down: clients will tell.
    }
  }
}

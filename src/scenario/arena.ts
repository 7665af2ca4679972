/** A cluster that a script works on, whatever it runs on: real nodes, or the simulator on virtual time. */
import type { Door, Timing } from '../client/door.js';
import type { ClusterControl } from '../cluster/cluster.js';
import type { ClusterSpec } from '../cluster/spec.js';
import type { NodeId } from '../core/ids.js';
import type { LinkRules } from '../runtime/links/filter.js';

export interface Arena {
  readonly timing: Timing;
  /** `null` before {@link up}. Its nodes are those that are members now. */
  readonly spec: ClusterSpec | null;
  /** Starts a cluster, `spec.runtime` disregarded; resolves when every node answers. Throws as `upCluster` does. */
  up(spec: ClusterSpec): Promise<void>;
  /** Every node's, in the cluster's order. */
  doors(): readonly Door[];
  readonly control: ClusterControl;
  rules(): LinkRules;
  setRules(rules: LinkRules): Promise<void>;
  /** Without a name, the first that is free. */
  addNode(name?: NodeId): Promise<NodeId>;
  removeNode(node: NodeId): Promise<void>;
  /** Takes the cluster down and removes what it left, if this arena started it. Never throws. */
  close(): Promise<void>;
}

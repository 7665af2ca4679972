import { definiteError, type KvxError } from '../core/errors.js';
import type { NodeId } from '../core/ids.js';
import { didYouMean } from '../core/suggest.js';
import { copyInWords, isUp } from './state/run-file.js';
import type { Cluster } from './state/state.js';

/** Throws a definite `cluster` KvxError (exit 3) unless the cluster is up. */
export function checkUp(cluster: Cluster): void {
  if (!isUp(cluster.folder, cluster.record.runtime)) throw notUp(cluster);
}

export function notUp({ record: { name }, folder }: Cluster): KvxError {
  const words = copyInWords(folder);
  const copy = words === null ? '' : `: ${words}`;
  return definiteError(
    'cluster',
    `cluster ${name} is not up${copy}`,
    `Start it with \`kvx cluster up --name ${name}\`.`,
  );
}

export function checkNode({ record }: Cluster, node: NodeId): void {
  if (record.nodes.includes(node)) return;
  throw definiteError(
    'bad-request',
    `${record.name} has no node ${node}${didYouMean(node, record.nodes)}`,
    `It has ${record.nodes.join(', ')}.`,
  );
}

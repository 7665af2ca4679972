import { KvxError } from '../core/errors.js';
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
  return new KvxError(`cluster ${name} is not up${copy}`, {
    code: 'cluster',
    definite: true,
    hint: `Start it with \`kvx cluster up --name ${name}\`.`,
  });
}

export function checkNode({ record }: Cluster, node: NodeId): void {
  if (record.nodes.includes(node)) return;
  throw new KvxError(`${record.name} has no node ${node}${didYouMean(node, record.nodes)}`, {
    code: 'bad-request',
    definite: true,
    hint: `It has ${record.nodes.join(', ')}.`,
  });
}

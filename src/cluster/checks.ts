import { definiteError, type KvxError } from '../core/errors.js';
import type { NodeId } from '../core/ids.js';
import { didYouMean } from '../core/suggest.js';
import { lastWordsOf } from './state/last-words.js';
import { pidfilesIn } from './state/pidfile.js';
import { copyInWords, isUp } from './state/run-file.js';
import type { Cluster } from './state/state.js';

/** Throws a definite `cluster` KvxError (exit 3) unless the cluster is up. */
export function checkUp(cluster: Cluster): void {
  if (!isUp(cluster.folder, cluster.record.runtime)) throw notUp(cluster);
}

export function notUp({ record: { name }, folder }: Cluster): KvxError {
  const words = copyInWords(folder) ?? crashInWords(folder);
  return definiteError(
    'cluster',
    `cluster ${name} is not up${words === null ? '' : `: ${words}`}`,
    `Start it with \`kvx cluster up --name ${name}\`.`,
  );
}

/** Of a run that ended without `down`: what became of its daemon. */
function crashInWords(folder: string): string | null {
  if (!pidfilesIn(folder).has('daemon')) return null;
  return `its daemon ended: ${lastWordsOf(folder, 'daemon')?.message ?? 'killed from outside, or short of memory'}`;
}

export function checkNode({ record }: Pick<Cluster, 'record'>, node: NodeId): void {
  if (record.nodes.includes(node)) return;
  throw definiteError(
    'bad-request',
    `${record.name} has no node ${node}${didYouMean(node, record.nodes)}`,
    `It has ${record.nodes.join(', ')}.`,
  );
}

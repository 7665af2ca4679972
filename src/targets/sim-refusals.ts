/** Why a simulated cluster is not changed as asked, as real ones would say it. */
import { type ClusterSpec, dataConflicts, namePattern } from '../config/spec.js';
import { KvxError, usageError } from '../core/errors.js';
import type { NodeId } from '../core/ids.js';

export function notStarted(node: NodeId, failure: KvxError | null): KvxError {
  const why = failure?.message ?? 'it stopped at once';
  return new KvxError(`${node} did not start: ${why}`, {
    ...{ code: 'cluster', definite: true },
    ...(failure?.hint === undefined ? {} : { hint: failure.hint }),
  });
}

export function checkNewName(node: NodeId, retired: readonly NodeId[]): void {
  if (!namePattern.test(node)) throw usageError(`${JSON.stringify(node)} can't be a node's name`);
  if (!retired.includes(node)) return;
  throw usageError(`${node} was removed with its data, and its name is not given twice`);
}

export function checkSame(existing: ClusterSpec, wanted: ClusterSpec): void {
  const conflicts = dataConflicts(existing, wanted);
  if (conflicts.length === 0) return;
  throw new KvxError(`there is data of another cluster: ${conflicts.join('; ')}`, {
    code: 'cluster',
    definite: true,
    hint: 'Add --fresh to wipe it.',
  });
}

export function alreadyUp(): KvxError {
  return new KvxError('the cluster is already up', {
    code: 'cluster',
    definite: true,
    hint: 'Stop it first: `cluster down`.',
  });
}

export function isDead(step: string, node: NodeId): KvxError {
  return new KvxError(`can't ${step} ${node}: it is dead`, {
    code: 'cluster',
    definite: true,
    hint: `Start it with \`node restart ${node}\`.`,
  });
}

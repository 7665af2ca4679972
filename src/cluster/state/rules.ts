import { rulesOf } from '../../config/spec.js';
import { definiteError } from '../../core/errors.js';
import type { LinkRules } from '../../faults/link-rules.js';
import { linkRules } from '../../runtime/links/client-frames.js';
import { readIfThere, stateProblem, writeAtomically } from './files.js';
import { type Cluster, rulesFile } from './state.js';

/**
 * The rules that a node of this cluster starts with: those last set, else the cluster's own. Throws a definite `cluster`
 * KvxError when those that were set can't be read: a cut that is silently gone would make a liar of every later test.
 */
export function rulesInForce(cluster: Cluster): LinkRules {
  const file = rulesFile(cluster.folder);
  let text: string | null;
  try {
    text = readIfThere(file);
  } catch (error) {
    throw stateProblem(error, file, 'the link rules');
  }
  if (text === null) return rulesOf(cluster.record);
  try {
    return linkRules.fromWire(JSON.parse(text));
  } catch (error) {
    throw definiteError(
      'cluster',
      `the link rules in ${file} can't be used: ${(error as Error).message}`,
      'Remove that file; then the cluster has no faults.',
    );
  }
}

export function storeRules(cluster: Cluster, rules: LinkRules): void {
  writeAtomically(rulesFile(cluster.folder), JSON.stringify(linkRules.toWire(rules)));
}

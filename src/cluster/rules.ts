import { readFileSync } from 'node:fs';
import { linkRules } from '../runtime/links/client-frames.js';
import type { LinkRules } from '../runtime/links/filter.js';
import { writeAtomically } from './files.js';
import { rulesOf } from './spec.js';
import { type Cluster, rulesFile } from './state.js';

/** The rules that a node of this cluster starts with: those last set, else the cluster's own. */
export function rulesInForce(cluster: Cluster): LinkRules {
  try {
    return linkRules.fromWire(JSON.parse(readFileSync(rulesFile(cluster.folder), 'utf8')));
  } catch {
    // None were set, or what is there can't be read: a cluster without faults is the sane thing to start.
    return rulesOf(cluster.record);
  }
}

export function storeRules(cluster: Cluster, rules: LinkRules): void {
  writeAtomically(rulesFile(cluster.folder), JSON.stringify(linkRules.toWire(rules)));
}

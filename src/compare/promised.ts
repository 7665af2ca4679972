/** Whether a recorded load shows what its cluster's mode promises. */
import type { CheckReport, Verdict } from '../check/report.js';
import type { ClusterSpec } from '../config/spec.js';
import type { Level } from '../core/operation.js';
import type { KeptHistory } from '../explore/kept-history.js';
import { promisedVerdict } from '../explore/promised.js';
import { type Consistency, profileOf } from '../protocols/catalog.js';
import { consistencyOf } from '../protocols/options.js';

/** The model that a mode promises at its levels, and whether that held. */
export interface Promised {
  readonly model: Consistency;
  readonly verdict: Verdict;
  /** `null`: it held. */
  readonly why: string | null;
}

/** At the levels used; a history has converged, or not, whatever they were. */
export function promisedOf(
  spec: Pick<ClusterSpec, 'mode' | 'options'>,
  kept: KeptHistory,
  report: CheckReport,
): Promised {
  const model = promiseOf(spec);
  const { violations } = promisedVerdict(kept, { ...spec, sessions: null });
  const [broken] = violations;
  if (broken !== undefined) return { model, verdict: 'violated', why: broken.message };
  const named = (name: string) => report.models.find((each) => each.model === name);
  // Of single operations, strict serializability is no more than linearizability.
  const found = named(model) ?? named('linearizable');
  const converged = named('eventual');
  const wrong = [converged, found].find((each) => each?.verdict === 'unknown');
  if (converged?.verdict === 'violated') {
    return { model, verdict: 'violated', why: converged.reason };
  }
  return { model, verdict: wrong === undefined ? 'holds' : 'unknown', why: wrong?.reason ?? null };
}

function promiseOf({ mode, options }: Pick<ClusterSpec, 'mode' | 'options'>): Consistency {
  const profile = profileOf(mode);
  const { read, write } = profile.defaultLevels;
  const said = options as { readonly read?: Level; readonly write?: Level };
  return consistencyOf(profile, said.read ?? read, said.write ?? write, options);
}

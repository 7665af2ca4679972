import { catalog } from '../catalog.js';
import { quorumOptions } from '../option-tables.js';
import { levelProblem } from '../refusals.js';
import { badOption, type OptionsOf, readOptions } from '../shared/mode-options.js';

export type QuorumOptions = OptionsOf<typeof quorumOptions>;

/** Throws `bad-request` (definite) for options that no cluster of `nodes` nodes can have. */
export function parseQuorumOptions(
  given: Readonly<Record<string, unknown>>,
  nodes: number,
): QuorumOptions {
  const read = readOptions('quorum', quorumOptions, given);
  // The default gives way to a small cluster; what was asked for does not.
  const isGiven = given['replicas'] !== undefined;
  const options = isGiven ? read : { ...read, replicas: Math.min(read.replicas, nodes) };
  if (options.replicas > nodes) {
    throw badOption(`option replicas is ${options.replicas}, but there are only ${nodes} nodes`);
  }
  for (const level of [options.read, options.write]) {
    const problem = levelProblem(catalog.quorum, level, options.replicas);
    if (problem !== null) throw badOption(problem);
  }
  if (options.suspicionMs < 2 * options.heartbeatMs) {
    throw badOption(
      `option suspicionMs is ${options.suspicionMs}, but must be at least twice heartbeatMs (${options.heartbeatMs})`,
    );
  }
  return options;
}

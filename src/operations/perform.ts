import { checkCapable } from '../targets/target.js';
import { checkGiven } from './given.js';
import type { OperationCall, OperationEntry, OperationOutcome } from './operation.js';

/** Does an operation. Throws `KvxError`s: for what can't be done to this target, and for what goes wrong with it. */
export async function perform(
  spec: OperationEntry,
  call: OperationCall,
): Promise<OperationOutcome> {
  if (spec.on !== undefined) return spec.run(call);
  // Throws while none is up.
  const { target, spec: cluster } = call.context;
  checkCapable(target, spec.name, spec.capabilities ?? []);
  checkGiven(spec, call.given, { nodes: cluster.nodes, clients: null, levels: null });
  try {
    return await spec.run(call);
  } catch (error) {
    throw target.explain(error);
  }
}

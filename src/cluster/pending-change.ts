/** What is said of changes of a cluster's nodes that are not over, on whatever the cluster runs. */
import { definiteError, KvxError } from '../core/errors.js';
import type { NodeId } from '../core/ids.js';
import { invariant } from '../core/invariant.js';
import type { ClientResult } from '../core/operation.js';

export interface PendingChange {
  readonly type: 'add' | 'remove' | 'rejoin';
  readonly node: NodeId;
  /** Of the command that is at it; `null`: it was left halfway. */
  readonly pid: number | null;
}

/** Why no other change may begin. */
export function halfDone({ type, node }: Omit<PendingChange, 'pid'>): KvxError {
  const opposite = type === 'add' ? `, or undo it with \`kvx node remove ${node}\`` : '';
  return definiteError(
    'cluster',
    `an earlier \`kvx node ${type} ${node}\` was left halfway`,
    `See it through: \`kvx node ${type} ${node}\`${opposite}.`,
  );
}

/** An earlier command asked for the same, and what became of that is not known. */
export function ofRepeated(result: ClientResult): ClientResult {
  if (result.type !== 'error') return result;
  const message = `an earlier command has asked for it, and this time ${result.message}`;
  return { ...result, message, definite: false };
}

export function failure(result: ClientResult, what: string, step: string, node: NodeId): KvxError {
  invariant(result.type === 'error', 'only a failure is explained');
  const { code, definite, message } = result;
  if (definite) return new KvxError(`${what}: ${message}`, { code, definite });
  const hint = `Run \`kvx node ${step} ${node}\` again to see it through.`;
  return new KvxError(`it is not known whether ${what.replace(' not', '')}: ${message}`, {
    code,
    definite,
    hint,
  });
}

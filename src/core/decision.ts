import { hash32 } from './hash.js';
import type { NodeId } from './ids.js';
import { keyFromBytes } from './key.js';
import type { Context, ProtocolTypes, StoredEntry } from './replica.js';

/**
 * What a node holds for good: the batch chosen in a slot, how a transaction ended, which write a version names. No node may
 * ever hold another value for the same subject, not even after a crash.
 */
export interface Decision<T = unknown> {
  /** In words, such as `slot 17`: what a violation tells. */
  readonly subject: string;
  readonly value: T;
  /** Two values that show alike are the same. Asked only of what is not one and the same: most nodes hold what others sent. */
  show?(value: T): string;
}

export const decidedWords = ({ value, show = String }: Decision): string => show(value);

/** A version belongs to one write. */
export function decideWrite(
  { key, version, value }: StoredEntry,
  { decide }: Pick<Context<ProtocolTypes>, 'decide'>,
): void {
  if (decide === undefined) return;
  const what =
    value === null ? 'a delete' : `${value.length} bytes (${hash32(keyFromBytes(value))})`;
  decide(`write ${version.stamp} of ${version.node}`, `${what} at ${hash32(key)}`);
}

/** All decisions of a cluster, for whoever can see every node. */
export class DecisionLedger {
  readonly #first = new Map<
    string,
    { readonly decision: Decision; readonly node: NodeId; isShared: boolean }
  >();
  /** Subjects of which it is known. */
  readonly #contradicted = new Set<string>();

  /** Returns the first contradiction about a subject, in words, or `null` when there is none. */
  add(node: NodeId, decision: Decision): string | null {
    const { subject } = decision;
    const first = this.#first.get(subject);
    if (first === undefined) this.#first.set(subject, { decision, node, isShared: false });
    else if (first.node !== node) first.isShared = true;
    if (first === undefined || first.decision.value === decision.value) return null;
    const [held, other] = [decidedWords(first.decision), decidedWords(decision)];
    if (held === other || this.#contradicted.has(subject)) return null;
    this.#contradicted.add(subject);
    return `${subject}: ${first.node} holds ${held}, and ${node} holds ${other}`;
  }

  /** This node has lost its data: what no other has held, nobody has ever heard of. */
  forget(node: NodeId): void {
    for (const [subject, first] of this.#first) {
      if (first.node === node && !first.isShared) this.#first.delete(subject);
    }
  }
}

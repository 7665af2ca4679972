/** What one operation owes to its session, and which answers keep to it. */
import { invariant } from '../core/invariant.js';
import type { Key } from '../core/key.js';
import type { ClientResult, Operation, SessionFloor } from '../core/operation.js';
import type { SessionSupport } from '../core/session.js';
import { type Session, type SessionFit, sessionKeysMax } from './session.js';

export class Dependence {
  readonly floor: SessionFloor | null;
  readonly #session: Session;
  readonly #operation: Operation;
  readonly #support: SessionSupport;

  constructor(session: Session, operation: Operation, support: SessionSupport) {
    this.floor = session.floorOf(operation);
    this.#session = session;
    this.#operation = operation;
    this.#support = support;
  }

  /** Why the session can't take this operation at all; `null` when it can. */
  problem(): string | null {
    const unkept = (['monotonic-writes', 'writes-follow-reads'] as const).find(
      (guarantee) => this.#session.has(guarantee) && !this.#support.ordersWrites,
    );
    if (unkept !== undefined) {
      return `no session has ${unkept} here: the mode takes stamps from clocks that may differ`;
    }
    return this.#session.hasRoomFor(this.#operation)
      ? null
      : `the session remembers ${sessionKeysMax} keys, and that is the most: begin another one`;
  }

  /** Whether a node's answer keeps to the session; `unclear` until a read at the level `confirmAt` has been judged. */
  judge(result: ClientResult): SessionFit {
    if (result.type === 'error') return result.code === 'behind' ? 'behind' : 'fits';
    if (this.#support.judge === 'replica') return 'fits';
    const judgement = this.#session.judge(this.#operation, result);
    if (judgement !== 'unclear' || this.#support.confirmAt !== null) return judgement;
    this.#session.sawGone(this.#key);
    return 'fits';
  }

  /** `found` by the read that was to confirm an absence. */
  isGone(found: ClientResult): boolean {
    const key = this.#key;
    const isAbsent = found.type === 'value' && found.value === null;
    if (!isAbsent || this.#session.judge({ type: 'get', key }, found) === 'behind') return false;
    this.#session.sawGone(key);
    return true;
  }

  /** The session remembers what came of the operation. */
  saw(result: ClientResult): void {
    this.#session.saw(this.#operation, result);
  }

  get #key(): Key {
    invariant('key' in this.#operation, 'only operations of one key have unclear answers');
    return this.#operation.key;
  }
}

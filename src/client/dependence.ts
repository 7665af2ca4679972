/** What one operation owes to its session, and which answers keep to it. */
import type { NodeId } from '../core/ids.js';
import type { Key } from '../core/key.js';
import type { ClientResult, Level, Operation, SessionFloor } from '../core/operation.js';
import type { SessionSupport } from '../core/session.js';
import type { Answer } from './client.js';
import { type Session, sessionKeysMax } from './session.js';

export interface Attempt {
  /** Asks the first of these nodes that can be reached. */
  ask(nodes: readonly NodeId[]): Promise<Answer>;
  /** Reads the key through this node, at that level. */
  read(node: NodeId, key: Key, level: Level): Promise<ClientResult>;
}

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

  /**
   * Asks one node after another until one is not behind. When all that can be reached are, that is the answer, and
   * nothing was done.
   */
  async attempt(nodes: readonly NodeId[], { ask, read }: Attempt): Promise<Answer> {
    const behind: NodeId[] = [];
    for (;;) {
      const left = nodes.filter((node) => !behind.includes(node));
      const answer = left.length === 0 ? null : await ask(left);
      if (answer === null || (answer.node === null && behind.length > 0)) {
        return { node: behind[behind.length - 1] ?? null, result: allBehind(behind) };
      }
      const { node, result } = answer;
      if (node === null || !(await this.#isBehind(result, node, read))) return answer;
      behind.push(node);
    }
  }

  async #isBehind(result: ClientResult, node: NodeId, read: Attempt['read']): Promise<boolean> {
    if (result.type === 'error') return result.code === 'behind';
    if (this.#support.judge === 'replica') return false;
    switch (this.#session.judge(this.#operation, result)) {
      case 'fits':
        return false;
      case 'behind':
        return true;
      case 'unclear':
        return !(await this.#isGone(node, read));
    }
  }

  async #isGone(node: NodeId, read: Attempt['read']): Promise<boolean> {
    const { confirmAt } = this.#support;
    const operation = this.#operation;
    if (!('key' in operation)) return true;
    if (confirmAt !== null) {
      const found = await read(node, operation.key, confirmAt);
      const isAbsent = found.type === 'value' && found.value === null;
      if (!isAbsent || this.#session.judge({ ...operation, type: 'get' }, found) === 'behind') {
        return false;
      }
    }
    this.#session.sawGone(operation.key);
    return true;
  }
}

function allBehind(nodes: readonly NodeId[]): ClientResult {
  const are = nodes.length === 1 ? 'is' : 'are';
  const message = `${nodes.join(', ')} ${are} behind what this session has seen (ERR_DEP)`;
  return { type: 'error', code: 'behind', definite: true, message };
}

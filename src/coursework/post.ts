import type { Millis, NodeId } from '../core/ids.js';
import type { DialectContext } from './dialect.js';

/**
 * Plain messages between servers. The replicas have no message for them, so they do not travel through the nodes: each
 * is held here for a time drawn as the links draw theirs, uniform from 0 to twice the link's mean, order kept; it is lost
 * when the link is cut at either end of its way, or its receiver does not run when it arrives.
 */
export class Post {
  readonly #context: DialectContext;
  readonly #startedAt: Millis;
  /** When the last message on each link arrives. */
  readonly #lastDue = new Map<string, Millis>();
  readonly #underWay = new Set<Promise<void>>();

  constructor(context: DialectContext) {
    this.#context = context;
    this.#startedAt = context.target.timing.now();
  }

  send(message: string, from: NodeId, to: NodeId): void {
    const { target, out } = this.#context;
    const { timing } = target;
    const sentAt = timing.now();
    const text = JSON.stringify(message);
    out(`${this.#clock(sentAt)}: ${from} sent ${text} to ${to}\n`);
    if (this.#isCut(from, to)) return;
    const link = target.rules().delays.find((delay) => delay.from === from && delay.to === to);
    const meanMs = from === to ? 0 : (link?.meanMs ?? 0);
    const drawn = sentAt + timing.random() * 2 * meanMs;
    const name = `${from}>${to}`;
    const due = Math.max(drawn, this.#lastDue.get(name) ?? 0);
    this.#lastDue.set(name, due);
    const way = this.#travel({ from, to, text, sentAt, due }).finally(() =>
      this.#underWay.delete(way),
    );
    this.#underWay.add(way);
  }

  async delivered(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  async #travel(letter: Letter): Promise<void> {
    const { target, out, signal } = this.#context;
    const { from, to, text, sentAt, due } = letter;
    await target.timing.sleep(Math.max(0, due - sentAt), signal);
    if (signal.aborted || this.#isCut(from, to)) return;
    const states = await target.control.states();
    if (!states.some(({ node, state }) => node === to && state === 'running')) return;
    const times = `sent at ${this.#clock(sentAt)}`;
    out(`${this.#clock(target.timing.now())}: ${to} received ${text} from ${from}, ${times}\n`);
  }

  #isCut(from: NodeId, to: NodeId): boolean {
    const { cuts } = this.#context.target.rules();
    return cuts.some((cut) => cut.from === from && cut.to === to);
  }

  /** Since the script began. */
  #clock(at: Millis): string {
    return `${Math.round(at - this.#startedAt)} ms`;
  }
}

interface Letter {
  readonly from: NodeId;
  readonly to: NodeId;
  readonly text: string;
  readonly sentAt: Millis;
  readonly due: Millis;
}

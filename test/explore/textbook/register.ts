/** A register that is linearizable without consensus: Attiya, Bar-Noy and Dolev, "Sharing Memory Robustly in Message-Passing Systems", 1995. */
import type { SmallWorld } from '../../../src/explore/exhaustive/small-world.js';
import { Actor, type Ctx, type RegisterMessage, registerWorld } from './actors.js';

type Stamp = readonly [clock: number, node: string];
type Held = readonly [stamp: Stamp, value: string];

type Message =
  | RegisterMessage
  | { readonly type: 'query'; readonly request: number }
  | { readonly type: 'reply'; readonly request: number; readonly held: Held }
  | { readonly type: 'store'; readonly request: number; readonly held: Held }
  | { readonly type: 'stored'; readonly request: number };

const isNewer = ([clock, node]: Stamp, [otherClock, other]: Stamp): boolean =>
  clock > otherClock || (clock === otherClock && node > other);

interface Phase {
  readonly request: number;
  readonly client: string;
  /** `null`: a get. */
  readonly writes: string | null;
  /** Of the first phase, by node. */
  readonly replies: Readonly<Record<string, Held>> | null;
  /** Of the second. */
  readonly stored: readonly string[];
  readonly read: string | null;
}

class Server extends Actor<Message> {
  readonly state: { held: Held; phase: Phase | null };
  readonly #peers: readonly string[];
  readonly #majority: number;

  constructor(self: string, servers: readonly string[]) {
    super();
    this.state = { held: [[0, self], ''], phase: null };
    this.#peers = servers.filter((node) => node !== self);
    this.#majority = Math.floor(servers.length / 2) + 1;
  }

  onMessage(from: string, message: Message, ctx: Ctx<Message>): void {
    const { state } = this;
    switch (message.type) {
      case 'put':
      case 'get': {
        if (state.phase !== null) return;
        const { request } = message;
        const writes = message.type === 'put' ? message.value : null;
        const replies = { [ctx.self]: state.held };
        state.phase = { request, client: from, writes, replies, stored: [], read: null };
        return this.#tell({ type: 'query', request }, ctx);
      }
      case 'query':
        return ctx.send(from, { type: 'reply', request: message.request, held: state.held });
      case 'reply':
        return this.#replied(from, message.request, message.held, ctx);
      case 'store':
        this.#hold(message.held);
        return ctx.send(from, { type: 'stored', request: message.request });
      case 'stored':
        return this.#stored(from, message.request, ctx);
    }
  }

  #replied(from: string, request: number, held: Held, ctx: Ctx<Message>): void {
    const { phase } = this.state;
    if (phase?.request !== request || phase.replies === null) return;
    const replies = Object.entries({ ...phase.replies, [from]: held }).sort();
    this.state.phase = { ...phase, replies: Object.fromEntries(replies) };
    if (replies.length !== this.#majority) return;
    const newest = replies
      .map(([, each]) => each)
      .reduce((one, other) => (isNewer(other[0], one[0]) ? other : one));
    const [[clock]] = newest;
    const chosen: Held = phase.writes === null ? newest : [[clock + 1, ctx.self], phase.writes];
    const read = phase.writes === null ? newest[1] : null;
    this.state.phase = { ...phase, writes: null, replies: null, stored: [ctx.self], read };
    this.#hold(chosen);
    this.#tell({ type: 'store', request, held: chosen }, ctx);
  }

  #stored(from: string, request: number, ctx: Ctx<Message>): void {
    const { phase } = this.state;
    if (phase?.request !== request || phase.replies !== null || phase.stored.includes(from)) return;
    const stored = [...phase.stored, from].sort();
    this.state.phase = { ...phase, stored };
    if (stored.length !== this.#majority) return;
    const { client, read } = phase;
    this.state.phase = null;
    ctx.send(
      client,
      read === null ? { type: 'put-done', request } : { type: 'got', request, value: read },
    );
  }

  #hold(held: Held): void {
    if (isNewer(held[0], this.state.held[0])) this.state.held = held;
  }

  #tell(message: Message, ctx: Ctx<Message>): void {
    for (const peer of this.#peers) ctx.send(peer, message);
  }
}

export const linearizableRegister = (servers: number, clients: number): SmallWorld =>
  registerWorld<Message>(servers, clients, ({ self }, all) => new Server(self, all));

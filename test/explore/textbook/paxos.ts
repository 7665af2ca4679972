/** Single-decree Paxos for a register that is written once: every put is a ballot of its own; who knows the decision answers gets. */
import type { SmallWorld } from '../../../src/explore/exhaustive/small-world.js';
import { Actor, type Ctx, type RegisterMessage, registerWorld } from './actors.js';

type Ballot = readonly [round: number, node: string];
type Proposal = readonly [request: number, client: string, value: string];
type Accepted = readonly [ballot: Ballot, proposal: Proposal] | null;

type Message =
  | RegisterMessage
  | { readonly type: 'prepare'; readonly ballot: Ballot }
  | { readonly type: 'promise'; readonly ballot: Ballot; readonly accepted: Accepted }
  | { readonly type: 'accept'; readonly ballot: Ballot; readonly proposal: Proposal }
  | { readonly type: 'accepted'; readonly ballot: Ballot }
  | { readonly type: 'decided'; readonly ballot: Ballot; readonly proposal: Proposal };

const compare = ([round, node]: Ballot, [otherRound, other]: Ballot): number =>
  round - otherRound || (node < other ? -1 : node > other ? 1 : 0);

class Server extends Actor<Message> {
  readonly state = {
    ballot: [0, ''] as Ballot,
    proposal: null as Proposal | null,
    promises: {} as Record<string, Accepted>,
    acceptedBy: [] as string[],
    accepted: null as Accepted,
    isDecided: false,
  };
  readonly #peers: readonly string[];
  readonly #majority: number;

  constructor(self: string, servers: readonly string[]) {
    super();
    this.#peers = servers.filter((node) => node !== self);
    this.#majority = Math.floor(servers.length / 2) + 1;
  }

  onMessage(from: string, message: Message, ctx: Ctx<Message>): void {
    const { state } = this;
    if (state.isDecided) {
      if (message.type !== 'get' || state.accepted === null) return;
      const [, [, , value]] = state.accepted;
      return ctx.send(from, { type: 'got', request: message.request, value });
    }
    switch (message.type) {
      case 'put':
        if (state.proposal !== null) return;
        state.proposal = [message.request, from, message.value];
        state.ballot = [state.ballot[0] + 1, ctx.self];
        state.promises = { [ctx.self]: state.accepted };
        state.acceptedBy = [];
        return this.#tell({ type: 'prepare', ballot: state.ballot }, ctx);
      case 'prepare':
        if (compare(state.ballot, message.ballot) >= 0) return;
        state.ballot = message.ballot;
        return ctx.send(from, { ...message, type: 'promise', accepted: state.accepted });
      case 'promise':
        if (compare(state.ballot, message.ballot) === 0)
          this.#promised(from, message.accepted, ctx);
        return;
      case 'accept':
        if (compare(state.ballot, message.ballot) > 0) return;
        state.ballot = message.ballot;
        state.accepted = [message.ballot, message.proposal];
        return ctx.send(from, { type: 'accepted', ballot: message.ballot });
      case 'accepted':
        if (compare(state.ballot, message.ballot) === 0) this.#acceptedBy(from, ctx);
        return;
      case 'decided':
        state.ballot = message.ballot;
        state.accepted = [message.ballot, message.proposal];
        state.isDecided = true;
    }
  }

  #promised(from: string, accepted: Accepted, ctx: Ctx<Message>): void {
    const { state } = this;
    const promises = Object.entries({ ...state.promises, [from]: accepted }).sort();
    state.promises = Object.fromEntries(promises);
    if (promises.length !== this.#majority) return;
    let newest: Accepted = null;
    for (const [, each] of promises) {
      if (each !== null && (newest === null || compare(each[0], newest[0]) > 0)) newest = each;
    }
    const proposal = newest?.[1] ?? (state.proposal as Proposal);
    state.proposal = proposal;
    state.accepted = [state.ballot, proposal];
    state.acceptedBy = [ctx.self];
    this.#tell({ type: 'accept', ballot: state.ballot, proposal }, ctx);
  }

  #acceptedBy(from: string, ctx: Ctx<Message>): void {
    const { state } = this;
    state.acceptedBy = [...new Set([...state.acceptedBy, from])].sort();
    if (state.acceptedBy.length !== this.#majority) return;
    const proposal = state.proposal as Proposal;
    state.isDecided = true;
    this.#tell({ type: 'decided', ballot: state.ballot, proposal }, ctx);
    ctx.send(proposal[1], { type: 'put-done', request: proposal[0] });
  }

  #tell(message: Message, ctx: Ctx<Message>): void {
    for (const peer of this.#peers) ctx.send(peer, message);
  }
}

export const singleDecreePaxos = (servers: number, clients: number): SmallWorld =>
  registerWorld<Message>(servers, clients, ({ self }, all) => new Server(self, all));

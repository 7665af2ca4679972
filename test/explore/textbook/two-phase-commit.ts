/**
 * Two-phase commit as Gray and Lamport specify it ("Consensus on Transaction Commit", 2006): participants prepare or abort
 * by themselves, the coordinator decides when it likes, messages are never lost and never used up.
 */
import type { SmallWorld } from '../../../src/explore/exhaustive/small-world.js';
import { Actor, type Ctx, protocolOf, textbook } from './actors.js';

type Message =
  /** What a node does of its own accord, as a message from nowhere that is there all the time. */
  | { readonly type: 'may prepare' | 'may abort' | 'may commit' }
  | { readonly type: 'prepared' | 'commit' | 'abort' };

class Participant extends Actor<Message> {
  state: 'working' | 'prepared' | 'committed' | 'aborted' = 'working';
  readonly #coordinator: string;

  constructor(coordinator: string) {
    super();
    this.#coordinator = coordinator;
  }

  onMessage(_from: string, { type }: Message, ctx: Ctx<Message>): void {
    if (type === 'commit') this.state = 'committed';
    if (type === 'abort') this.state = 'aborted';
    if (this.state !== 'working') return;
    if (type === 'may abort') this.state = 'aborted';
    if (type === 'may prepare') {
      this.state = 'prepared';
      ctx.send(this.#coordinator, { type: 'prepared' });
    }
  }
}

class Coordinator extends Actor<Message> {
  readonly state = { decided: 'nothing', prepared: [] as string[] };

  onMessage(from: string, { type }: Message, ctx: Ctx<Message>): void {
    const { state } = this;
    if (state.decided !== 'nothing') return;
    if (type === 'prepared' && !state.prepared.includes(from)) {
      state.prepared = [...state.prepared, from].sort();
    }
    const isReady = state.prepared.length === ctx.peers.length;
    if (type === 'may abort') this.#decide('abort', ctx);
    if (type === 'may commit' && isReady) this.#decide('commit', ctx);
  }

  #decide(type: 'commit' | 'abort', ctx: Ctx<Message>): void {
    this.state.decided = type;
    for (const peer of ctx.peers) ctx.send(peer, { type });
  }
}

export function twoPhaseCommit(participants: number): SmallWorld {
  const nodes = ['tm', ...Array.from({ length: participants }, (_, at) => `rm${at + 1}`)];
  const [coordinator = '', ...rest] = nodes;
  const prompt = (to: string, type: string) => ({ from: to, to, message: { type } });
  return {
    ...textbook,
    protocol: protocolOf<Message>(({ self }) =>
      self === coordinator ? new Coordinator() : new Participant(coordinator),
    ),
    ...{ nodes, clients: [], delivery: 'any number of times' },
    prompts: [
      ...['may commit', 'may abort'].map((type) => prompt(coordinator, type)),
      ...rest.flatMap((to) => ['may prepare', 'may abort'].map((type) => prompt(to, type))),
    ],
  };
}

/** All that may come next in a small world, and what comes of it. */
import { mix32 } from '../../core/hash.js';
import type { NodeId } from '../../core/ids.js';
import { invariant } from '../../core/invariant.js';
import type { Input } from './lone-node.js';
import { Messages } from './messages.js';
import { type LoneState, Nodes } from './nodes.js';
import type { ClientEvent, FaultCounts, SmallWorld } from './small-world.js';
import { noStory, Stories } from './stories.js';
import { type StoryEvents, wrongAnswer, wrongAtRest } from './verdicts.js';

/** `message`: its number among {@link States.messages}. */
export type Move =
  | { readonly do: 'ask'; readonly client: number }
  /** `repeat`: it arrives, and is still under way. */
  | { readonly do: 'deliver' | 'lose' | 'repeat'; readonly message: number }
  | { readonly do: 'fire'; readonly node: NodeId; readonly timer: string }
  | { readonly do: 'start' | 'hold syncs' | 'sync'; readonly node: NodeId }
  /** `cut`: the power fails and takes what was not synced; `kill`: the process dies, what it has written is there. */
  | { readonly do: 'cut' | 'kill'; readonly node: NodeId };

interface ClientState {
  readonly askedCount: number;
  readonly isOpen: boolean;
  readonly endedCount: number;
  /** The number of a text: what it was told, and how much had ended when it asked. */
  readonly story: number;
}

/** What tells states apart. */
export interface Distinct {
  readonly nodes: readonly LoneState[];
  /** Numbers of messages: link by link in their order, or sorted. */
  readonly underWay: readonly number[];
  readonly clients: readonly Pick<ClientState, 'story'>[];
  readonly spent: FaultCounts;
}

export interface WorldState extends Distinct {
  readonly clients: readonly ClientState[];
  readonly events: StoryEvents | null;
}

export interface Successor {
  readonly state: WorldState;
  /** Messages, in the order sent. */
  readonly sent: readonly number[];
  /** Nodes whose syncs ended by themselves, one after another. */
  readonly synced: readonly NodeId[];
  /** What may never be. */
  readonly violation: string | null;
}

const nothingSpent: FaultCounts = { losses: 0, duplicates: 0, crashes: 0, timers: 0 };

export class States {
  readonly world: SmallWorld;
  readonly messages: Messages;
  readonly nodes: Nodes;
  readonly stories = new Stories();
  /** By the stories of all clients. */
  readonly #verdicts = new Map<string, string | null>();

  constructor(world: SmallWorld) {
    this.world = world;
    this.messages = new Messages(world);
    this.nodes = new Nodes(world, this.messages);
  }

  /** No node is started yet. */
  unstarted(): WorldState {
    const { nodes, prompts = [], clients } = this.world;
    return {
      nodes: nodes.map((node) => this.nodes.first(node)),
      underWay: prompts.map((each) => this.messages.numberOf({ ...each, life: 0 })),
      clients: clients.map(() => ({ askedCount: 0, isOpen: false, endedCount: 0, story: noStory })),
      ...{ spent: nothingSpent, events: null },
    };
  }

  /** Where the search begins, and how the world comes to that. */
  begin(): { readonly state: WorldState; readonly moves: readonly Move[] } {
    const { nodes, settles, bounds } = this.world;
    let state = this.unstarted();
    const moves: Move[] = [];
    const sent: number[] = [];
    const make = (move: Move): void => {
      const next = this.after(state, move);
      invariant(next !== null && next.violation === null, `it starts: ${next?.violation}`);
      moves.push(move);
      state = next.state;
      sent.push(...next.sent);
    };
    for (const node of nodes) make({ do: 'start', node });
    // In the order sent, as a transcript has `deliver everything`. The list grows meanwhile.
    if (settles) for (const message of sent) make({ do: 'deliver', message });
    if (bounds.crashes > 0) for (const node of nodes) make({ do: 'hold syncs', node });
    return { state, moves };
  }

  /**
   * A node that waits for its disk takes nothing in before the sync has ended or the node has crashed. As no other node can
   * change anything about that, no other move need be tried before (Godefroid's persistent sets).
   */
  movesFrom(state: WorldState): Move[] {
    const waiting = state.nodes.find(({ awaitsSync }) => awaitsSync);
    if (waiting !== undefined) {
      const { node } = waiting;
      return [
        { do: 'sync', node },
        { do: 'cut', node },
        { do: 'kill', node },
      ];
    }
    const moves: Move[] = [];
    for (const [client, { askedCount, isOpen }] of state.clients.entries()) {
      const next = this.world.clients[client]?.[askedCount];
      if (!isOpen && next !== undefined && this.#node(state, next.node).isUp) {
        moves.push({ do: 'ask', client });
      }
    }
    this.#addMovesOfMessages(state, moves);
    this.#addMovesOfNodes(state, moves);
    return moves;
  }

  #addMovesOfMessages(state: WorldState, moves: Move[]): void {
    const { delivery, bounds } = this.world;
    const { underWay, spent } = state;
    for (const [at, message] of underWay.entries()) {
      const before = underWay[at - 1];
      const { to, link } = this.messages.at(message);
      const isNext =
        before === undefined ||
        (delivery === 'in order' ? this.messages.at(before).link !== link : before !== message);
      if (!isNext) continue;
      if (this.#node(state, to).isUp) {
        moves.push({ do: 'deliver', message });
        if (spent.duplicates < bounds.duplicates) moves.push({ do: 'repeat', message });
      }
      if (spent.losses < bounds.losses) moves.push({ do: 'lose', message });
    }
  }

  #addMovesOfNodes({ nodes, spent }: WorldState, moves: Move[]): void {
    const { bounds } = this.world;
    for (const { node, isUp, timers } of nodes) {
      if (!isUp) moves.push({ do: 'start', node });
      if (spent.timers < bounds.timers) {
        for (const timer of timers) moves.push({ do: 'fire', node, timer });
      }
      // All that it has written is synced: it makes no difference what becomes of the rest.
      if (isUp && spent.crashes < bounds.crashes) moves.push({ do: 'cut', node });
    }
  }

  /** `null`: it changes nothing, as if it had not come. */
  after(state: WorldState, move: Move): Successor | null {
    const draft = new Draft(this, state);
    draft.make(move);
    if (!draft.isChanged) return null;
    const next = draft.finished();
    const violation = draft.violation ?? (draft.hasAnswer ? this.#wrongAnswer(next) : null);
    const { sent, synced } = draft;
    return { state: next, sent, synced, violation: violation ?? this.#wrongAtRest(next) };
  }

  /** Equal states have equal numbers; others, too, once in 2⁵³ pairs. */
  fingerprint({ nodes, underWay, clients, spent }: Distinct): number {
    let [low, high] = [1, 2];
    const add = (part: number): void => {
      low = mix32(low ^ part);
      high = mix32(high + Math.imul(part, 0x9e3779b1));
    };
    const mayRead = spent.crashes < this.world.bounds.crashes;
    for (const { number, awakeNumber } of nodes) add(mayRead ? number : awakeNumber);
    for (const { story } of clients) add(story);
    for (const count of Object.values(spent)) add(count);
    for (const message of underWay) add(message);
    return (high & 0x1fffff) * 2 ** 32 + low;
  }

  /** Messages under way, given link by link in the order sent, or in any order where that makes no difference. */
  inOrder(underWay: readonly number[]): number[] {
    const rank = (message: number): number =>
      this.world.delivery === 'in order' ? this.messages.at(message).link : message;
    return [...underWay].sort((one, other) => rank(one) - rank(other));
  }

  #wrongAnswer({ clients, events }: WorldState): string | null {
    const name = clients.map(({ story }) => story).join(' ');
    const known = this.#verdicts.get(name);
    if (known !== undefined) return known;
    const wrong = wrongAnswer(this.world, events);
    this.#verdicts.set(name, wrong);
    return wrong;
  }

  #wrongAtRest({ nodes, underWay, clients, events }: WorldState): string | null {
    const { atRest } = this.world;
    const rests =
      atRest !== undefined &&
      underWay.length === 0 &&
      nodes.every(({ isUp, awaitsSync, isSettled }) => isUp && !awaitsSync && isSettled) &&
      clients.every(({ isOpen }) => !isOpen);
    return rests ? wrongAtRest(this.world, events, nodes) : null;
  }

  #node({ nodes }: WorldState, node: NodeId): LoneState {
    return nodes[this.world.nodes.indexOf(node)] as LoneState;
  }
}

/** A state that is being made of another. */
class Draft {
  violation: string | null = null;
  isChanged = true;
  hasAnswer = false;
  readonly sent: number[] = [];
  readonly synced: NodeId[] = [];
  readonly #states: States;
  readonly #nodes: LoneState[];
  readonly #underWay: number[];
  readonly #clients: ClientState[];
  #spent: FaultCounts;
  #events: StoryEvents | null;

  constructor(states: States, before: WorldState) {
    this.#states = states;
    this.#nodes = [...before.nodes];
    this.#underWay = [...before.underWay];
    this.#clients = [...before.clients];
    this.#spent = before.spent;
    this.#events = before.events;
  }

  make(move: Move): void {
    const { world } = this.#states;
    switch (move.do) {
      case 'ask': {
        const { client } = move;
        const at = (this.#clients[client] as ClientState).askedCount;
        const asks = world.clients[client]?.[at];
        invariant(asks !== undefined, 'a client asks what it has to ask');
        this.#note({ client, asks });
        return this.#meet(asks.node, { do: 'ask', client, at });
      }
      case 'deliver':
      case 'repeat':
        return this.#deliver(move.message, move.do === 'repeat');
      case 'lose':
        this.#remove(move.message);
        return this.#spend('losses');
      case 'fire':
        this.#spend('timers');
        return this.#meet(move.node, { do: 'fire', timer: move.timer });
      case 'cut':
        this.#spend('crashes');
        return this.#meet(move.node, { do: 'crash', how: 'power', unsynced: 'lost' });
      case 'kill':
        this.#spend('crashes');
        return this.#meet(move.node, { do: 'crash', how: 'kill', unsynced: 'kept' });
      default:
        return this.#meet(move.node, { do: move.do });
    }
  }

  finished(): WorldState {
    const { world } = this.#states;
    // When there are no more crashes, it makes no difference how long a sync takes.
    if (this.#spent.crashes >= world.bounds.crashes) {
      for (const at of world.nodes.keys()) this.#sync(at);
    }
    return {
      ...{ nodes: this.#nodes, clients: this.#clients, spent: this.#spent, events: this.#events },
      underWay: this.#states.inOrder(this.#underWay),
    };
  }

  #sync(at: number): void {
    for (let { node, awaitsSync } = this.#nodes[at] as LoneState; awaitsSync; ) {
      this.#meet(node, { do: 'sync' });
      this.synced.push(node);
      ({ awaitsSync } = this.#nodes[at] as LoneState);
    }
  }

  #deliver(message: number, stays: boolean): void {
    const { world, messages } = this.#states;
    const envelope = messages.at(message);
    const before = this.#nodes[world.nodes.indexOf(envelope.to)];
    const sentBefore = this.#underWay.length;
    const event = world.clientEvent?.('arrived', envelope) ?? null;
    if (event !== null) this.#note(event);
    this.#meet(envelope.to, { do: 'hear', message });
    const isIdle =
      world.factsAreAll === true &&
      this.#nodes[world.nodes.indexOf(envelope.to)] === before &&
      this.#underWay.length === sentBefore;
    this.isChanged = !isIdle;
    if (stays) this.#spend('duplicates');
    else if (world.delivery !== 'any number of times') this.#remove(message);
  }

  #meet(node: NodeId, input: Input): void {
    const { world, nodes, messages } = this.#states;
    const at = world.nodes.indexOf(node);
    const before = this.#nodes[at] as LoneState;
    const { state, sent, answers, violation } = nodes.step(before, input);
    this.#nodes[at] = state;
    this.violation ??= violation;
    if (state.decided !== before.decided) this.#compare(before, state);
    for (const { client, result } of answers) this.#note({ client, told: result });
    this.sent.push(...sent);
    for (const message of sent) {
      const isThere = world.delivery === 'any number of times' && this.#underWay.includes(message);
      if (!isThere) this.#underWay.push(message);
      const event = world.clientEvent?.('sent', messages.at(message)) ?? null;
      if (event !== null) this.#note(event);
    }
  }

  /** What is decided is decided once. */
  #compare(before: LoneState, after: LoneState): void {
    for (const [subject, value] of after.decided) {
      if (before.decided.get(subject) === value) continue;
      for (const other of [before, ...this.#nodes]) {
        const held = other.decided.get(subject);
        if (held === undefined || held === value) continue;
        this.violation ??= `decisions: ${subject}: ${other.node} holds ${held}, and ${after.node} holds ${value}`;
      }
    }
  }

  #note(event: ClientEvent): void {
    const { client } = event;
    const before = this.#clients[client] as ClientState;
    this.#events = { event, before: this.#events };
    const isAsked = 'asks' in event;
    const isAnswer = !isAsked && event.told !== null;
    const ended = this.#clients.map(({ endedCount }) => endedCount);
    this.#clients[client] = {
      askedCount: before.askedCount + (isAsked ? 1 : 0),
      isOpen: isAsked,
      endedCount: before.endedCount + (isAnswer ? 1 : 0),
      story: this.#states.stories.numberOf(
        before.story,
        isAsked ? { ended } : { told: event.told },
      ),
    };
    this.hasAnswer ||= isAnswer;
  }

  #remove(message: number): void {
    this.#underWay.splice(this.#underWay.indexOf(message), 1);
  }

  #spend(what: keyof FaultCounts): void {
    this.#spent = { ...this.#spent, [what]: this.#spent[what] + 1 };
  }
}

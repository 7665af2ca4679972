/**
 * One wave of `stabilize` at one node: propagation of information with feedback (Segall, Distributed Network Protocols,
 * IEEE Trans. Information Theory 1983; Chang's echo algorithm, IEEE Trans. Software Engineering 1982), up and down the
 * same tree.
 *
 * 1. **Explore.** The root sends `wave` to everybody. Whoever hears of the wave for the first time takes the sender for its
 *    parent, says so (`echo joined`) and sends `wave` to everybody else; whoever is in the tree already declines. So a
 *    spanning tree of all that can be reached comes about, without cycles.
 * 2. **Gather.** A node all of whose neighbours have declined, joined or stayed silent waits until its children have
 *    gathered, pulls from each of them what differs (`anti-entropy.ts`), and then says `echo gathered` itself.
 * 3. **Spread.** The root now has everything that anybody had when it was asked. Its `wave` says `spread`; a child
 *    pulls from its parent what differs, passes `spread` on, and says `echo settled` once all of its children have.
 *
 * All that is said is a state, said again every `beatMs` along the tree, so a lost, doubled or overtaken message does no
 * harm, and a child that restarted and joins again just goes through it all again. The same beats are signs of life. Time
 * is counted in own beats, which on a busy machine come late: then the others' do, too.
 * Neighbours that stay silent for `patienceMs` are taken to be out of reach: every node waits for its own at the same
 * time, so this costs once, not once a level. When a child falls silent later, or a silent neighbour turns up after all,
 * the wave is lost: word goes up to the root, which begins another one with a higher number and more patience. When the
 * root's beats come down no more, its subtrees forget the wave. (The parent's beats would not do: nodes that restarted in
 * the midst of a wave whose root is gone may be each other's parents, in a ring.)
 */
import type { Millis, NodeId } from '../../core/ids.js';
import type { Ctx, EchoPhase, Message, MessageOf, WaveId, WavePhase } from './messages.js';
import { times } from './options.js';

interface Neighbour {
  state: 'asked' | 'child' | 'not a child' | 'silent';
  phase: EchoPhase;
  /** Own beats since it was heard. */
  unheard: number;
  /** Whether this node has pulled all that the child had gathered. */
  isPulled: boolean;
  nodes: readonly NodeId[];
  messages: number;
}

/** Where this node is in the wave. */
type Phase = 'gathering' | 'gathered' | 'pulling' | 'spreading' | 'settled' | 'lost';

const ranks: Readonly<Record<EchoPhase, number>> = { joined: 0, gathered: 1, settled: 2, lost: 3 };

/** Also a child that is farther: this node has restarted, and the child has not. */
const hasGathered = ({ phase }: Neighbour): boolean => ranks[phase] >= ranks.gathered;

/** What a node in each phase tells its parent. */
const said: Readonly<Record<Phase, EchoPhase>> = {
  gathering: 'joined',
  gathered: 'gathered',
  pulling: 'gathered',
  spreading: 'gathered',
  settled: 'settled',
  lost: 'lost',
};

export interface WaveSetup {
  readonly id: WaveId;
  /** `null` at the root. */
  readonly parent: NodeId | null;
  readonly neighbours: readonly NodeId[];
  readonly patienceMs: Millis;
  /** Of the message that made this node join; 0 at the root. */
  readonly beat: number;
  /** Begins pulling from a node, unless it is under way; `onPulled` follows. */
  readonly pull: (from: NodeId, ctx: Ctx) => void;
}

export class Wave {
  readonly id: WaveId;
  readonly parent: NodeId | null;
  readonly patienceMs: Millis;
  readonly #setup: WaveSetup;
  readonly #neighbours = new Map<NodeId, Neighbour>();
  #phase: Phase = 'gathering';
  /** The root's last beat that came down the tree, and own beats since then. */
  #beat: number;
  #unheard = 0;
  #messages = 0;

  constructor(setup: WaveSetup, ctx: Ctx) {
    this.id = setup.id;
    this.parent = setup.parent;
    this.patienceMs = setup.patienceMs;
    this.#setup = setup;
    this.#beat = setup.beat;
    for (const node of setup.neighbours) {
      this.#neighbours.set(node, {
        ...{ state: 'asked', phase: 'joined', unheard: 0, isPulled: false },
        ...{ nodes: [], messages: 0 },
      });
    }
    if (this.parent !== null) this.#echo(ctx);
    for (const node of setup.neighbours) this.#tell(node, ctx);
    this.#advance(ctx);
  }

  get isSettled(): boolean {
    return this.#phase === 'settled';
  }

  get isLost(): boolean {
    return this.#phase === 'lost';
  }

  /** The subtrees of the children. */
  get nodes(): readonly NodeId[] {
    return this.#children().flatMap(([, { nodes }]) => nodes);
  }

  /** Sent in this subtree so far. */
  get messages(): number {
    return this.#children().reduce((sum, [, { messages }]) => sum + messages, this.#messages);
  }

  /** True when nothing was heard of the root for too long: nobody waits for this subtree any more. */
  get isOrphan(): boolean {
    return this.parent !== null && this.#unheard * times.beatMs >= this.#watchMs;
  }

  onWave(from: NodeId, { phase, beat }: MessageOf<'wave'>, ctx: Ctx): void {
    if (from !== this.parent) {
      // It is in the tree and its parent is somebody else, as mine is.
      const neighbour = this.#neighbours.get(from);
      if (neighbour?.state === 'asked') neighbour.state = 'not a child';
      this.#send(from, { type: 'decline', wave: this.id }, ctx);
    } else {
      if (beat > this.#beat) this.#unheard = 0;
      this.#beat = Math.max(this.#beat, beat);
      if (phase === 'spread' && this.#phase === 'gathered') this.#phase = 'pulling';
    }
    this.#advance(ctx);
  }

  onDecline(from: NodeId, ctx: Ctx): void {
    const neighbour = this.#neighbours.get(from);
    if (neighbour?.state === 'asked') neighbour.state = 'not a child';
    this.#advance(ctx);
  }

  onEcho(from: NodeId, { phase, nodes, messages }: MessageOf<'echo'>, ctx: Ctx): void {
    const neighbour = this.#neighbours.get(from);
    if (neighbour === undefined) return;
    const isLate = neighbour.state !== 'child' && this.#phase !== 'gathering';
    neighbour.state = 'child';
    neighbour.unheard = 0;
    // What overtook an older echo stands.
    if (ranks[phase] >= ranks[neighbour.phase]) {
      neighbour.phase = phase;
      neighbour.nodes = nodes;
      neighbour.messages = messages;
    }
    if (isLate || phase === 'lost') this.#phase = 'lost';
    this.#advance(ctx);
    if (this.isLost && this.parent !== null) this.#echo(ctx);
  }

  /** A pull that `setup.pull` began is complete. */
  onPulled(from: NodeId, messages: number, ctx: Ctx): void {
    this.#messages += messages;
    const neighbour = this.#neighbours.get(from);
    if (this.#phase === 'gathering' && neighbour !== undefined && hasGathered(neighbour)) {
      neighbour.isPulled = true;
    }
    if (this.#phase === 'pulling' && from === this.parent) {
      this.#phase = 'spreading';
      this.#tellChildren(ctx);
    }
    this.#advance(ctx);
  }

  /** Says everything again, and looks for who is silent. */
  onBeat(ctx: Ctx): void {
    if (this.parent === null) this.#beat += 1;
    this.#unheard += 1;
    for (const [node, neighbour] of this.#neighbours) {
      neighbour.unheard += 1;
      const silentMs = neighbour.unheard * times.beatMs;
      if (neighbour.state === 'asked' && silentMs >= this.patienceMs) neighbour.state = 'silent';
      if (neighbour.state === 'child' && silentMs >= this.#watchMs) this.#phase = 'lost';
      if (neighbour.state === 'asked' || neighbour.state === 'child') this.#tell(node, ctx);
    }
    if (this.parent !== null) this.#echo(ctx);
    this.#advance(ctx);
  }

  /** Tells the children that it is over. */
  end(ctx: Ctx): void {
    for (const [node] of this.#children()) this.#send(node, this.#message('done'), ctx);
  }

  get #watchMs(): Millis {
    return Math.max(this.patienceMs, times.watchMs);
  }

  /** Takes the steps that have become possible. */
  #advance(ctx: Ctx): void {
    if (this.#phase === 'gathering') this.#gather(ctx);
    if (this.#phase === 'pulling' && this.parent !== null) this.#setup.pull(this.parent, ctx);
    const isSpread = this.#children().every(([, { phase }]) => phase === 'settled');
    if (this.#phase === 'spreading' && isSpread) {
      this.#phase = 'settled';
      if (this.parent !== null) this.#echo(ctx);
    }
  }

  #gather(ctx: Ctx): void {
    let isComplete = true;
    let isPulling = false;
    for (const [node, neighbour] of this.#neighbours) {
      const { state, isPulled } = neighbour;
      // One after the other: what several children have is pulled from the first of them alone.
      if (state === 'child' && hasGathered(neighbour) && !isPulled && !isPulling) {
        this.#setup.pull(node, ctx);
        isPulling = true;
      }
      if (state === 'asked' || (state === 'child' && !isPulled)) isComplete = false;
    }
    if (!isComplete) return;
    if (this.parent === null) {
      this.#phase = 'spreading';
      this.#tellChildren(ctx);
    } else {
      this.#phase = 'gathered';
      this.#echo(ctx);
    }
  }

  #children(): [NodeId, Neighbour][] {
    return [...this.#neighbours].filter(([, { state }]) => state === 'child');
  }

  #tellChildren(ctx: Ctx): void {
    for (const [node] of this.#children()) this.#tell(node, ctx);
  }

  #tell(node: NodeId, ctx: Ctx): void {
    const isSpread = this.#phase === 'spreading' || this.#phase === 'settled';
    this.#send(node, this.#message(isSpread ? 'spread' : 'gather'), ctx);
  }

  #message(phase: WavePhase): Message {
    const { id: wave, patienceMs } = this;
    return { type: 'wave', wave, phase, beat: this.#beat, patienceMs };
  }

  #echo(ctx: Ctx): void {
    if (this.parent === null) return;
    const isSettled = this.#phase === 'settled';
    const nodes = isSettled ? [ctx.self, ...this.nodes] : [];
    // The echo itself counts as well.
    const messages = this.messages + 1;
    const phase = said[this.#phase];
    const echo: Message = { type: 'echo', wave: this.id, phase, nodes, messages };
    this.#messages += 1;
    // Having joined promises nothing. To have gathered does: what was pulled must be here still when the parent pulls.
    if (phase === 'joined') ctx.sendUnsynced(this.parent, echo);
    else ctx.send(this.parent, echo);
  }

  #send(to: NodeId, message: Message, ctx: Ctx): void {
    this.#messages += 1;
    ctx.send(to, message);
  }
}

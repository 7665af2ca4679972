import { hash32 } from '../../core/hash.js';
import type { NodeId } from '../../core/ids.js';
import type { ClientRequest } from '../../core/operation.js';
import type { Context, Protocol, ProtocolTypes, Rejoin, Replica } from '../../core/replica.js';
import type { Fault, FaultName } from '../../faults/fault.js';
import type { Phase, PhaseId, PhaseStep } from './phase.js';

/** What a fault finds of a node that it hits. */
export interface HitNode {
  readonly id: NodeId;
  /** `null` while it is down. */
  readonly role: string | null;
  /** Records that are not durable yet. */
  readonly undurable: number;
}

/** What faults met in one run or in many. */
export interface Met {
  /** How many faults hit somebody. */
  readonly faults: ReadonlyMap<FaultName, number>;
  /** How many of them met a phase, by its place in the table and the fault's name. */
  readonly cells: ReadonlyMap<string, number>;
  /** A number for each state that a fault has met: what fault it was, and the roles and phases of the nodes that it hit. */
  readonly states: ReadonlySet<number>;
}

export const cellOf = (phase: number, fault: FaultName): string => `${phase} ${fault}`;

/** What a message or record of some type does to a phase. */
interface PhaseChange {
  readonly phase: number;
  readonly begins: boolean;
  readonly again: boolean;
  readonly ids?: ((data: never) => readonly PhaseId[]) | undefined;
  readonly upTo?: ((data: never) => number) | undefined;
}

type Changes = Readonly<Record<PhaseStep, ReadonlyMap<string, readonly PhaseChange[]>>>;

function changesOf(phases: readonly Phase[]): Changes {
  const changes = { sent: new Map(), received: new Map(), persisted: new Map() };
  for (const [at, { after, before, again = false }] of phases.entries()) {
    if (before === 'durable') continue;
    const ends = before.map((mark) => ({ mark, begins: false }));
    for (const { mark, begins } of [{ mark: after, begins: true }, ...ends]) {
      const { step, type, ids, upTo } = mark;
      const known = changes[step].get(type) ?? [];
      const change: PhaseChange = {
        phase: at,
        begins,
        again: again || ids === undefined,
        ids,
        upTo,
      };
      changes[step].set(type, [...known, change]);
    }
  }
  return changes;
}

/** One run of a phase at a time: it has no ids. */
const only: readonly PhaseId[] = [0];

/** Which phases one start of a node is in. */
class NodePhases {
  /** Hears of phases that begin. */
  onBegin: ((phase: number) => void) | null = null;
  onPersist: ((type: string) => void) | null = null;
  readonly #changes: Changes;
  readonly #open: Set<PhaseId>[];
  readonly #ended: Set<PhaseId>[];
  readonly #endedUpTo: number[];
  /** Types of what it persisted, in order. */
  readonly persisted: string[] = [];

  constructor(changes: Changes, count: number) {
    this.#changes = changes;
    this.#open = Array.from({ length: count }, () => new Set());
    this.#ended = Array.from({ length: count }, () => new Set());
    this.#endedUpTo = Array.from({ length: count }, () => Number.NEGATIVE_INFINITY);
  }

  isIn(phase: number): boolean {
    return (this.#open[phase] as Set<PhaseId>).size > 0;
  }

  note(step: PhaseStep, data: { readonly type: string }): void {
    const changes = this.#changes[step].get(data.type);
    if (changes === undefined) return;
    for (const change of changes) {
      const { phase, begins, ids, upTo } = change;
      if (upTo !== undefined) this.#endUpTo(phase, upTo(data as never));
      else if (begins) for (const id of ids?.(data as never) ?? only) this.#begin(phase, id);
      else if (ids === undefined) this.#open[phase]?.clear();
      else for (const id of ids(data as never)) this.#end(change, id);
    }
  }

  #begin(phase: number, id: PhaseId): void {
    const isOver =
      this.#ended[phase]?.has(id) ||
      (typeof id === 'number' && id <= (this.#endedUpTo[phase] as number));
    if (isOver) return;
    this.#open[phase]?.add(id);
    this.onBegin?.(phase);
  }

  #end({ phase, again }: PhaseChange, id: PhaseId): void {
    this.#open[phase]?.delete(id);
    if (!again) this.#ended[phase]?.add(id);
  }

  #endUpTo(phase: number, upTo: number): void {
    if (upTo <= (this.#endedUpTo[phase] as number)) return;
    this.#endedUpTo[phase] = upTo;
    for (const id of this.#open[phase] ?? []) {
      if (typeof id === 'number' && id <= upTo) this.#open[phase]?.delete(id);
    }
  }
}

/** Watches the replicas of one run, and counts which phases they are in when faults begin. Changes nothing that happens. */
export class PhaseWatch implements Met {
  readonly faults = new Map<FaultName, number>();
  readonly cells = new Map<string, number>();
  readonly states = new Set<number>();
  readonly #counted = new Set<object>();
  readonly #phases: readonly Phase[];
  readonly #changes: Changes;
  readonly #nodes = new Map<NodeId, NodePhases>();
  #awaited: { readonly phase: number; readonly begins: (node: NodeId) => void } | null = null;

  constructor(phases: readonly Phase[]) {
    this.#phases = phases;
    this.#changes = changesOf(phases);
  }

  /** From now on it is said of every node when it comes into this phase, in the middle of its turn. */
  await(phase: number, begins: (node: NodeId) => void): void {
    this.#awaited = { phase, begins };
  }

  /** The same protocol, with replicas that are watched. */
  watched<P extends ProtocolTypes, Options>(protocol: Protocol<P, Options>): Protocol<P, Options> {
    return {
      ...protocol,
      create: (setup) => {
        const node = new NodePhases(this.#changes, this.#phases.length);
        this.#nodes.set(setup.self, node);
        const awaited = this.#awaited;
        const record = this.#undurableOf(awaited?.phase ?? -1);
        if (awaited !== null && record === null) {
          node.onBegin = (phase) => phase === awaited.phase && awaited.begins(setup.self);
        } else if (awaited !== null) {
          node.onPersist = (type) => type === record && awaited.begins(setup.self);
        }
        return watchedReplica(protocol.create(setup), node);
      },
    };
  }

  /** A fault hits these nodes now. */
  hit({ drawn }: Fault, nodes: readonly HitNode[]): void {
    if (drawn === undefined) return;
    const { kind } = drawn;
    if (!this.#counted.has(drawn)) this.faults.set(kind, (this.faults.get(kind) ?? 0) + 1);
    this.#counted.add(drawn);
    const met = this.#phases.map((_, at) => nodes.some((node) => this.isIn(node, at)));
    for (const [at, isMet] of met.entries()) {
      if (!isMet) continue;
      const cell = cellOf(at, kind);
      this.cells.set(cell, (this.cells.get(cell) ?? 0) + 1);
    }
    const roles = [...new Set(nodes.map(({ role }) => role ?? 'down'))].sort();
    this.states.add(hash32(`${kind} ${roles.join()} ${met.map(Number).join('')}`));
  }

  /** The record that a phase is about which lasts until that is durable; `null`: it is about something else. */
  #undurableOf(at: number): string | null {
    const phase = this.#phases[at];
    return phase?.before === 'durable' ? phase.after.type : null;
  }

  isIn({ id, role, undurable }: HitNode, at: number): boolean {
    const node = this.#nodes.get(id);
    const phase = this.#phases[at] as Phase;
    if (node === undefined || role === null) return false;
    if (phase.before !== 'durable') return node.isIn(at);
    return undurable > 0 && node.persisted.slice(-undurable).includes(phase.after.type);
  }
}

function watchedReplica<P extends ProtocolTypes>(
  replica: Replica<P>,
  node: NodePhases,
): Replica<P> {
  // A node has one context as long as it lives.
  let known: Context<P> | null = null;
  const watched = (ctx: Context<P>): Context<P> => {
    if (ctx !== known) watchContext(ctx, node);
    known = ctx;
    return ctx;
  };
  return {
    recover(record) {
      node.note('persisted', record);
      replica.recover(record);
    },
    onStart: (ctx: Context<P>, rejoin: Rejoin | null) => replica.onStart(watched(ctx), rejoin),
    onMessage(from, message, ctx) {
      node.note('received', message);
      replica.onMessage(from, message, watched(ctx));
    },
    onRequest: (request: ClientRequest, ctx) => replica.onRequest(request, watched(ctx)),
    onTimer: (timer, ctx) => replica.onTimer(timer, watched(ctx)),
    onTurnEnd: (ctx) => replica.onTurnEnd(watched(ctx)),
    snapshot: () => replica.snapshot(),
    inspect: () => replica.inspect(),
  };
}

/** From now on `node` hears of what is said. In place: one that stands before it costs a tenth of the run. */
function watchContext<P extends ProtocolTypes>(ctx: Context<P>, node: NodePhases): void {
  const said = { send: ctx.send, sendUnsynced: ctx.sendUnsynced, persist: ctx.persist };
  const hearing: typeof said = {
    send(to, message) {
      node.note('sent', message);
      said.send.call(ctx, to, message);
    },
    sendUnsynced(to, message) {
      node.note('sent', message);
      said.sendUnsynced.call(ctx, to, message);
    },
    persist(record) {
      node.persisted.push(record.type);
      node.note('persisted', record);
      node.onPersist?.(record.type);
      said.persist.call(ctx, record);
    },
  };
  Object.assign(ctx, hearing);
}

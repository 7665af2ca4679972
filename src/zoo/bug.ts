/**
 * The bug zoo: classic mistakes, one at a time, so that people see what each does and that the simulator finds it.
 *
 * A mistake is planted where the protocol is made. Production code knows nothing of it: nodes of a mode with a bug are made
 * of another part, or wrapped ({@link altering}).
 */
import type { NodeId } from '../core/ids.js';
import type { ClientRequest } from '../core/operation.js';
import type {
  Context,
  ProtocolTypes,
  Rejoin,
  Replica,
  ReplicaSetup,
  ReplicaView,
} from '../core/replica.js';
import type { AnyMode } from '../protocols/registry.js';

export interface Bug {
  /** What `--bug` takes; its mode first. */
  readonly name: string;
  readonly mode: string;
  /** One sentence: what nodes do. */
  readonly mistake: string;
  /** What it breaks, in the checker's words. */
  readonly promise: string;
  /** The mode with this mistake in it. */
  plant(mode: AnyMode): AnyMode;
}

/** The mode, with other replicas. */
export function creating<Options>(
  mode: AnyMode,
  create: (setup: ReplicaSetup<Options>) => Replica<ProtocolTypes>,
): AnyMode {
  return { ...mode, protocol: { ...mode.protocol, create } };
}

/** What a replica does otherwise than its protocol says, at the edges: what it is told, and what it says. */
export interface Alteration<P extends ProtocolTypes> {
  /** What is done in place of the context's own. */
  context?(ctx: Context<P>): Partial<Context<P>>;
  /** False: such a record never comes to disk. */
  keeps?(record: P['record']): boolean;
  received?(message: P['message'], from: NodeId): P['message'];
  asked?(request: ClientRequest, view: ReplicaView): ClientRequest;
}

/** The mode, with replicas that do this otherwise. */
export function altering<P extends ProtocolTypes>(
  mode: AnyMode,
  alteration: Alteration<P>,
): AnyMode {
  const { create } = mode.protocol;
  return creating(mode, (setup) => new AlteredReplica<P>(create(setup), alteration));
}

class AlteredReplica<P extends ProtocolTypes> implements Replica<P> {
  readonly #replica: Replica<P>;
  readonly #alteration: Alteration<P>;

  constructor(replica: Replica<P>, alteration: Alteration<P>) {
    this.#replica = replica;
    this.#alteration = alteration;
  }

  recover(record: P['record']): void {
    this.#replica.recover(record);
  }

  onStart(ctx: Context<P>, rejoin: Rejoin | null): void {
    this.#replica.onStart(this.#altered(ctx), rejoin);
  }

  onMessage(from: NodeId, message: P['message'], ctx: Context<P>): void {
    const received = this.#alteration.received?.(message, from) ?? message;
    this.#replica.onMessage(from, received, this.#altered(ctx));
  }

  onRequest(request: ClientRequest, ctx: Context<P>): void {
    const asked = this.#alteration.asked?.(request, this.inspect()) ?? request;
    this.#replica.onRequest(asked, this.#altered(ctx));
  }

  onTimer(timer: P['timer'], ctx: Context<P>): void {
    this.#replica.onTimer(timer, this.#altered(ctx));
  }

  onTurnEnd(ctx: Context<P>): void {
    this.#replica.onTurnEnd(this.#altered(ctx));
  }

  *snapshot(): Iterable<P['record']> {
    for (const record of this.#replica.snapshot()) if (this.#keeps(record)) yield record;
  }

  inspect(): ReplicaView {
    return this.#replica.inspect();
  }

  #keeps(record: P['record']): boolean {
    return this.#alteration.keeps?.(record) ?? true;
  }

  #altered(ctx: Context<P>): Context<P> {
    const persist = (record: P['record']) => {
      if (this.#keeps(record)) ctx.persist(record);
    };
    return contextWith(ctx, { persist, ...this.#alteration.context?.(ctx) });
  }
}

/** A context that does some of it otherwise. */
function contextWith<P extends ProtocolTypes>(
  ctx: Context<P>,
  changes: Partial<Context<P>>,
): Context<P> {
  return new Proxy(ctx, {
    get(target, name) {
      const value: unknown = Reflect.get(name in changes ? changes : target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

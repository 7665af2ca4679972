import type { ProtocolTypes, Replica } from '../../core/replica.js';
import type { NodeSetup } from '../node.js';
import type { Journal, Link } from '../ports.js';
import type { CarriedMessage, Tracer } from './tracer.js';

/**
 * A node that hands a tracer all that it does. Its link carries messages with their clocks, in `carriedShape`, as those of
 * all nodes of the cluster do. Nobody else pays for a trace: a node that is not traced is made without this.
 */
export function tracedNode<P extends ProtocolTypes>(
  setup: NodeSetup<P>,
  tracer: Tracer,
): NodeSetup<P> {
  return {
    ...setup,
    replica: tracedReplica(setup.replica, tracer),
    journal: tracedJournal(setup.journal, tracer),
    link: tracedLink(setup.link as unknown as Link<CarriedMessage<P['message']>>, tracer),
    admit(recovery) {
      tracer.start(recovery.incarnation);
      return setup.admit?.(recovery) ?? null;
    },
    refuse(request) {
      const { id, session, operation, level } = request;
      const client = session?.client ?? null;
      tracer.event({ type: 'call', request: id, client, operation, level });
      return setup.refuse?.(request) ?? null;
    },
    onReplies(replies) {
      for (const { id, result } of replies) tracer.event({ type: 'return', request: id, result });
      setup.onReplies(replies);
    },
    onEvent(event) {
      tracer.event({ type: 'tell', event });
      setup.onEvent?.(event);
    },
    onFailure(error) {
      tracer.stop(error.message);
      setup.onFailure(error);
    },
  };
}

function tracedReplica<P extends ProtocolTypes>(replica: Replica<P>, tracer: Tracer): Replica<P> {
  return {
    recover: (record) => replica.recover(record),
    onStart: (ctx, rejoin) => replica.onStart(ctx, rejoin),
    onMessage: (from, message, ctx) => replica.onMessage(from, message, ctx),
    onRequest: (request, ctx) => replica.onRequest(request, ctx),
    onTimer(timer, ctx) {
      tracer.event({ type: 'timer', name: timer });
      replica.onTimer(timer, ctx);
    },
    onTurnEnd(ctx) {
      replica.onTurnEnd(ctx);
      if (tracer.hasRoles) tracer.role(replica.inspect().role);
    },
    snapshot: () => replica.snapshot(),
    inspect: () => replica.inspect(),
  };
}

function tracedJournal<R extends { readonly type: string }>(
  journal: Journal<R>,
  tracer: Tracer,
): Journal<R> {
  const durable = (): void => {
    tracer.event({ type: 'durable', position: journal.durable });
  };
  return {
    recover: (visit, accept) => journal.recover(visit, accept),
    get appended() {
      return journal.appended;
    },
    get durable() {
      return journal.durable;
    },
    append(record) {
      tracer.event({ type: 'persist', record });
      journal.append(record);
    },
    flush() {
      tracer.event({ type: 'sync' });
      const before = journal.durable;
      journal.flush();
      // A journal that does not sync is through with it.
      if (journal.durable > before) durable();
    },
    onDurable: (handler) =>
      journal.onDurable(() => {
        durable();
        handler();
      }),
    onFailure: (handler) => journal.onFailure(handler),
    get wantsSnapshot() {
      return journal.wantsSnapshot;
    },
    beginSnapshot: (records) => journal.beginSnapshot(records),
    snapshotStep: () => journal.snapshotStep(),
    get syncCount() {
      return journal.syncCount;
    },
    get logBytes() {
      return journal.logBytes;
    },
    close: () => journal.close(),
  };
}

function tracedLink<M extends { readonly type: string }>(
  link: Link<CarriedMessage<M>>,
  tracer: Tracer,
): Link<M> {
  return {
    send(to, messages) {
      const carried = messages.map((message) => {
        const clock = tracer.event({ type: 'sent', to, message });
        return { type: message.type, message, clock };
      });
      link.send(to, carried);
    },
    onReceive: (handler) =>
      link.onReceive((from, carried, bytes) => {
        for (const each of carried) tracer.delivered(from, each);
        handler(
          from,
          carried.map(({ message }) => message),
          bytes,
        );
      }),
    hold: (from, held) => link.hold(from, held),
    get bytesWaiting() {
      return link.bytesWaiting;
    },
    onRelief: (handler) => link.onRelief(handler),
    close: () => link.close(),
  };
}

/**
 * What textbook protocols have in common. They are written against the interface of every protocol here, and show all that
 * they are as one fact, so that states are equal when theirs are.
 */
import { judgeModels } from '../../../src/check/check.js';
import type { ClientRequest, DataOperation } from '../../../src/core/operation.js';
import type {
  Context,
  Protocol,
  ProtocolTypes,
  Replica,
  ReplicaSetup,
  ReplicaView,
} from '../../../src/core/replica.js';
import type { Shape } from '../../../src/core/wire.js';
import type {
  Ask,
  ClientEvent,
  Envelope,
  SmallWorld,
} from '../../../src/explore/exhaustive/small-world.js';
import { bytes, key } from '../../../src/protocols/testing/operations.js';

export interface Said {
  readonly type: string;
}

export interface Textbook<Message extends Said> extends ProtocolTypes {
  readonly message: Message;
  readonly record: Said;
  readonly timer: never;
}

export type Ctx<Message extends Said> = Context<Textbook<Message>>;

export abstract class Actor<Message extends Said> implements Replica<Textbook<Message>> {
  /** All that it is: plain data. */
  abstract readonly state: unknown;

  abstract onMessage(from: string, message: Message, ctx: Ctx<Message>): void;
  onStart(_ctx: Ctx<Message>): void {}
  recover(): void {}
  onRequest(_request: ClientRequest): void {}
  onTimer(): void {}
  onTurnEnd(): void {}

  snapshot(): Iterable<Said> {
    return [];
  }

  inspect(): ReplicaView {
    return {
      ...{ role: 'actor', keyCount: 0, unsettledCount: 0, unsettled: () => [], suspects: [] },
      facts: [['state', JSON.stringify(this.state)]],
      ...{ lookup: () => undefined, entries: () => [], walk: () => 0, ownersOf: () => [] },
    };
  }
}

const asText = <T>(): Shape<T> => ({
  write: (value, sink) => sink.item(JSON.stringify(value)),
  read: (source) => JSON.parse(source.item() as string) as T,
});

export const protocolOf = <Message extends Said>(
  create: (setup: ReplicaSetup<unknown>) => Actor<Message>,
): Protocol<Textbook<Message>, unknown> => ({ message: asText(), record: asText(), create });

/** What holds of all textbook worlds. */
export const textbook = {
  ...{ options: {}, settles: false, factsAreAll: true, judge: () => [] },
  bounds: { losses: 0, duplicates: 0, crashes: 0, timers: 0 },
} as const satisfies Partial<SmallWorld>;

/** A register's clients are nodes, too: each puts a value of its own, and then gets. */
export type RegisterMessage =
  | { readonly type: 'put'; readonly request: number; readonly value: string }
  | { readonly type: 'get'; readonly request: number }
  | { readonly type: 'put-done'; readonly request: number }
  | { readonly type: 'got'; readonly request: number; readonly value: string };

export class RegisterClient extends Actor<RegisterMessage> {
  readonly state = { waitsFor: null as number | null, asked: 0 };
  /** Its number among all nodes, and the servers, which come before all clients. */
  readonly #number: number;
  readonly #servers: readonly string[];

  constructor({ self, nodes }: ReplicaSetup<unknown>, serverCount: number) {
    super();
    this.#number = nodes.indexOf(self);
    this.#servers = nodes.slice(0, serverCount);
  }

  override onStart(ctx: Ctx<RegisterMessage>): void {
    const value = String.fromCharCode(65 + this.#number - this.#servers.length);
    this.#ask(ctx, (request) => ({ type: 'put', request, value }));
  }

  onMessage(_from: string, message: RegisterMessage, ctx: Ctx<RegisterMessage>): void {
    if (message.request !== this.state.waitsFor) return;
    if (message.type === 'put-done') this.#ask(ctx, (request) => ({ type: 'get', request }));
    if (message.type === 'got') {
      this.state.waitsFor = null;
      this.state.asked++;
    }
  }

  #ask(ctx: Ctx<RegisterMessage>, message: (request: number) => RegisterMessage): void {
    const server = this.#servers[(this.#number + this.state.asked) % this.#servers.length];
    this.state.asked++;
    this.state.waitsFor = this.state.asked * this.#number;
    ctx.send(server as string, message(this.state.waitsFor));
  }
}

const version = { stamp: 1, node: 'n1' };

const operationOf = (message: RegisterMessage): DataOperation | null => {
  if (message.type === 'put') return { type: 'put', key: key('x'), value: bytes(message.value) };
  return message.type === 'get' ? { type: 'get', key: key('x') } : null;
};

/** Servers `n1`, `n2`, … and clients after them. */
export function registerWorld<Message extends Said>(
  servers: number,
  clients: number,
  create: (setup: ReplicaSetup<unknown>, servers: readonly string[]) => Actor<Message>,
): SmallWorld {
  const nodes = Array.from({ length: servers + clients }, (_, at) => `n${at + 1}`);
  const clientOf = (node: string): number => nodes.indexOf(node) - servers;
  return {
    ...textbook,
    protocol: protocolOf<Said>((setup) =>
      clientOf(setup.self) >= 0
        ? (new RegisterClient(setup, servers) as unknown as Actor<Said>)
        : (create(setup, nodes.slice(0, servers)) as unknown as Actor<Said>),
    ),
    nodes,
    clients: Array.from({ length: clients }, (): Ask[] => []),
    delivery: 'in any order',
    judge: (history) =>
      judgeModels(history, ['linearizable']).flatMap(({ verdict, reason }) =>
        verdict === 'violated' ? [{ check: 'linearizable', key: null, message: reason }] : [],
      ),
    clientEvent(what, { from, to, message }: Envelope): ClientEvent | null {
      const said = message as RegisterMessage;
      const operation = operationOf(said);
      if (what === 'sent') {
        if (operation === null) return null;
        return { client: clientOf(from), asks: { node: to, operation, level: null } };
      }
      const client = clientOf(to);
      if (said.type === 'put-done')
        return { client, told: { type: 'done', version, existed: null } };
      if (said.type !== 'got') return null;
      const value = said.value === '' ? null : bytes(said.value);
      return { client, told: { type: 'value', value, version: null } };
    },
  };
}

import { setMaxListeners } from 'node:events';
import { toDuration, toLevel, toNode, usageError } from '../cli/values.js';
import { Client, timeoutMsDefault } from '../client/client.js';
import type { OperationOptions } from '../client/pending-operation.js';
import { Session } from '../client/session.js';
import { parseGuarantees } from '../config/guarantees.js';
import type { ClusterSpec } from '../config/spec.js';
import type { Millis, NodeId } from '../core/ids.js';
import type { Direction } from '../faults/link-rules.js';
import type { Recorder } from '../history/recorder/recorder.js';
import { exactlyOnceModes } from '../protocols/exactly-once.js';
import { sessionSupportOf } from '../protocols/session-support.js';
import { noCluster, type Target } from '../targets/target.js';
import type { ClientHeader, Invocation } from './program.js';

type Flags = Invocation['flags'];

/** Somebody who types commands. */
export interface ScriptClient {
  /** `null`: nobody in particular. */
  readonly name: string | null;
  /** The nodes that it is connected to; `null`: all. */
  readonly nodes: readonly NodeId[] | null;
  /** What it says with every command that does not say otherwise. */
  readonly flags: Flags;
}

const nobody: ScriptClient = { name: null, nodes: null, flags: new Map() };

interface Connected {
  readonly client: Client;
  /** A client belongs to one cluster. */
  readonly clusterNumber: number;
}

/** The target with everybody on it: clients, their sessions, and who is cut from whom. */
export class ScriptContext {
  readonly target: Target;
  readonly signal: AbortSignal;
  /** Cuts between clients and nodes: real nodes know nothing of them, clients keep to them by themselves. */
  clientCuts: readonly Direction[] = [];
  readonly #scriptClients = new Map<string, ScriptClient>();
  readonly #clients = new Map<string | null, Connected>();
  readonly #sessions = new Map<string, Session>();
  #clusterNumber = 0;
  readonly #recorder: Recorder | null;

  constructor(target: Target, signal: AbortSignal, recorder: Recorder | null) {
    this.target = target;
    this.#recorder = recorder;
    this.signal = signal;
    // Every client that waits listens.
    setMaxListeners(0, signal);
    signal.addEventListener('abort', () => this.close(), { once: true });
  }

  /** Throws `cluster` while none is up. */
  get spec(): ClusterSpec {
    const { spec } = this.target;
    if (spec === null) throw noCluster();
    return spec;
  }

  get clientNames(): readonly string[] {
    return [...this.#scriptClients.keys()];
  }

  /** Whoever a `client` line means: what it does not say is as before. */
  scriptClient({ name, nodes, flags }: ClientHeader): ScriptClient {
    if (name === null) return { ...nobody, nodes, flags };
    const before = this.#scriptClients.get(name) ?? { ...nobody, name };
    const scriptClient = {
      name,
      nodes: nodes ?? before.nodes,
      flags: new Map([...before.flags, ...flags]),
    };
    this.#scriptClients.set(name, scriptClient);
    return scriptClient;
  }

  /** The client of a scriptClient, and how it is to ask when the command has these flags. */
  clientFor(scriptClient: ScriptClient, own: Flags): { client: Client; asking: Required<Asking> } {
    const { nodes } = this.spec;
    const flags = new Map([...scriptClient.flags, ...own]);
    const said = (name: string): string | undefined => flags.get(name)?.at(-1);
    const node = said('node');
    if (node !== undefined) checkReach(scriptClient, toNode(node, nodes));
    const timeout = said('timeout');
    const asking = {
      level: toLevel(said('level')),
      timeoutMs: timeout === undefined ? timeoutMsDefault : toDuration(timeout, '--timeout'),
      session: this.#session(said('session'), said('guarantees')),
      node: node ?? null,
    };
    return { client: this.#client(scriptClient), asking };
  }

  /** Another cluster: what clients knew of the one before is nothing to it. */
  forgetCluster(): void {
    this.#clusterNumber++;
    this.#sessions.clear();
    this.clientCuts = [];
  }

  close(): void {
    for (const { client } of this.#clients.values()) client.close();
  }

  #client(scriptClient: ScriptClient): Client {
    const { name } = scriptClient;
    const known = this.#clients.get(name);
    if (known !== undefined && known.clusterNumber === this.#clusterNumber) return known.client;
    known?.client.close();
    const { mode } = this.spec;
    const client = new Client(() => this.#endpointsOf(name), {
      exactlyOnce: exactlyOnceModes.includes(mode),
      sessionSupport: sessionSupportOf(mode),
      name,
      cuts: () => this.clientCuts,
      timing: this.target.timing,
      record: this.#recorder?.client(scriptClient.flags.get('session')?.at(-1) ?? null) ?? null,
    });
    this.#clients.set(name, { client, clusterNumber: this.#clusterNumber });
    return client;
  }

  #endpointsOf(name: string | null) {
    const nodes = name === null ? null : (this.#scriptClients.get(name)?.nodes ?? null);
    const endpoints = this.target.endpoints();
    if (nodes === null) return endpoints;
    return nodes.flatMap((node) => endpoints.filter((endpoint) => endpoint.node === node));
  }

  #session(name: string | undefined, guarantees: string | undefined): Session | null {
    if (name === undefined) {
      if (guarantees === undefined) return null;
      throw usageError('--guarantees is of a session: say which with --session NAME');
    }
    const wanted = guarantees === undefined ? undefined : parseGuarantees(guarantees);
    const known = this.#sessions.get(name);
    if (known !== undefined) {
      if (wanted === undefined || wanted.join() === known.guarantees.join()) return known;
      const kept = known.guarantees.join(', ');
      throw usageError(`session ${name} has ${kept}, and keeps what it began with`);
    }
    const session = new Session(wanted);
    this.#sessions.set(name, session);
    return session;
  }
}

/** How an operation is to be asked for; `node` of `null`: through any. */
export type Asking = Pick<OperationOptions, 'level' | 'timeoutMs' | 'session'> & {
  readonly node: NodeId | null;
};

/** As the client library takes it; no longer than `timeoutMsMax`. */
export function optionsOf(
  { node, ...asking }: Required<Asking>,
  timeoutMsMax: Millis,
): OperationOptions {
  const timeoutMs = Math.min(asking.timeoutMs ?? timeoutMsDefault, timeoutMsMax);
  return { ...asking, timeoutMs, ...(node === null ? {} : { node }) };
}

function checkReach({ name, nodes }: ScriptClient, node: NodeId): void {
  if (nodes === null || nodes.includes(node)) return;
  throw usageError(`client ${name} is connected to ${nodes.join(', ')}, not to ${node}`);
}

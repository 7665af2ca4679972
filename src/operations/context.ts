/** A target with everybody who asks it: clients, their sessions, and who is cut from whom. */

import { Client, timeoutMsDefault } from '../client/client.js';
import { ClientLinks } from '../client/client-links.js';
import type { OperationOptions } from '../client/pending-operation.js';
import { Session } from '../client/session.js';
import type { ListedCluster } from '../cluster/state/state.js';
import { toDuration } from '../config/duration.js';
import { parseGuarantees } from '../config/guarantees.js';
import type { Setting } from '../config/problem.js';
import { usageError } from '../core/errors.js';
import type { Millis, NodeId } from '../core/ids.js';
import type { Guarantee } from '../core/session.js';
import type { KeptHistory } from '../explore/kept-history.js';
import { asFaultsChange } from '../faults/active.js';
import { type Direction, keepRules, ruleCount } from '../faults/link-rules.js';
import { everyClient } from '../faults/link-words.js';
import type { Recorder } from '../history/recorder/recorder.js';
import { profileOf } from '../protocols/catalog.js';
import { noCluster, type SessionStore, type Target, type TargetSpec } from '../targets/target.js';
import { toLevel, toNode } from './given.js';

type Flags = ReadonlyMap<string, readonly string[]>;

export interface Asker {
  /** `null`: nobody in particular. */
  readonly name: string | null;
  /** The nodes that it is connected to; `null`: all. */
  readonly nodes: readonly NodeId[] | null;
  /** What it says with every command that does not say otherwise. */
  readonly flags: Flags;
}

export const anyAsker: Asker = { name: null, nodes: null, flags: new Map() };

interface Connected {
  readonly client: Client;
  /** A client belongs to one cluster. */
  readonly clusterNumber: number;
}

/** What operations need of the machine that they run on, beside their target. */
export interface OperationHost {
  /** All clusters of this home, up or not. */
  list(): readonly ListedCluster[];
  /** Chooses the cluster that commands mean when they name none. */
  use(name: string | null): void;
  /** Those of a config file. Throws `ConfigError`. */
  readSettings(path: string): Promise<readonly Setting[]>;
  /** Writes a file whole. Throws `bad-request` when it can't be written. */
  save(path: string, text: string): void;
  /** Runs kvx in a process of its own. */
  runKvx(args: readonly string[], signal: AbortSignal): Promise<RanKvx>;
}

export interface RanKvx {
  readonly exitCode: number;
  readonly printed: Uint8Array;
}

interface ContextSetup {
  /** The first is the one that is meant, unless an operation is on several; none: nobody may ask for it. */
  readonly targets: readonly Target[];
  readonly host?: OperationHost | null;
  readonly signal: AbortSignal;
  readonly recorder?: Recorder | null;
  /** What the recorder writes down, if it keeps that. */
  readonly kept?: KeptHistory | null;
  /** Sessions outlive this context: they are kept with the cluster. */
  readonly lasts?: boolean;
}

/** How a client asks on behalf of one operation. */
export interface ClientUse {
  readonly client: Client;
  readonly options: OperationOptions;
  /** What the session has seen is kept. To be called when the operation has succeeded. */
  keep(): Promise<void>;
}

export class OperationContext {
  readonly targets: readonly Target[];
  readonly host: OperationHost | null;
  readonly signal: AbortSignal;
  readonly kept: KeptHistory | null;
  /** What every session keeps to; `null`: there was none. */
  guarantees: readonly Guarantee[] | null = null;
  /** Whom the list of faults names: whoever breaks something now. */
  faultAuthor = 'user';
  readonly #lasts: boolean;
  readonly #recorder: Recorder | null;
  readonly #askers = new Map<string, Asker>();
  readonly #clients = new Map<string | null, Connected>();
  #sessions: SessionStore | null = null;
  #clusterNumber = 0;

  constructor(setup: ContextSetup) {
    const { targets, host = null, signal, recorder = null, kept = null, lasts = false } = setup;
    this.targets = targets;
    this.host = host;
    this.signal = signal;
    this.#recorder = recorder;
    this.kept = kept;
    this.#lasts = lasts;
    signal.addEventListener('abort', () => this.close(), { once: true });
  }

  get target(): Target {
    const [target] = this.targets;
    if (target === undefined) throw noCluster();
    return target;
  }

  /** Throws `cluster` while none is up. */
  get spec(): TargetSpec {
    const { spec } = this.target;
    if (spec === null) throw noCluster();
    return spec;
  }

  get askerNames(): readonly string[] {
    return [...this.#askers.keys()];
  }

  /** Whoever is meant: what is not said of it is as before. */
  asker({ name, nodes, flags }: Asker): Asker {
    if (name === null) return { ...anyAsker, nodes, flags };
    const before = this.#askers.get(name) ?? { ...anyAsker, name };
    const asker = {
      name,
      nodes: nodes ?? before.nodes,
      flags: new Map([...before.flags, ...flags]),
    };
    this.#askers.set(name, asker);
    return asker;
  }

  /** An asker's client, and how it is to ask for an operation with these flags, no longer than `timeoutMsMax`. */
  clientFor(asker: Asker, own: Flags, timeoutMsMax: Millis): ClientUse {
    const { nodes } = this.spec;
    const flags = new Map([...asker.flags, ...own]);
    const said = (name: string): string | undefined => flags.get(name)?.at(-1);
    const node = said('node');
    if (node !== undefined) checkReach(asker, toNode(node, nodes));
    const timeout = said('timeout');
    const timeoutMs = timeout === undefined ? timeoutMsDefault : toDuration(timeout, '--timeout');
    const name = said('session');
    const session = this.#session(name, said('guarantees'));
    return {
      client: this.#client(this.#lasts ? { ...asker, name: name ?? null } : asker),
      options: {
        ...{ level: toLevel(said('level')), timeoutMs: Math.min(timeoutMs, timeoutMsMax), session },
        ...(node === undefined ? {} : { node }),
      },
      keep: async () => {
        if (name !== undefined && session !== null) await this.#store.keep(name, session);
      },
    };
  }

  /** Does what `words` say: see {@link asFaultsChange}. */
  changeFaults(words: string, change: Parameters<typeof asFaultsChange>[1]): Promise<void> {
    return this.target.changeFaults(asFaultsChange({ words, by: this.faultAuthor }, change));
  }

  /** Whether a client of this name may stand at an end of a link. */
  isClient(name: string): boolean {
    if (this.spec.nodes.includes(name)) return false;
    if (name === everyClient) return true;
    if (!this.#lasts) return this.#askers.has(name);
    const isRuled = ({ from, to }: Direction): boolean => from === name || to === name;
    return this.#store.has(name) || ruleCount(keepRules(this.target.rules(), isRuled)) > 0;
  }

  /** Another cluster: what clients knew of the one before is nothing to it. */
  forgetCluster(): void {
    this.#clusterNumber++;
    this.#sessions = null;
  }

  close(): void {
    for (const { client } of this.#clients.values()) client.close();
  }

  get #store(): SessionStore {
    this.#sessions ??= (this.#lasts ? this.target.sessions : null) ?? sessionsHere();
    return this.#sessions;
  }

  #client(asker: Asker): Client {
    const { name } = asker;
    const known = this.#clients.get(name);
    if (known !== undefined && known.clusterNumber === this.#clusterNumber) return known.client;
    known?.client.close();
    const { mode } = this.spec;
    const { timing } = this.target;
    const links = new ClientLinks({ name, rules: () => this.target.rules(), timing });
    const client = new Client(() => links.around(this.#endpointsOf(name)), {
      exactlyOnce: profileOf(mode).exactlyOnce,
      sessionSupport: profileOf(mode).sessions,
      links,
      timing,
      record: this.#recorder?.client(asker.flags.get('session')?.at(-1) ?? null, name) ?? null,
    });
    this.#clients.set(name, { client, clusterNumber: this.#clusterNumber });
    return client;
  }

  #endpointsOf(name: string | null) {
    const nodes = name === null ? null : (this.#askers.get(name)?.nodes ?? null);
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
    const known = this.#store.load(name);
    if (known !== null) {
      if (wanted === undefined || wanted.join() === known.guarantees.join()) return known;
      throw usageError(
        `session ${name} has ${known.guarantees.join(', ')}, and keeps what it began with`,
        'Choose another name for a session with other guarantees.',
      );
    }
    const session = new Session(wanted);
    const before = this.guarantees ?? session.guarantees;
    this.guarantees = before.filter((each) => session.guarantees.includes(each));
    this.#store.begin(name, session);
    return session;
  }
}

/** Sessions that go with who keeps them. */
function sessionsHere(): SessionStore {
  const sessions = new Map<string, Session>();
  return {
    load: (name) => sessions.get(name) ?? null,
    begin: (name, session) => sessions.set(name, session),
    keep: async () => {},
    has: (name) => sessions.has(name),
  };
}

function checkReach({ name, nodes }: Asker, node: NodeId): void {
  if (nodes === null || nodes.includes(node)) return;
  throw usageError(`client ${name} is connected to ${nodes.join(', ')}, not to ${node}`);
}

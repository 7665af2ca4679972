/**
 * The vocabulary of the RESP door: a node as its RESP clients find it, a client, and what a command is, of which the
 * table in `commands/` is made.
 */
import type { Client } from '../client/client.js';
import type { Endpoint, NodeConnection, Timing } from '../client/endpoint.js';
import type { Session } from '../client/session.js';
import type { Millis, NodeId } from '../core/ids.js';
import type { Key } from '../core/key.js';
import type { ClientResult, DataOperation, Level } from '../core/operation.js';
import type { ReplicaView } from '../core/replica.js';
import type { Guarantee } from '../core/session.js';
import type { ModeProfile } from '../protocols/catalog.js';
import type { NodeStatus } from '../runtime/links/client-frames.js';
import type { RequestSource } from '../runtime/request-queue.js';
import type { Words } from './parser.js';
import type { ReplyWriter, RespReply } from './replies.js';

export interface RespNode {
  readonly node: NodeId;
  /** The cluster's name, and its nodes' now. */
  readonly cluster: string;
  nodes(): readonly NodeId[];
  readonly mode: ModeProfile;
  readonly modeOptions: Readonly<Record<string, unknown>>;
  /** What is acknowledged is on disk. */
  readonly isDurable: boolean;
  /** Of kvx. */
  readonly version: string;
  /** What clients must say first; `null`: nothing. */
  readonly password: string | null;
  /** Where it listens for RESP clients, and how many there may be. */
  readonly port: number;
  readonly clientsMax: number;
  readonly timing: Timing;
  /** Milliseconds since 1970. */
  wallClock(): Millis;
  readonly startedAt: Millis;
  /** A client's own way to this very node. */
  connect(source: RequestSource): NodeConnection;
  /**
   * From now on gets of this client return the stalest that their level and session allow, or anything else that they allow,
   * chosen by the seed; `null`: what they find, whatever the cluster says.
   */
  readWorst(source: RequestSource, seed: number | null): void;
  view(): ReplicaView;
  status(): NodeStatus;
  /** A connection to any node, this one too, that all clients share. Rejects with a definite `unavailable`. */
  reach(node: NodeId): Promise<NodeConnection>;
  /** All nodes of the cluster, this one among them. */
  endpoints(): readonly Endpoint[];
  /** Since it started. */
  readonly counts: { clients: number; commands: number };
  /** What its process uses now. */
  usage(): ProcessUsage;
  /** Those that are open, in the order in which they came. */
  clients(): Iterable<RespClient>;
  readonly sessions: RespSessions;
  /**
   * Does what these words do on the command line, such as `fault partition n1/n2,n3`, for whom the list of faults is to name;
   * what it prints. Rejects with a `KvxError`.
   */
  perform(words: readonly string[], by: string): Promise<string>;
}

/** Those of the cluster, by name. */
export interface RespSessions {
  /** Begun if there is none; `guarantees` of `null`: its own. To be left once for each time. Throws a `KvxError`. */
  take(name: string, guarantees: readonly Guarantee[] | null): Session;
  /** When it resolves, what the session has seen is kept for whoever takes it next. */
  leave(name: string): Promise<void>;
}

export interface ProcessUsage {
  readonly pid: number;
  readonly platform: string;
  /** Of the process, and of what is alive in this node's own heap. */
  readonly residentBytes: number;
  readonly heapBytes: number;
  readonly userSeconds: number;
  readonly systemSeconds: number;
}

/** What clients have queued between MULTI and EXEC. */
export interface QueuedCommands {
  readonly commands: { readonly command: Command; readonly words: Words }[];
  bytes: number;
  /** A command could not be queued: EXEC will do nothing. */
  hasFailed: boolean;
}

/** One client, as its commands see and change it. */
export interface RespClient {
  readonly id: number;
  readonly node: RespNode;
  /** Where it is, as `127.0.0.1:4711`. */
  readonly address: string;
  /** Which of the node's addresses it came to, likewise. */
  readonly localAddress: string;
  /** Milliseconds since 1970. */
  readonly startedAt: Millis;
  /** Through which its commands become operations of this node. */
  readonly client: Client;
  readonly source: RequestSource;
  readonly writer: ReplyWriter;
  /** Set by CLIENT SETNAME and HELLO; empty: none. */
  name: string;
  /** What its library is and which version, as CLIENT SETINFO has said. */
  library: readonly [name: string, version: string];
  isTrusted: boolean;
  /** By CLIENT REPLY. `skip next`: not yet the reply of the command that said so. */
  replies: 'on' | 'off' | 'skip next' | 'skip';
  /** `null`: the cluster's own. */
  level: Level | null;
  /** All that it has had. */
  readonly levelsUsed: Set<Level | null>;
  session: Session | null;
  sessionName: string | null;
  /** The name of its last command; and when that came, by the node's timing. */
  lastCommand: string;
  lastCommandAt: Millis;
  /** `null`: not between MULTI and EXEC. */
  transaction: QueuedCommands | null;
  /** Values that were looked at by WATCH. */
  readonly watched: Map<Key, Uint8Array | null>;
  /** Commands that have come and are not answered. */
  readonly waitingCount: number;
  /** Takes nothing more; closes when all before is answered. */
  end(): void;
  /** Closes at once: what is under way is not answered. */
  kill(): void;
}

/** What is wrong with a command; the text is the whole error reply, code and all. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

/** Values of keys as a command finds and leaves them; `null` is absence. */
export interface Values {
  get(key: Key): Uint8Array | null;
  set(key: Key, value: Uint8Array | null): void;
}

interface CommandHead {
  /** In capitals. */
  readonly name: string;
  /** So many words, the name among them; negative: at least so many. As Redis counts. */
  readonly arity: number;
  /** As in Redis' own table, for COMMAND. */
  readonly flags: readonly string[];
  /** Which words are keys: first, last (negative: from the end) and step; all 0: none. As in Redis' own table. */
  readonly keys: readonly [first: number, last: number, step: number];
  readonly group:
    | 'string'
    | 'generic'
    | 'connection'
    | 'server'
    | 'transactions'
    | 'cluster'
    | 'kvx';
  readonly summary: string;
  /** Of those whose second word says what is to be done. */
  readonly subcommands?: readonly Subcommand[];
}

/** `SETNAME` of `CLIENT SETNAME name`. */
export interface Subcommand {
  readonly name: string;
  /** The name of the command counts. */
  readonly arity: number;
  readonly flags: readonly string[];
  /** Its arguments, for HELP. */
  readonly takes?: string;
  readonly summary: string;
  run(words: Words, client: RespClient): RespReply | Promise<RespReply>;
}

/** Reads and writes values of keys that its words name. */
export interface DataCommand extends CommandHead {
  readonly kind: 'data';
  /**
   * The one operation that is the whole command; `null`: there is none for such words. Throws {@link CommandError}.
   */
  single?(words: Words): DataOperation | null;
  /** What is said of the result of `single`, unless that is an error. */
  answer?(result: ClientResult, words: Words): RespReply;
  /**
   * What it does to values it finds: for commands that read before they write, and within MULTI. Called again with other
   * values when these have changed meanwhile. Throws {@link CommandError}.
   */
  apply(words: Words, values: Values): RespReply;
}

/** Everything else. */
export interface PlainCommand extends CommandHead {
  readonly kind: 'plain';
  /** Waits until all before it are answered, and those after it wait for it. */
  readonly isAlone?: boolean;
  /** Is done at once between MULTI and EXEC, too. */
  readonly isNeverQueued?: boolean;
  /** Is done before the password has been given, too. */
  readonly isForStrangers?: boolean;
  run(words: Words, client: RespClient): RespReply | Promise<RespReply>;
}

export type Command = DataCommand | PlainCommand;

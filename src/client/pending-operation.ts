import { type ErrorCode, KvxError } from '../core/errors.js';
import type { Millis, NodeId } from '../core/ids.js';
import type {
  ClientResult,
  KeyOperation,
  Level,
  Operation,
  SessionFloor,
  SessionStamp,
} from '../core/operation.js';
import { badRequest, type ErrorResult, errorResult } from '../core/results.js';
import type { SessionSupport } from '../core/session.js';
import type { ClientRecord, RecordedCall } from '../history/recorder/recorder.js';
import { Attempts, type Retry, shareOf } from './attempts.js';
import type { Connections, ConnectionWaiter } from './connections.js';
import type { Endpoint, NodeConnection, Requester, RequestOptions, Timing } from './endpoint.js';
import { noneReached } from './lost.js';
import type { Session } from './session.js';

/** Overrides for one operation. */
export interface OperationOptions {
  /** `null`: the cluster's own. */
  readonly level?: Level | null;
  readonly timeoutMs?: Millis;
  /** For one attempt. */
  readonly attemptMs?: Millis;
  readonly retry?: Retry;
  /** Through this node and no other. */
  readonly node?: NodeId;
  /** Instead of where the client begins: with this endpoint (0, 1, 2, … around the list). */
  readonly start?: number;
  /** `null`: part of no session. */
  readonly session?: Session | null;
}

/** Whom a client tells what came of operations. `T` says which. */
export interface OperationSink<T> {
  /** Called once for each, perhaps before the call that asked has returned. `node` is `null` when none was reached. */
  settled(token: T, result: ClientResult, node: NodeId | null): void;
  /** An attempt failed, and another one is safe: whether it is to follow. Absent: yes. */
  triesAgain?(token: T, result: ErrorResult): boolean;
}

/** What all operations of a client have in common. */
export interface ClientContext {
  readonly timing: Timing;
  readonly connections: Connections;
  readonly start: number;
  readonly followsLeader: boolean;
  readonly level: Level | null;
  readonly timeoutMs: Millis;
  readonly attemptMs: Millis | null;
  readonly retry: Retry;
  readonly exactlyOnce: boolean;
  readonly session: Session | null;
  readonly sessionSupport: SessionSupport;
  readonly record: ClientRecord | null;
  /** Operations between two attempts; they go on at once when the client is closed. */
  readonly pausing: Set<{ resume(): void }>;
  isClosed: boolean;
  readonly endpoints: () => readonly Endpoint[];
  /** To the one endpoint, which need not be looked for; `null`: there is none that is always open. */
  readonly direct: NodeConnection | null;
  /** Why this node is not to be asked; `null` when it may be. */
  readonly problemWith: (node: NodeId) => string | null;
  /** Numbers a command where the mode remembers what became of it. */
  readonly stampFor: (operation: Operation) => SessionStamp | null;
}

/** Absences are confirmed by one read more; while nodes are away nobody wants to wait long for it. */
const confirmMsMax: Millis = 1_000;

const none: readonly never[] = [];

/** What a node says, or does not, that others might do better than it. */
const failedToAnswer: readonly ErrorCode[] = ['timeout', 'disconnected', 'unavailable'];

/**
 * One operation from asking to its result: a state machine that answers and timers drive. It makes no promises and, unless
 * an attempt fails, sets no timer of its own.
 *
 *     attempt ──► next node of the turn ──► connect, if need be ──► ask ──► answer ──► settled
 *        ▲             ▲    ▲                     │                          │  ▲
 *        │             │    └── can't be reached ─┘                          │  └─► confirm an absence
 *        │             └── behind the session, or it was never sent ◄────────┤
 *        └── pause ◄── failed, another attempt is safe, and there is time ◄──┘
 *
 * Which failures are worth another attempt is said by {@link Attempts}, which answers are behind the session by
 * {@link Session}.
 */
export class PendingOperation<T> implements Requester, ConnectionWaiter, RequestOptions {
  /** What nodes are told, see {@link RequestOptions}. */
  readonly level: Level | null;
  readonly floor: SessionFloor | null;
  session: SessionStamp | null;
  timeoutMs: Millis;

  readonly #context: ClientContext;
  readonly #operation: Operation;
  readonly #options: OperationOptions;
  readonly #sink: OperationSink<T>;
  readonly #token: T;
  readonly #call: RecordedCall | null;
  readonly #beganAt: Millis;
  readonly #deadline: Millis;
  readonly #session: Session | null;
  /** `null` until one has failed. */
  #attempts: Attempts | null = null;
  #cancelPause: (() => void) | null = null;

  // Of the attempt under way:
  #until: Millis = 0;
  #endpoints: readonly Endpoint[] = none;
  /** It is asked before those in turn; `null`: nobody is. */
  #leader: Endpoint | null = null;
  /** The place of the one that is asked first, and how many have been tried since. */
  #first: number;
  #tried = 0;
  /** Why nodes could not be reached. */
  #problems: readonly string[] = none;
  #behind: readonly NodeId[] = none;
  #connection: NodeConnection | null = null;
  /** Waits for the absence that it tells of to be confirmed. */
  #unconfirmed: ClientResult | null = null;

  constructor(
    context: ClientContext,
    operation: Operation,
    options: OperationOptions,
    sink: OperationSink<T>,
    token: T,
  ) {
    const {
      level,
      timeoutMs = context.timeoutMs,
      session = context.session,
      start = context.start,
    } = options;
    this.#context = context;
    this.#operation = operation;
    this.#options = options;
    this.#sink = sink;
    this.#token = token;
    this.level = level === undefined ? context.level : level;
    this.#call = context.record === null ? null : context.record.invoke(operation, this.level);
    this.#beganAt = context.timing.now();
    this.#deadline = this.#beganAt + timeoutMs;
    this.#session = session;
    this.floor = session === null ? null : session.floorOf(operation);
    this.session = context.stampFor(operation);
    this.timeoutMs = timeoutMs;
    this.#first = start;
  }

  begin(): void {
    const { sessionSupport } = this.#context;
    const problem = this.#session?.problemWith(this.#operation, sessionSupport) ?? null;
    if (problem !== null) this.#settle(badRequest(problem), null);
    else this.#attempt(this.#beganAt);
  }

  /** Ends the pause before another attempt. */
  resume(): void {
    this.#cancelPause?.();
    this.#context.pausing.delete(this);
    this.#attempt(this.#context.timing.now());
  }

  connected(outcome: NodeConnection | KvxError): void {
    const { timing, connections } = this.#context;
    if (!(outcome instanceof KvxError)) return this.#ask(outcome, timing.now());
    connections.leader.failed(this.#endpointAt(this.#tried - 1).node, timing.now());
    this.#unreached(outcome.message);
  }

  answered(result: ClientResult): void {
    const { node, isOpen } = this.#connection as NodeConnection;
    const unconfirmed = this.#unconfirmed;
    if (unconfirmed !== null) {
      this.#unconfirmed = null;
      if (this.#session?.confirms(this.#operation as KeyOperation, result))
        this.#attempted(unconfirmed, node);
      else this.#passOver(node);
    } else if (!isOpen && wasNeverSent(result)) this.#unreached(result.message);
    else if (this.#session === null) this.#attempted(result, node);
    else this.#judge(this.#session, result, node);
  }

  #attempt(now: Millis): void {
    const { endpoints, direct, isClosed } = this.#context;
    const { node } = this.#options;
    const all = endpoints();
    this.#endpoints = node === undefined ? all : all.filter((each) => each.node === node);
    this.#until = Math.min(this.#deadline, now + this.#shareMs());
    this.#leader = this.#context.followsLeader ? this.#knownLeader(now) : null;
    this.#tried = this.#leader === null ? 0 : -1;
    this.#problems = none;
    this.#behind = none;
    if (direct === null || isClosed) return this.#askNext(now);
    this.#tried = 1;
    this.#ask(direct, now);
  }

  #askNext(now: Millis): void {
    const { connections, problemWith } = this.#context;
    this.#connection = null;
    while (this.#tried < this.#endpoints.length) {
      const leftMs = this.#until - now;
      if (leftMs <= 0) break;
      const endpoint = this.#endpointAt(this.#tried);
      this.#tried += 1;
      if (endpoint === this.#leader && this.#tried > 0) continue;
      const problem = problemWith(endpoint.node);
      if (problem === null) {
        const connection = connections.to(endpoint.node);
        if (connection === null) connections.connect(endpoint, leftMs, this);
        else this.#ask(connection, now);
        return;
      }
      this.#problems = [...this.#problems, problem];
    }
    this.#noneLeft();
  }

  #knownLeader(now: Millis): Endpoint | null {
    if (this.#options.start !== undefined) return null;
    const leader = this.#context.connections.leader.toAsk(now);
    for (const endpoint of this.#endpoints) if (endpoint.node === leader) return endpoint;
    return null;
  }

  /** Turn -1 is the leader's. */
  #endpointAt(turn: number): Endpoint {
    if (turn < 0) return this.#leader as Endpoint;
    return this.#endpoints[(this.#first + turn) % this.#endpoints.length] as Endpoint;
  }

  #ask(connection: NodeConnection, now: Millis): void {
    this.#connection = connection;
    this.timeoutMs = Math.max(1, this.#until - now);
    connection.request(this.#operation, this, this);
  }

  #unreached(problem: string): void {
    this.#problems = [...this.#problems, problem];
    this.#askNext(this.#context.timing.now());
  }

  #passOver(node: NodeId): void {
    this.#behind = [...this.#behind, node];
    this.#askNext(this.#context.timing.now());
  }

  #noneLeft(): void {
    const behind = this.#behind;
    const last = behind[behind.length - 1];
    if (last !== undefined) return this.#attempted(allBehind(behind), last);
    const tried = this.#endpoints.map((_, at) => this.#endpointAt(at).node);
    this.#attempted(noneReached(tried, this.#problems), null);
  }

  #judge(session: Session, result: ClientResult, node: NodeId): void {
    const { timing, sessionSupport } = this.#context;
    switch (session.judge(this.#operation, result, sessionSupport)) {
      case 'fits':
        return this.#attempted(result, node);
      case 'behind':
        return this.#passOver(node);
      case 'unclear': {
        this.#unconfirmed = result;
        const leftMs = Math.min(this.#until - timing.now(), confirmMsMax);
        const { key } = this.#operation as KeyOperation;
        const options = { level: sessionSupport.confirmAt, session: null, floor: null };
        const timeoutMs = Math.max(1, leftMs);
        this.#connection?.request({ type: 'get', key }, { ...options, timeoutMs }, this);
      }
    }
  }

  #attempted(result: ClientResult, node: NodeId | null): void {
    if (result.type !== 'error') {
      const { direct, connections } = this.#context;
      if (node !== null && direct === null) connections.leader.answered(node);
      return this.#settle(result, node);
    }
    const { timing, connections, exactlyOnce, isClosed, pausing } = this.#context;
    if (node !== null && failedToAnswer.includes(result.code)) {
      connections.leader.failed(node, timing.now());
    }
    const { retry = this.#context.retry, timeoutMs = this.#context.timeoutMs } = this.#options;
    this.#attempts ??= new Attempts(this.#operation, exactlyOnce, retry);
    const attempts = this.#attempts;
    const verdict = attempts.judge(result, node !== null);
    const pauseMs = attempts.pauseMs(timing.random());
    const hasTime = attempts.hasTime(this.#deadline - timing.now() - pauseMs, timeoutMs);
    const isOver = verdict === 'final' || !hasTime || isClosed;
    if (isOver || this.#sink.triesAgain?.(this.#token, result) === false) {
      return this.#settle(attempts.conclude(result), node);
    }
    if (verdict === 'again') {
      this.#first = this.#endpoints.findIndex((endpoint) => endpoint.node === node) + 1;
    } else {
      // A sequence number names one answer for good: what is to be judged anew needs a new number.
      this.session = this.#context.stampFor(this.#operation);
    }
    pausing.add(this);
    this.#cancelPause = timing.after(pauseMs, () => this.resume());
  }

  #settle(result: ClientResult, node: NodeId | null): void {
    this.#session?.saw(this.#operation, result);
    this.#call?.end(result, node);
    this.#sink.settled(this.#token, result, node);
  }

  /** How much of the time that is left one attempt may take. */
  #shareMs(): Millis {
    const { exactlyOnce } = this.#context;
    const { attemptMs = this.#context.attemptMs, timeoutMs = this.#context.timeoutMs } =
      this.#options;
    if (attemptMs !== null) return attemptMs;
    return exactlyOnce ? shareOf(timeoutMs) : Number.POSITIVE_INFINITY;
  }
}

/** The connection was gone before the request could leave: the one failure that another node may mend. */
function wasNeverSent(result: ClientResult): result is ErrorResult {
  return result.type === 'error' && result.code === 'unavailable' && result.definite;
}

function allBehind(nodes: readonly NodeId[]): ClientResult {
  const are = nodes.length === 1 ? 'is' : 'are';
  const message = `${nodes.join(', ')} ${are} behind what this session has seen (ERR_DEP)`;
  return errorResult('behind', true, message);
}

import type { Decision } from '../core/decision.js';
import type { Millis, NodeId, RequestId } from '../core/ids.js';
import type { ClientResult } from '../core/operation.js';
import type { ProtocolEvent } from '../core/protocol-event.js';
import type { Random } from '../core/random.js';
import type { Context, ProtocolTypes } from '../core/replica.js';
import { TurnOutput } from './outbox.js';
import type { Clock, Journal } from './ports.js';
import type { Timers } from './timers.js';

const timerDelayMsMin = 0.001;

/** Of a `NodeSetup` what a context needs. */
interface TurnSetup<P extends ProtocolTypes> {
  readonly self: NodeId;
  readonly nodes: readonly NodeId[];
  readonly random: Random;
  readonly clock: Pick<Clock, 'now' | 'wallClock'>;
  readonly journal: Pick<Journal<P['record']>, 'append'>;
  readonly onDecision?: (decision: Decision) => void;
  readonly onEvent?: (event: ProtocolEvent) => void;
}

/** The context handed to the replica: gathers what a turn says should happen. */
export class TurnContext<P extends ProtocolTypes> implements Context<P> {
  readonly self: NodeId;
  readonly random: Random;
  readonly decide: Context<P>['decide'];
  failRate: number | null = null;
  now: Millis = 0;
  #wallClock: Millis | null = null;
  readonly #setup: TurnSetup<P>;
  readonly #timers: Timers<P['timer']>;
  /** Made when first asked for: a protocol for thousands of nodes samples its setup's `nodes`, which all share. */
  #peers: readonly NodeId[] | null = null;
  /** What the turn sends at once. */
  unsynced = new TurnOutput<P['message']>();
  output = new TurnOutput<P['message']>();

  constructor(setup: TurnSetup<P>, timers: Timers<P['timer']>) {
    this.self = setup.self;
    this.random = setup.random;
    this.#setup = setup;
    this.#timers = timers;
    if (setup.onDecision !== undefined) {
      this.decide = (subject, value, show) => this.output.decide(subject, value, show);
    }
  }

  get peers(): readonly NodeId[] {
    const { self, nodes } = this.#setup;
    this.#peers ??= nodes.filter((node) => node !== self);
    return this.#peers;
  }

  begin(): void {
    this.now = this.#setup.clock.now();
    this.#wallClock = null;
  }

  /** Looked at once in a turn, and only in one that asks. */
  get wallClock(): Millis {
    this.#wallClock ??= this.#setup.clock.wallClock();
    return this.#wallClock;
  }

  persist(record: P['record']): void {
    this.#setup.journal.append(record);
  }

  send(to: NodeId, message: P['message']): void {
    this.output.send(to, message);
  }

  sendUnsynced(to: NodeId, message: P['message']): void {
    this.unsynced.send(to, message);
  }

  reply(request: RequestId, result: ClientResult): void {
    this.output.reply(request, result);
  }

  replyUnsynced(request: RequestId, result: ClientResult): void {
    this.unsynced.reply(request, result);
  }

  setTimer(timer: P['timer'], after: Millis): void {
    // Strictly later than now: a timer never fires in the turn that sets it, or the turn might not end.
    this.#timers.set(timer, this.now + Math.max(after, timerDelayMsMin));
  }

  cancelTimer(timer: P['timer']): void {
    this.#timers.cancel(timer);
  }

  tell(event: ProtocolEvent): void {
    this.#setup.onEvent?.(event);
  }
}

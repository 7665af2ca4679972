/**
 * Which requests of clients a turn takes, and when: so that one greedy connection neither starves the others nor fills
 * the memory of all nodes.
 *
 * **Fair turns.** Each connection is a {@link RequestSource} with its own queue. They take turns by deficit round robin
 * (Shreedhar & Varghese, Efficient Fair Queueing using Deficit Round Robin, SIGCOMM 1995): in each round a source may
 * spend one quantum, and what it did not spend it keeps while it has something waiting. A request costs its bytes, those
 * of the answer it will bring, and something for itself.
 *
 * **Bytes under way.** What has begun will be held in memory by this node, its peers and its journal until it is
 * answered. So requests begin only while those under way, of the node and of the connection, are within bounds; the
 * others wait, and the connection is not read meanwhile. How large the answer of a read will be is known where this node
 * holds the key itself. Elsewhere as much is expected as the connection's last such answers had, and few of them are
 * under way at once.
 */
import type { Millis, RequestId } from '../core/ids.js';
import type { Key } from '../core/key.js';
import { connectionLimits, requestLimits } from '../core/limits.js';
import type { ClientRequest, ClientResult, Operation } from '../core/operation.js';
import { operationBytes, resultBytes } from '../core/operation-bytes.js';
import type { Random } from '../core/random.js';
import { TransientMap } from '../core/transient.js';
import { Fifo } from './fifo.js';

/** What a source may spend in one round: many small requests, a part of a large one. */
const quantumBytes = 32 * 1024;
/** What a request costs however small it is. */
const requestCost = 512;
/** At first nothing is known of the answers' sizes: a few reads show. */
const answerBytesAtFirst = 256 * 1024;
/** A request that has waited for less is handed on as it came. */
const waitedMsMin = 5;

/** Who asked, where no wire is between. */
export interface AnswerTaker {
  answered(result: ClientResult): void;
}

/** A request, and whom its answer is for. */
export interface QueuedRequest {
  readonly request: ClientRequest;
  readonly source: RequestSource;
  /** The client's own name for it; or who is told of its answer, instead of the source. */
  readonly name: number | AnswerTaker;
}

export function tell({ source, name }: QueuedRequest, result: ClientResult): void {
  if (typeof name === 'number') source.onAnswer(name, result);
  else name.answered(result);
}

/** Hears of each request that has its answer, and how long after its arrival; must not throw. */
export type AnswerObserver = (request: ClientRequest, result: ClientResult, tookMs: Millis) => void;

/** It waits, then is under way. */
interface Entry extends QueuedRequest {
  readonly arrivedAt: Millis;
  /** Its own; with those of its answer once it is under way. */
  bytes: number;
  /** How large its answer will be is a guess. */
  isUnknown: boolean;
}

/** One client's connection, as far as turns go. */
export class RequestSource {
  /** Answers that its client has not read yet; whoever sends them keeps this right. */
  bytesUnread = 0;
  bytesWaiting = 0;
  underWay = 0;
  bytesUnderWay = 0;
  deficit = 0;
  /** What an answer of unknown size is expected to take. */
  answerBytes = answerBytesAtFirst;
  readonly waiting = new Fifo<Entry>();
  /** Some of what waited has begun, or was refused. */
  onTaken: () => void = () => {};
  /** Chooses what its reads return ({@link WorstReads}); `null`: what they find, `undefined`: as the node has it. */
  worst: Random | null | undefined;
  /** Takes the answer to each request, by the client's own name for it. */
  onAnswer: (name: number, result: ClientResult) => void = () => {};

  /** Nothing more should be read from it for now. */
  get isFull(): boolean {
    const { waitingMax, bytesWaitingMax } = connectionLimits;
    return this.waiting.length >= waitingMax || this.bytesWaiting >= bytesWaitingMax;
  }

  get mayBegin(): boolean {
    const { underWayMax, bytesUnderWayMax } = connectionLimits;
    return this.underWay < underWayMax && this.bytesUnderWay + this.bytesUnread < bytesUnderWayMax;
  }
}

/** What one turn takes. */
export interface TurnShare {
  readonly now: Millis;
  readonly inputsMax: number;
  readonly bytesMax: number;
  /** Peers take in too little: no large request begins, or none at all. */
  readonly links: 'free' | 'slow' | 'stopped';
}

/** What became of a waiting request. */
export interface Taker {
  begin(request: ClientRequest, source: RequestSource): void;
  /** It has waited for longer than its client does. Nothing was done. */
  tooLate(asked: QueuedRequest): void;
}

export class RequestQueue {
  /** The size of a key's value here; `null` when the key is not held here. */
  readonly #bytesHeld: (key: Key) => number | null;
  readonly #observe: AnswerObserver | undefined;
  /** Sources with something waiting; the first is the next to be served. */
  #ring = new Fifo<RequestSource>();
  readonly #underWay = new TransientMap<RequestId, Entry>();
  waitingCount = 0;
  #bytesWaiting = 0;
  bytesUnderWay = 0;
  #unknownUnderWay = 0;

  constructor(bytesHeld: (key: Key) => number | null, observe?: AnswerObserver) {
    this.#bytesHeld = bytesHeld;
    this.#observe = observe;
  }

  /** False when too much waits already. */
  offer({ request, source, name }: QueuedRequest, now: Millis): boolean {
    const bytes = operationBytes(request.operation);
    const { waitingMax, bytesWaitingMax } = requestLimits;
    if (this.waitingCount >= waitingMax || this.#bytesWaiting + bytes > bytesWaitingMax)
      return false;
    if (source.waiting.length === 0) this.#ring.push(source);
    source.waiting.push({ source, name, request, arrivedAt: now, bytes, isUnknown: false });
    source.bytesWaiting += bytes;
    this.waitingCount++;
    this.#bytesWaiting += bytes;
    return true;
  }

  /** Hands out what may begin in this turn. True when more may in the next; otherwise something must be answered first. */
  take(share: TurnShare, taker: Taker): boolean {
    let inputsLeft = share.inputsMax;
    let bytesLeft = share.bytesMax;
    /** Sources visited since one could do anything. */
    let idle = 0;
    while (idle < this.#ring.length) {
      if (inputsLeft <= 0 || bytesLeft <= 0) return true;
      const source = this.#ring.shift() as RequestSource;
      source.deficit += quantumBytes;
      let isBlocked = false;
      let cost = 0;
      let taken = 0;
      while (inputsLeft > 0 && bytesLeft > 0) {
        const next = source.waiting.peek();
        if (next === undefined) break;
        const waitedMs = share.now - next.arrivedAt;
        if (waitedMs >= next.request.timeoutMs) {
          this.#leaveQueue(next);
          taker.tooLate(next);
          taken++;
          inputsLeft--;
          continue;
        }
        const answer = this.#answerBytesOf(next.request.operation, source.answerBytes);
        const bytes = next.bytes + Math.abs(answer);
        cost = bytes + requestCost;
        isBlocked = !this.#fits(source, bytes, answer < 0, share.links);
        if (isBlocked || cost > source.deficit) break;
        source.deficit -= cost;
        this.#leaveQueue(next);
        this.#enter(next, bytes, answer < 0);
        inputsLeft--;
        bytesLeft -= bytes;
        taken++;
        taker.begin(
          waitedMs < waitedMsMin ? next.request : shortened(next.request, waitedMs),
          source,
        );
      }
      // What it can't use now it must not save up, or it would use all at once later.
      if (isBlocked) source.deficit = Math.min(source.deficit, cost);
      idle = isBlocked && taken === 0 ? idle + 1 : 0;
      if (source.waiting.length === 0) source.deficit = 0;
      else this.#ring.push(source);
      if (taken > 0) source.onTaken();
    }
    return false;
  }

  get underWayCount(): number {
    return this.#underWay.size;
  }

  /** A request has its answer: who asked gets it, and others may begin. `now` is for who observes. */
  answered(id: RequestId, result: ClientResult, now: Millis = 0): void {
    const entry = this.#underWay.get(id);
    if (entry === undefined) return;
    this.#underWay.delete(id);
    const { source } = entry;
    source.underWay--;
    source.bytesUnderWay -= entry.bytes;
    this.bytesUnderWay -= entry.bytes;
    tell(entry, result);
    this.#observe?.(entry.request, result, now - entry.arrivedAt);
    if (!entry.isUnknown) return;
    this.#unknownUnderWay--;
    const bytes = resultBytes(result);
    // A large answer counts at once, and is forgotten slowly.
    if (bytes > source.answerBytes) source.answerBytes = bytes;
    else source.answerBytes -= (source.answerBytes - bytes) / 16;
  }

  #fits(
    source: RequestSource,
    bytes: number,
    isUnknown: boolean,
    links: TurnShare['links'],
  ): boolean {
    const { underWayMax, bytesUnderWayMax, unknownUnderWayMax } = requestLimits;
    if (this.#underWay.size >= underWayMax || links === 'stopped' || !source.mayBegin) return false;
    if (isUnknown && this.#unknownUnderWay >= unknownUnderWayMax) return false;
    if (bytes <= requestLimits.smallBytesMax) {
      return this.bytesUnderWay < bytesUnderWayMax + requestLimits.bytesForSmall;
    }
    // Not "would be within": the largest request would wait for ever beside a stream of smaller ones.
    return links === 'free' && this.bytesUnderWay < bytesUnderWayMax;
  }

  #enter(entry: Entry, bytes: number, isUnknown: boolean): void {
    const { source } = entry;
    entry.bytes = bytes;
    entry.isUnknown = isUnknown;
    this.#underWay.set(entry.request.id, entry);
    source.underWay++;
    source.bytesUnderWay += bytes;
    this.bytesUnderWay += bytes;
    if (isUnknown) this.#unknownUnderWay++;
  }

  #leaveQueue({ source, bytes }: Entry): void {
    source.waiting.shift();
    source.bytesWaiting -= bytes;
    this.waitingCount--;
    this.#bytesWaiting -= bytes;
  }

  /** What the answer will take; negative when that is only a guess. */
  #answerBytesOf(operation: Operation, guess: number): number {
    switch (operation.type) {
      case 'get':
      case 'insert':
      case 'update':
      case 'cas':
        return this.#bytesHeld(operation.key) ?? -guess;
      case 'txn': {
        let bytes = 0;
        let isGuess = false;
        for (const step of operation.steps) {
          if (step.type !== 'get' && step.type !== 'check') continue;
          const held = this.#bytesHeld(step.key);
          if (held === null) isGuess = true;
          else bytes += held;
        }
        return isGuess ? -(bytes + guess) : bytes;
      }
      default:
        return 0;
    }
  }
}

function shortened(request: ClientRequest, byMs: Millis): ClientRequest {
  return { ...request, timeoutMs: request.timeoutMs - byMs };
}

/**
 * Calls on their way into a history.
 *
 * A history is written in the order of time, and what an operation was is often known only from its reply: that `INCR`
 * replaced 4 by 5. So all that begins after such a call waits for it here. That is also what makes the end of a key's
 * record exact: when the reply to a call is lost and nobody can tell what it wrote, the key is judged up to the moment in
 * which that call began. What ended before can't have seen what it wrote; what was under way may have, and is said to be
 * unknown; what began later is left out. Consistency models are safety properties: what keeps to one has beginnings that do.
 */
import type { NodeId } from '../../core/ids.js';
import type { Key } from '../../core/key.js';
import type { ClientResult } from '../../core/operation.js';
import {
  type FaultListener,
  type NemesisLine,
  nemesisLine,
  type RecordedFault,
} from '../../history/faults.js';
import type { Outcome } from '../../history/history.js';
import type { EventSink, HistoryOperation } from '../../history/recorder/recorder.js';
import { Fifo } from '../../runtime/fifo.js';
import {
  asManyOperations,
  asOneOperation,
  type KeyEffect,
  type SingleOperation,
  type ToldOperation,
} from './effects.js';
import { JudgedKeys, type LogPlace } from './judged-keys.js';

/** Beginnings and ends that wait; past it the first call that has no reply is given up. */
const waitingMax = 200_000;

/** Who calls: one connection of a client. */
export interface Caller {
  /** `null`: of the record itself. */
  readonly session: string | null;
  readonly node: NodeId | null;
  /** Its processes that have nothing open. */
  readonly idle: number[];
}

interface CallSetup {
  readonly caller: Caller;
  /** The one operation that it is whatever its reply; `null`: that is not known. */
  readonly operation?: SingleOperation | null;
  /** What it writes, if that is known. */
  readonly asked?: readonly KeyEffect[] | null;
  /** Keys that nobody can judge any more when it is not known what it wrote. */
  readonly touches: readonly Key[] | 'everything';
}

interface CallEnd {
  readonly outcome: Outcome;
  /** What was seen and done at once. */
  readonly effects?: readonly KeyEffect[];
  /** What was, or would have been, written: each by itself. */
  readonly apart?: readonly KeyEffect[];
  /** What stood in the way. */
  readonly found?: KeyEffect | null;
}

interface Begun extends ToldOperation {
  readonly process: number;
}

export interface LoggedCall extends CallSetup {
  readonly place: LogPlace;
  readonly time: number;
  end: CallEnd | null;
  begun: Begun[];
}

interface CallEntry {
  readonly call: LoggedCall;
  readonly isEnd: boolean;
  readonly place: LogPlace;
  readonly time: number;
}

type Entry = CallEntry | NemesisLine;

const failedWith = (code: 'bad-request' | 'conflict'): ClientResult => ({
  ...{ type: 'error', code, definite: true, message: 'it did nothing' },
});
const definite = failedWith('bad-request');
const indefinite: ClientResult = {
  type: 'error',
  code: 'disconnected',
  definite: false,
  message: 'no answer',
};

export class CallLog implements FaultListener {
  readonly keys = new JudgedKeys();
  readonly counts = { ok: 0, fail: 0, info: 0 };
  readonly #sink: EventSink;
  /** Whole nanoseconds since the record began. */
  readonly #now: () => number;
  readonly #waiting = new Fifo<Entry>();
  /**
   * No history of transactions can tell of texts that are appended to. Which of them it tells of, the first one says: after
   * a transaction, keys that are appended to are left out; after an append, what has several keys is told key by key.
   */
  #has: 'transactions' | 'texts' | null = null;
  #place: LogPlace = 0;
  #processCount = 0;

  constructor(sink: EventSink, now: () => number) {
    this.#sink = sink;
    this.#now = now;
  }

  get operationCount(): number {
    const { ok, fail, info } = this.counts;
    return ok + fail + info;
  }

  /** To be called before a server gets the last byte of it. */
  begin(setup: CallSetup): LoggedCall {
    const [place, time] = [++this.#place, this.#now()];
    const call: LoggedCall = { ...setup, place, time, end: null, begun: [] };
    this.#waiting.push({ call, isEnd: false, place, time });
    this.#drain();
    return call;
  }

  /** All of it happened, at once. */
  happened(call: LoggedCall, effects: readonly KeyEffect[]): void {
    this.#end(call, { outcome: 'ok', effects });
  }

  /** Each of it happened, some time meanwhile. */
  happenedApart(call: LoggedCall, apart: readonly KeyEffect[]): void {
    this.#end(call, { outcome: 'ok', apart });
  }

  /** It surely did nothing, perhaps because of what it `found`. */
  failed(call: LoggedCall, apart = call.asked ?? [], found: KeyEffect | null = null): void {
    this.#end(call, { outcome: 'fail', apart, found });
  }

  /** Nobody knows whether it happened. */
  unknown(call: LoggedCall, apart = call.asked ?? null): void {
    if (apart === null) this.spoil(call, 'it is not known what was written');
    else this.#end(call, { outcome: 'info', apart });
  }

  /** It is about nothing that is judged. */
  leftOut(call: LoggedCall): void {
    this.#end(call, { outcome: 'ok' });
  }

  /** From this call on nobody can tell what its keys hold. */
  spoil(call: LoggedCall, why: string, touches = call.touches): void {
    this.keys.spoil(touches, call.place, why, call.time);
    this.leftOut(call);
  }

  /** As {@link spoil}, from now on. */
  spoilNow(touches: readonly Key[] | 'everything', why: string): void {
    this.keys.spoil(touches, ++this.#place, why, this.#now());
  }

  faultBegan(fault: RecordedFault): void {
    this.#waiting.push(nemesisLine('start', fault, this.#now()));
    this.#drain();
  }

  faultEnded(fault: RecordedFault): void {
    this.#waiting.push(nemesisLine('stop', fault, this.#now()));
    this.#drain();
  }

  /** What has no end yet has none. */
  close(): void {
    for (let first = this.#firstCall(); first !== null; first = this.#firstCall()) {
      this.unknown(first);
    }
    this.#sink.close();
  }

  #end(call: LoggedCall, end: CallEnd): void {
    if (call.end !== null) return;
    call.end = end;
    this.#waiting.push({ call, isEnd: true, place: ++this.#place, time: this.#now() });
    this.#drain();
    const first = this.#waiting.length > waitingMax ? this.#firstCall() : null;
    if (first !== null) this.unknown(first);
  }

  /** For whose reply all others wait. */
  #firstCall(): LoggedCall | null {
    const first = this.#waiting.peek();
    return first !== undefined && 'call' in first ? first.call : null;
  }

  #drain(): void {
    for (let entry = this.#waiting.peek(); entry !== undefined; entry = this.#waiting.peek()) {
      if (!('call' in entry)) {
        this.#waiting.shift();
        // As every recorder writes them: before and after.
        this.#sink.nemesis(entry);
        this.#sink.nemesis(entry);
        continue;
      }
      const { call, isEnd } = entry;
      if (!isEnd && call.end === null && !call.operation) return;
      this.#waiting.shift();
      if (isEnd) this.#writeEnd(entry);
      else this.#writeBeginning(call);
    }
  }

  #writeBeginning(call: LoggedCall): void {
    const { caller, time } = call;
    call.begun = this.#operationsOf(call).map((told) => {
      const process = caller.idle.pop() ?? this.#processCount++;
      this.#sink.invoked(process, told.operation, caller.session, time, null);
      return { ...told, process };
    });
  }

  #operationsOf(call: LoggedCall): readonly ToldOperation[] {
    const isJudged = ({ key }: { readonly key: Key }): boolean =>
      this.keys.isJudged(key, call.place);
    const { operation = null, end } = call;
    if (operation !== null) {
      return isJudged(operation) && this.#canTell(call, operation)
        ? [{ operation, result: indefinite }]
        : [];
    }
    const { outcome = 'info', effects = [], apart = [] } = end ?? {};
    const judged = effects.filter(isJudged);
    const whole = asOneOperation(judged);
    if (whole !== null) {
      return this.#canTell(call, whole.operation) ? [whole] : keyByKey(judged);
    }
    const result = outcome === 'ok' ? undefined : outcome === 'fail' ? definite : indefinite;
    return apart.filter(isJudged).flatMap((effect) => {
      const told = outcome === 'ok' ? asOneOperation([effect]) : null;
      if (told !== null) return [told];
      return asManyOperations([effect]).map((each) => ({
        operation: each,
        result: result ?? indefinite,
      }));
    });
  }

  #canTell(call: LoggedCall, operation: HistoryOperation): boolean {
    if (operation.type === 'txn') this.#has ??= 'transactions';
    if (operation.type === 'append') this.#has ??= 'texts';
    if (operation.type === 'txn') return this.#has === 'transactions';
    if (operation.type !== 'append' || this.#has === 'texts') return true;
    this.keys.spoil([operation.key], call.place, 'APPEND, in a record of transactions', call.time);
    return false;
  }

  #writeEnd({ call, place, time }: CallEntry): void {
    const { outcome } = call.end as CallEnd;
    for (const begun of call.begun) {
      // What it did it may have done after its key was spoiled.
      const isSure = keysOfOperation(begun.operation).every((key) =>
        this.keys.isJudged(key, place),
      );
      const final = isSure || outcome === 'fail' ? outcome : 'info';
      const result = final === 'info' ? indefinite : resultOf(call, begun, isSure);
      this.#sink.ended(begun.process, begun.operation, final, result, call.caller.node, time);
      this.counts[final]++;
      if (final !== 'info') call.caller.idle.push(begun.process);
    }
  }
}

function keyByKey(effects: readonly KeyEffect[]): ToldOperation[] {
  const keys = new Set(effects.map(({ key }) => key));
  return [...keys].flatMap(
    (key) => asOneOperation(effects.filter((effect) => effect.key === key)) ?? [],
  );
}

/** Of an operation that was known when it began, only the end knows what came of it. */
function resultOf(call: LoggedCall, { result }: Begun, isSure: boolean): ClientResult {
  const { outcome, effects = [], found } = call.end as CallEnd;
  if (!call.operation) return result;
  if (outcome !== 'fail') return asOneOperation(effects)?.result ?? indefinite;
  if (found?.found === undefined) return definite;
  if (!isSure || found.found === 'something') return failedWith('conflict');
  const reason = found.found === null ? 'absent' : 'exists';
  return { type: 'refused', reason, actual: found.found, version: null };
}

function keysOfOperation(operation: HistoryOperation): readonly Key[] {
  return operation.type === 'txn' ? operation.steps.map(({ key }) => key) : [operation.key];
}

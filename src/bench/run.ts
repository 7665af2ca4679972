/** One bench from beginning to end: connect, load, verify. */
import { type VerifyOptions, verifyAgreement } from '../client/agreement.js';
import { Client, type ClientOptions } from '../client/client.js';
import { Connections } from '../client/connections.js';
import type { Endpoint, Timing } from '../client/endpoint.js';
import { readFinally } from '../client/final-reads.js';
import { KvxError } from '../core/errors.js';
import type { Millis, NodeId } from '../core/ids.js';
import type { Level } from '../core/operation.js';
import { SeededRandom } from '../core/random.js';
import type { ErrorResult } from '../core/results.js';
import { openRecorder } from '../history/files/open-recorder.js';
import type { Recorder } from '../history/recorder/recorder.js';
import {
  markOf,
  multiset,
  OperationGenerator,
  type OperationSpec,
  rapidset,
  rapidsetKey,
} from '../workload/generator.js';
import { isFatal, Load, type LoadEnd } from './load.js';
import type { BenchPlan } from './plan.js';
import type { ErrorFigures, OperationFigures, Tally } from './tally.js';

export interface BenchTarget {
  readonly timing: Timing;
  /** `null`: the cluster's own. */
  readonly level: Level | null;
  /** For one operation, or one attempt of those that are tried again. */
  readonly timeoutMs: Millis;
  /** The nodes to ask. */
  readonly endpoints: readonly Endpoint[];
  /** All nodes of the cluster, to be compared at the end. */
  readonly replicas: readonly Endpoint[];
  /** Links are cut on purpose: replicas that differ will go on to. */
  readonly linksCut: boolean;
  readonly cuts?: NonNullable<VerifyOptions['cuts']>;
  /** Where to write down what clients ask and are told; `null`: nowhere. */
  readonly historyPath?: string | null;
}

/** How far it is, for the live line. */
export interface BenchProgress {
  readonly phase: 'load' | 'verify';
  readonly doneCount: number;
  readonly errorCount: number;
  /** Nodes that are waited for before replicas are compared. */
  readonly waitingFor: readonly NodeId[];
}

/** What the end of a workload promises, and whether it was so. */
export type Verification =
  | {
      readonly type: 'read-back';
      readonly passed: boolean;
      readonly expected: Uint8Array;
      /** `null`: the key is absent. */
      readonly found: Uint8Array | null;
    }
  | {
      readonly type: 'agreement';
      readonly passed: boolean;
      readonly keyCount: number;
      readonly copyCount: number;
      readonly differenceCount: number;
      readonly unreachable: readonly { readonly node: NodeId; readonly why: string }[];
      readonly unsettled: readonly NodeId[];
    };

export interface BenchReport extends Omit<LoadEnd, 'failure'> {
  readonly plan: BenchPlan;
  readonly doneCount: number;
  readonly errorCount: number;
  readonly operations: readonly OperationFigures[];
  readonly errors: readonly ErrorFigures[];
  /** What ended it before its time; `null` when nothing did, or the user. */
  readonly failure: ErrorResult | null;
  readonly interrupted: boolean;
  /** `null` when the workload promises nothing, or did not come to its end. */
  readonly verification: Verification | null;
  /** Why the history is not whole; `null` when it is, or none was asked for. */
  readonly historyFailure: KvxError | null;
}

/** How long one set of `rapidset` or `multiset` is tried again. */
const insistMs: Millis = 30_000;
const verifyMsMax: Millis = 60_000;
/** A node that is gone is not looked for more often, however many ask. */
const reconnectMs: Millis = 100;

/** Shows progress until the function that it returns is called. */
export type Watch = (progress: () => BenchProgress) => () => void;

/**
 * Throws a definite `unavailable` when no node can be reached, and `bad-request` when the mode does not take such
 * operations. When `signal` aborts, reports what was measured until then.
 */
export async function runBench(
  plan: BenchPlan,
  target: BenchTarget,
  signal: AbortSignal,
  watch: Watch = () => () => {},
): Promise<BenchReport> {
  const { historyPath = null } = target;
  const connections = new Connections(target.timing, reconnectMs);
  await connections.openAny(target.endpoints, target.timeoutMs);
  let bench: Bench | null = null;
  let recorder: Recorder | null = null;
  let unwatch = (): void => {};
  try {
    recorder = historyPath === null ? null : openRecorder(historyPath);
    const running = new Bench(plan, target, connections, recorder, signal);
    bench = running;
    unwatch = watch(() => running.progress());
    const report = await running.run();
    // What was measured is worth its report, whatever became of the history.
    return { ...report, historyFailure: recorder === null ? null : failureOfClosing(recorder) };
  } finally {
    unwatch();
    bench?.close();
    connections.close();
    if (recorder !== null) failureOfClosing(recorder);
  }
}

/** Closes it as often as one likes. */
function failureOfClosing(recorder: Recorder): KvxError | null {
  try {
    recorder.close();
    return null;
  } catch (error) {
    if (error instanceof KvxError) return error;
    throw error;
  }
}

class Bench {
  readonly #plan: BenchPlan;
  readonly #target: BenchTarget;
  readonly #clients: readonly Client[];
  readonly #signal: AbortSignal;
  readonly #generator: OperationGenerator;
  readonly #load: Load;
  /** `null`: nothing is written down. */
  readonly #recorder: Recorder | null;
  #phase: BenchProgress['phase'] = 'load';
  #waitingFor: readonly NodeId[] = [];

  constructor(
    plan: BenchPlan,
    target: BenchTarget,
    connections: Connections,
    recorder: Recorder | null,
    signal: AbortSignal,
  ) {
    const { clientCount, operationsMax, durationMs } = plan;
    this.#plan = plan;
    this.#target = target;
    this.#recorder = recorder;
    this.#signal = signal;
    const { timing, endpoints, level } = target;
    const insists = plan.workload !== 'mixed';
    const options = { timing, connections, level, ...patience(insists, target.timeoutMs) };
    this.#clients = Array.from({ length: clientCount }, (_, start) => {
      return new Client(endpoints, { ...options, start, record: recorder?.client() ?? null });
    });
    const random = new SeededRandom(plan.seed);
    const spec = specOf(plan, recorder !== null);
    this.#generator = new OperationGenerator(spec, markOf(plan.seed), random);
    this.#load = new Load(this.#clients, {
      timing,
      workload: () => this.#generator.next(),
      operationsMax,
      durationMs,
      endsOnFailure: insists,
      signal,
    });
  }

  close(): void {
    for (const client of this.#clients) client.close();
  }

  progress(): BenchProgress {
    const { doneCount, errorCount } = this.#tally;
    return { phase: this.#phase, doneCount, errorCount, waitingFor: this.#waitingFor };
  }

  async run(): Promise<Omit<BenchReport, 'historyFailure'>> {
    const { failure, ...end } = await this.#load.run();
    if (failure !== null && isFatal(failure)) throw new KvxError(failure.message, failure);
    let verification: Verification | null = null;
    let problem = failure;
    if (problem === null && !this.#signal.aborted) {
      this.#phase = 'verify';
      if (this.#recorder !== null) await this.#readFinally(this.#recorder);
      const verified = await this.#verify();
      if (verified?.type === 'error') problem = verified;
      else verification = verified;
    }
    return {
      ...end,
      plan: this.#plan,
      doneCount: this.#tally.doneCount,
      errorCount: this.#tally.errorCount,
      operations: this.#tally.operations(),
      errors: this.#tally.errors(),
      failure: problem,
      interrupted: this.#signal.aborted,
      verification,
    };
  }

  get #tally(): Tally {
    return this.#load.tally;
  }

  /** Without it, nobody could tell from the history whether the nodes came to agree. */
  async #readFinally(recorder: Recorder): Promise<void> {
    const { replicas, level, timing } = this.#target;
    await readFinally(replicas, { recorder, level, timing, signal: this.#signal });
  }

  async #verify(): Promise<Verification | ErrorResult | null> {
    try {
      switch (this.#plan.workload) {
        case 'mixed':
          return null;
        case 'rapidset':
          return await this.#readBack();
        case 'multiset':
          return await this.#compareReplicas();
      }
    } catch (error) {
      if (!(error instanceof KvxError)) throw error;
      if (this.#signal.aborted) return null;
      const { code, definite, message } = error;
      return { type: 'error', code, definite, message };
    }
  }

  async #readBack(): Promise<Verification | ErrorResult | null> {
    const [client] = this.#clients as readonly [Client];
    const reading = client.execute({ type: 'get', key: rapidsetKey });
    const answer = await Promise.race([reading, aborted(this.#signal)]);
    if (answer === null) return null;
    const { result } = answer;
    if (result.type === 'error') return result;
    const expected = this.#generator.valueOf(this.#plan.operationsMax - 1);
    const found = result.type === 'value' ? result.value : null;
    const passed = found !== null && Buffer.compare(found, expected) === 0;
    return { type: 'read-back', passed, expected, found };
  }

  async #compareReplicas(): Promise<Verification> {
    const agreement = await verifyAgreement(this.#target.replicas, {
      timing: this.#target.timing,
      timeoutMs: verifyMsMax,
      linksCut: this.#target.linksCut,
      cuts: this.#target.cuts ?? [],
      signal: this.#signal,
      onWaiting: (nodes) => {
        this.#waitingFor = nodes;
      },
    });
    const { agrees, keyCount, copyCount, differences, unreachable, unsettled } = agreement;
    return {
      type: 'agreement',
      // Replicas may also agree on having lost something.
      passed: agrees && keyCount >= this.#plan.operationsMax,
      keyCount,
      copyCount,
      differenceCount: differences.length,
      unreachable,
      unsettled,
    };
  }
}

/**
 * What fails is counted, not mended; but a set of those that are looked for at the end is tried again, as the same
 * command, for longer than any take-over or recovery lasts.
 */
function patience(insists: boolean, timeoutMs: Millis): Partial<ClientOptions> {
  if (!insists) return { retry: 'never', timeoutMs };
  const attemptMs = timeoutMs;
  return {
    retry: 'always',
    exactlyOnce: true,
    attemptMs,
    timeoutMs: Math.max(insistMs, timeoutMs),
  };
}

/** Resolves with `null` when it is; else never. */
function aborted(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(null);
    else signal.addEventListener('abort', () => resolve(null), { once: true });
  });
}

function specOf({ workload, ...plan }: BenchPlan, isRecorded: boolean): OperationSpec {
  const { operationsMax, readShare, keyCount, valueBytes } = plan;
  if (workload === 'rapidset') return rapidset(valueBytes);
  if (workload === 'multiset') return multiset(valueBytes, operationsMax);
  // A history tells nothing of what was there before it: it may read only keys that no run before has set.
  const mark = isRecorded ? `${Math.floor(Math.random() * 36 ** 6).toString(36)}-` : '';
  return {
    keys: { prefix: `key-${mark}`, first: 0, count: keyCount, skew: 1 },
    mix: { get: readShare, put: 1 - readShare },
    valueBytes,
  };
}

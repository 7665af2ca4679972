/** One bench from beginning to end: connect, load, verify. */
import type { ClientLinks } from '../client/client-links.js';
import { readFinally } from '../client/final-reads.js';
import { KvxError } from '../core/errors.js';
import type { NodeId } from '../core/ids.js';
import type { ErrorResult } from '../core/results.js';
import type { FaultListener } from '../history/faults.js';
import type { Recorder } from '../history/recorder/recorder.js';
import { wholeLoad } from '../workload/generator.js';
import type { LatencySummary } from './latencies.js';
import { isFatal, type LoadEnd } from './load.js';
import { type LoadFault, LoadFaults } from './load-faults.js';
import { beside, type Meanwhile, type MeasuredBy, MeasuredLoad } from './measured-load.js';
import { type LoadPart, LocalPart, type PartPlan, type PartSetup } from './part.js';
import type { BenchPlan } from './plan.js';
import { type LoadWindow, Results } from './results.js';
import type { ErrorFigures, OperationFigures } from './tally.js';
import { judgeThreshold, type ThresholdVerdict } from './thresholds.js';
import { type Verifiable, type Verification, verifyLoad } from './verification.js';

/** The cluster, and what is known of this machine. */
export interface BenchTarget
  extends Pick<PartSetup, 'endpoints' | 'level' | 'timeoutMs'>,
    MeasuredBy,
    Verifiable {
  /** Around `endpoints`: see {@link PartSetup}. */
  readonly links?: ClientLinks | null;
  readonly meanwhile?: Meanwhile;
  /** As a cluster's target does. */
  watchFaults(listener: FaultListener): Promise<() => void>;
  /** Writes down what clients ask and are told; closed at the end. */
  readonly recorder?: Recorder | null;
  /** So many put load on the cluster; 1: this one. */
  readonly threads?: number;
  /** Makes a part in a thread of its own; absent: there are none. */
  readonly spawn?: (plan: PartPlan, signal: AbortSignal) => LoadPart;
  readonly busyShare?: () => number;
}

/** How far it is, for the live line. */
export interface BenchProgress {
  readonly phase: 'prepare' | 'load' | 'verify';
  readonly doneCount: number;
  readonly errorCount: number;
  /** Nodes that are waited for before replicas are compared. */
  readonly waitingFor: readonly NodeId[];
}

export interface BenchReport extends Omit<LoadEnd, 'failure'> {
  readonly plan: BenchPlan;
  readonly doneCount: number;
  readonly errorCount: number;
  readonly operations: readonly OperationFigures[];
  /** Of all operations. */
  readonly latencyMs: LatencySummary | null;
  readonly faults: readonly LoadFault[];
  /** Before, during and after; empty when nothing was broken. */
  readonly windows: readonly LoadWindow[];
  readonly thresholds: readonly ThresholdVerdict[];
  readonly errors: readonly ErrorFigures[];
  /** Those that put load on the cluster: whether they were what was slow. */
  readonly generator: { readonly threads: number; readonly busyShare: number };
  /** What ended it before its time; `null` when nothing did, or the user. */
  readonly failure: ErrorResult | null;
  readonly interrupted: boolean;
  /** `null` when the workload promises nothing, or did not come to its end. */
  readonly verification: Verification | null;
  /** Why the history is not whole; `null` when it is, or none was asked for. */
  readonly historyFailure: KvxError | null;
}

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
  const { timing, meanwhile, recorder = null } = target;
  const faults = new LoadFaults(() => timing.now());
  const heard = [await target.watchFaults(faults)];
  let parts: readonly LoadPart[] = [];
  let unwatch = (): void => {};
  const results = new Results();
  let phase: BenchProgress['phase'] = 'prepare';
  let waitingFor: readonly NodeId[] = [];
  try {
    if (recorder !== null) heard.push(await target.watchFaults(recorder));
    const keyPrefix = keyPrefixOf(recorder !== null);
    const setups = setupsOf(plan, target, keyPrefix, signal);
    parts = setups.map((setup) => {
      return setups.length === 1 ? new LocalPart(setup) : spawned(target, setup, signal);
    });
    unwatch = watch(() => {
      const { doneCount, errorCount } = results.total;
      return { phase, doneCount, errorCount, waitingFor };
    });
    await Promise.all(parts.map((part) => part.prepare()));
    phase = 'load';
    const load = new MeasuredLoad(parts, results, faults, target);
    const { failure: ended, busyShare, ...end } = await beside(load, meanwhile);
    if (ended !== null && isFatal(ended)) throw new KvxError(ended.message, ended);
    let verified: Verification | ErrorResult | null = ended;
    if (ended === null && !signal.aborted) {
      phase = 'verify';
      if (recorder !== null) await endReading(target, recorder, signal);
      verified = await verifyLoad(setups[0] as PartSetup, target, (nodes) => {
        waitingFor = nodes;
      });
    }
    return {
      ...{ plan, ...end, ...figuresOf(plan, results, faults, load) },
      generator: { threads: parts.length, busyShare },
      ...{ failure: verified?.type === 'error' ? verified : null, interrupted: signal.aborted },
      verification: verified?.type === 'error' ? null : verified,
      // What was measured is worth its report, whatever became of the history.
      historyFailure: recorder === null ? null : failureOfClosing(recorder),
    };
  } finally {
    unwatch();
    for (const stop of heard) stop();
    for (const part of parts) part.close();
    if (recorder !== null) failureOfClosing(recorder);
  }
}

/** A history tells nothing of what was there before it: it may read only keys that no run before has set. */
const keyPrefixOf = (isRecorded: boolean): string => {
  const mark = isRecorded ? `${Math.floor(Math.random() * 36 ** 6).toString(36)}-` : '';
  return `key-${mark}`;
};

/** One for each thread. */
function setupsOf(
  plan: BenchPlan,
  target: BenchTarget,
  keyPrefix: string,
  signal: AbortSignal,
): PartSetup[] {
  const { timing, endpoints, links = null, level, timeoutMs, recorder = null } = target;
  const { threads = 1, busyShare = () => 0 } = target;
  const count = Math.min(threads, plan.clientCount);
  return Array.from({ length: count }, (_, index) => ({
    ...{ plan, timing, endpoints, links, level, timeoutMs, recorder, keyPrefix, signal },
    ...{ part: count === 1 ? wholeLoad : { index, count }, busyShare },
  }));
}

function spawned(target: BenchTarget, setup: PartSetup, signal: AbortSignal): LoadPart {
  const { plan, part, level, timeoutMs, keyPrefix } = setup;
  if (target.spawn === undefined) throw new Error('there are no threads');
  return target.spawn({ plan, part, level, timeoutMs, keyPrefix }, signal);
}

function figuresOf(
  { thresholds }: BenchPlan,
  results: Results,
  faults: LoadFaults,
  { beganAt, elapsedMs }: MeasuredLoad,
) {
  const { total } = results;
  const { doneCount, errorCount } = total;
  const operations = total.operations();
  const broken = faults.during(beganAt, beganAt + elapsedMs);
  const windows = results.windows(elapsedMs, broken);
  const recoveries = windows.flatMap(({ isComparable, recoverMs }) =>
    isComparable ? [recoverMs] : [],
  );
  const all = total.latencies();
  return {
    ...{ doneCount, errorCount, operations, latencyMs: all.summary(), faults: broken, windows },
    errors: total.errors(),
    thresholds: thresholds.map((threshold) => {
      const { operation } = threshold;
      const of = operations.find((each) => each.operation === operation);
      const counts = operation === null ? { doneCount, errorCount } : (of ?? noneDone);
      const latencies = operation === null ? all : total.latencies(operation);
      return judgeThreshold(threshold, { ...counts, elapsedMs, latencies }, recoveries);
    }),
  };
}

const noneDone = { doneCount: 0, errorCount: 0 };

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

/** Without it, nobody could tell from the history whether the nodes came to agree. */
async function endReading(target: BenchTarget, recorder: Recorder, signal: AbortSignal) {
  const { replicas, level, timing } = target;
  await readFinally(replicas(), { recorder, level, timing, signal });
}

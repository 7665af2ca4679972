/** One bench from beginning to end: connect, load, verify. */
import { type Agreement, type VerifyOptions, verifyAgreement } from '../client/agreement.js';
import { Client, type ClientOptions } from '../client/client.js';
import type { ClientLinks } from '../client/client-links.js';
import { Connections } from '../client/connections.js';
import type { Endpoint, Timing } from '../client/endpoint.js';
import { readFinally } from '../client/final-reads.js';
import { KvxError } from '../core/errors.js';
import type { Millis, NodeId } from '../core/ids.js';
import type { Level } from '../core/operation.js';
import { SeededRandom } from '../core/random.js';
import { type ErrorResult, errorResult, sameBytes } from '../core/results.js';
import type { FaultListener } from '../history/faults.js';
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
import type { ErrorFigures, OperationFigures } from './load.js';
import { isFatal, Load, type LoadEnd } from './load.js';
import { type LoadFault, LoadFaults } from './load-faults.js';
import type { BenchPlan } from './plan.js';

export interface BenchTarget {
  readonly timing: Timing;
  /** `null`: the cluster's own. */
  readonly level: Level | null;
  /** For one operation, or one attempt of those that are tried again. */
  readonly timeoutMs: Millis;
  /** The nodes to ask now; called for every operation. */
  endpoints(): readonly Endpoint[];
  /** Around `endpoints`: see {@link ClientOptions}. */
  readonly links?: ClientLinks | null;
  /** All nodes of the cluster, to be compared at the end. */
  replicas(): readonly Endpoint[];
  /** What goes on while there is load, until the signal is aborted. Never rejects. */
  readonly meanwhile?: (signal: AbortSignal) => Promise<void>;
  /** Links are cut on purpose: replicas that differ will go on to. */
  readonly linksCut: boolean;
  readonly cuts?: NonNullable<VerifyOptions['cuts']>;
  /** As a cluster's target does. */
  watchFaults(listener: FaultListener): Promise<() => void>;
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
  | (Omit<Agreement, 'agrees' | 'differences'> & {
      readonly type: 'agreement';
      readonly passed: boolean;
      readonly differenceCount: number;
    });

export interface BenchReport extends Omit<LoadEnd, 'failure'> {
  readonly plan: BenchPlan;
  readonly doneCount: number;
  readonly errorCount: number;
  readonly operations: readonly OperationFigures[];
  /** What was broken on purpose while the load ran. */
  readonly faults: readonly LoadFault[];
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
  const { timing, endpoints, timeoutMs, historyPath = null, meanwhile } = target;
  const connections = new Connections(timing, reconnectMs);
  await connections.openAny(endpoints(), timeoutMs);
  let recorder: Recorder | null = null;
  let clients: readonly Client[] = [];
  let unwatch = (): void => {};
  const faults = new LoadFaults(() => timing.now());
  const heard = [await target.watchFaults(faults)];
  try {
    recorder = historyPath === null ? null : openRecorder(historyPath);
    if (recorder !== null) heard.push(await target.watchFaults(recorder));
    clients = clientsOf(plan, target, connections, recorder);
    const spec = specOf(plan, recorder !== null);
    const generator = new OperationGenerator(spec, markOf(plan.seed), new SeededRandom(plan.seed));
    const load = new Load(clients, {
      ...{ timing, signal, operationsMax: plan.operationsMax, durationMs: plan.durationMs },
      workload: () => generator.next(),
      endsOnFailure: insists(plan),
    });
    const { tally } = load;
    let phase: BenchProgress['phase'] = 'load';
    let waitingFor: readonly NodeId[] = [];
    unwatch = watch(() => {
      return { phase, doneCount: tally.doneCount, errorCount: tally.errorCount, waitingFor };
    });
    const beganAt = timing.now();
    const { failure: ended, ...end } = await beside(load, meanwhile);
    const broken = faults.during(beganAt, beganAt + end.elapsedMs);
    if (ended !== null && isFatal(ended)) throw new KvxError(ended.message, ended);
    let verified: Verification | ErrorResult | null = ended;
    if (ended === null && !signal.aborted) {
      phase = 'verify';
      if (recorder !== null) await endReading(target, recorder, signal);
      const lastValue = (): Uint8Array => generator.valueOf(plan.operationsMax - 1);
      verified = await verify(plan, target, clients, lastValue, signal, (nodes) => {
        waitingFor = nodes;
      });
    }
    const failure = verified?.type === 'error' ? verified : null;
    return {
      ...{ ...end, plan, doneCount: tally.doneCount, errorCount: tally.errorCount },
      ...{ operations: tally.operations(), faults: broken, errors: tally.errors(), failure },
      interrupted: signal.aborted,
      verification: verified?.type === 'error' ? null : verified,
      // What was measured is worth its report, whatever became of the history.
      historyFailure: recorder === null ? null : failureOfClosing(recorder),
    };
  } finally {
    unwatch();
    for (const stop of heard) stop();
    for (const client of clients) client.close();
    connections.close();
    if (recorder !== null) failureOfClosing(recorder);
  }
}

/** What goes on meanwhile is over before anything is verified. */
async function beside(load: Load, meanwhile: BenchTarget['meanwhile']): Promise<LoadEnd> {
  const over = new AbortController();
  const other = meanwhile?.(over.signal);
  try {
    return await load.run();
  } finally {
    over.abort();
    await other;
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

/** What a workload sets is looked for at the end. */
const insists = ({ workload }: BenchPlan): boolean => workload !== 'mixed';

/**
 * What fails is counted, not mended; but a set of those that are looked for at the end is tried again, as the same
 * command, for longer than any take-over or recovery lasts.
 */
function clientsOf(
  plan: BenchPlan,
  { timing, endpoints, links = null, level, timeoutMs: attemptMs }: BenchTarget,
  connections: Connections,
  recorder: Recorder | null,
): Client[] {
  const patience: Partial<ClientOptions> = insists(plan)
    ? { retry: 'always', exactlyOnce: true, attemptMs, timeoutMs: Math.max(insistMs, attemptMs) }
    : { retry: 'never', timeoutMs: attemptMs };
  return Array.from({ length: plan.clientCount }, (_, start) => {
    const record = recorder?.client() ?? null;
    return new Client(endpoints, { timing, links, connections, level, ...patience, start, record });
  });
}

/** Without it, nobody could tell from the history whether the nodes came to agree. */
async function endReading(target: BenchTarget, recorder: Recorder, signal: AbortSignal) {
  const { replicas, level, timing } = target;
  await readFinally(replicas(), { recorder, level, timing, signal });
}

async function verify(
  { workload, operationsMax }: BenchPlan,
  target: BenchTarget,
  [client]: readonly Client[],
  lastValue: () => Uint8Array,
  signal: AbortSignal,
  onWaiting: (nodes: readonly NodeId[]) => void,
): Promise<Verification | ErrorResult | null> {
  if (workload === 'mixed' || client === undefined) return null;
  try {
    if (workload === 'rapidset') return await readBack(client, lastValue(), signal);
    const { replicas, timing, linksCut, cuts = [] } = target;
    const how = { timing, timeoutMs: verifyMsMax, linksCut, cuts, signal, onWaiting };
    const { agrees, differences, ...compared } = await verifyAgreement(replicas(), how);
    // Replicas may also agree on having lost something.
    const passed = agrees && compared.keyCount >= operationsMax;
    return { type: 'agreement', passed, ...compared, differenceCount: differences.length };
  } catch (error) {
    if (!(error instanceof KvxError)) throw error;
    if (signal.aborted) return null;
    return errorResult(error.code, error.definite, error.message);
  }
}

async function readBack(
  client: Client,
  expected: Uint8Array,
  signal: AbortSignal,
): Promise<Verification | ErrorResult | null> {
  const aborted = new Promise<null>((resolve) => {
    signal.addEventListener('abort', () => resolve(null), { once: true });
  });
  const reading = client.execute({ type: 'get', key: rapidsetKey });
  const answer = await Promise.race([reading, aborted]);
  if (answer === null) return null;
  const { result } = answer;
  if (result.type === 'error') return result;
  const found = result.type === 'value' ? result.value : null;
  return { type: 'read-back', passed: sameBytes(expected, found), expected, found };
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

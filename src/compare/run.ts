/** One of those that are compared, from its start to what its history shows. */

import type { LatencySummary } from '../bench/latencies.js';
import { Load } from '../bench/load.js';
import { type ErrorFigures, Tally } from '../bench/tally.js';
import { check } from '../check/check.js';
import type { CheckReport, Staleness } from '../check/report.js';
import { Client } from '../client/client.js';
import { ClientLinks } from '../client/client-links.js';
import { Connections } from '../client/connections.js';
import { readFinally } from '../client/final-reads.js';
import type { ClusterSpec } from '../config/spec.js';
import { interrupted } from '../core/errors.js';
import type { Millis } from '../core/ids.js';
import { SeededRandom } from '../core/random.js';
import { KeptHistory } from '../explore/kept-history.js';
import { selectOperations } from '../history/columns.js';
import type { FaultSpan } from '../history/faults.js';
import type { History } from '../history/history.js';
import { Recorder } from '../history/recorder/recorder.js';
import type { NodeCounts, Target } from '../targets/target.js';
import { OperationGenerator } from '../workload/generator.js';
import type { Contender } from './contenders.js';
import { breakDuring, type Faults, mend } from './faults.js';
import {
  availabilityIn,
  type Loaded,
  latenciesOf,
  phasesOf,
  type WriteFigures,
  writeFigures,
} from './figures.js';
import { type LoadPlan, operationsIn } from './plan.js';
import { type Promised, promisedOf } from './promised.js';

/** What is known of one mode, with its options, after its run. */
export interface Compared {
  readonly label: string;
  readonly mode: string;
  readonly asked: number;
  readonly answered: number;
  readonly errors: readonly ErrorFigures[];
  /** Shares of the clients' time; `null`: there was no such time. */
  readonly availability: {
    readonly before: number | null;
    readonly during: number | null;
    readonly after: number | null;
  };
  readonly latencyMs: LatencySummary | null;
  /** `null`: no read was stale. */
  readonly staleness: Staleness | null;
  readonly writes: WriteFigures;
  readonly report: CheckReport;
  readonly promised: Promised;
  /** For each operation that was asked; `null`: real nodes were killed meanwhile, or did not say. */
  readonly perOperation: NodeCounts | null;
  readonly faults: readonly FaultSpan[];
  readonly scriptProblem: string | null;
  readonly history: History;
}

export interface CompareSetup {
  readonly contender: Contender;
  readonly target: Target;
  readonly plan: LoadPlan;
  readonly faults: Faults;
  readonly signal: AbortSignal;
  /** Now and then: how far it is. */
  readonly onBegin?: (tally: Tally) => void;
}

/** Starts the cluster, breaks it under load, mends it and has it judged. The target is its owner's to close. */
export async function runContender(setup: CompareSetup): Promise<Compared> {
  const { contender, target, plan, signal } = setup;
  const { label, spec } = contender;
  await target.up(spec);
  const { timing } = target;
  const kept = new KeptHistory();
  const recorder = new Recorder({ sink: kept, now: () => timing.now() });
  const beganAt = timing.now();
  const unwatch = await target.watchFaults(recorder);
  const before = await target.counts();
  const loadFrom = timing.now();
  const { tally, scriptProblem } = await runLoad(setup, recorder);
  const nanos = (at: Millis): number => (at - beganAt) * 1e6;
  // What is under way when the time is over comes to its end, and no more is asked.
  const window = {
    from: nanos(loadFrom),
    to: nanos(Math.min(timing.now(), loadFrom + plan.durationMs)),
  };
  const after = await target.counts();
  await mend(target, signal);
  unwatch();
  await readFinally(target.endpoints(), { recorder, timing, signal });
  if (signal.aborted) throw interrupted();
  recorder.close();
  const history = kept.history();
  const { clientCount, everyMs } = plan;
  const loaded = { history, load: window, clientCount, everyNs: everyMs * 1e6 };
  const { doneCount, errorCount } = tally;
  const asked = doneCount + errorCount;
  return {
    ...{ label, mode: spec.mode, asked, answered: doneCount, errors: tally.errors() },
    availability: availabilityOf(loaded),
    latencyMs: latenciesOf(loaded),
    ...(await judged(loaded, kept, spec)),
    writes: writeFigures(loaded),
    perOperation: countsOutlive(target, history) ? perOperation(before, after, asked) : null,
    faults: history.faults,
    ...{ scriptProblem, history },
  };
}

const mark = 'v';

async function runLoad(
  { contender, target, plan, faults, signal, onBegin }: CompareSetup,
  recorder: Recorder,
) {
  const { timing } = target;
  const { clientCount, everyMs, operationsMax, durationMs, timeoutMs, readShare, keyCount, seed } =
    plan;
  const links = new ClientLinks({ name: null, rules: () => target.rules(), timing });
  const connections = new Connections(timing);
  const clients = Array.from({ length: clientCount }, (_, start) => {
    const how = { timing, links, connections, timeoutMs, start, record: recorder.client() };
    return new Client(() => links.around(target.endpoints()), { ...how, retry: 'never' });
  });
  const mix = { get: readShare, put: 1 - readShare };
  const keys = { prefix: 'k', first: 1, count: keyCount, skew: 1 };
  // Nobody else writes to these clusters: values that are short are told apart as well, and read better in evidence.
  const valueBytes = mark.length + 1 + operationsIn(plan).toString(36).length;
  const generator = new OperationGenerator({ keys, mix, valueBytes }, mark, new SeededRandom(seed));
  const tally = new Tally();
  const load = new Load(clients, {
    ...{ timing, tally, signal, everyMs, operationsMax, durationMs, endsOnFailure: false },
    workload: () => generator.next(),
  });
  onBegin?.(tally);
  const over = new AbortController();
  try {
    const breaking = { contender, target, durationMs, seed, recorder, signal: over.signal };
    const broken = breakDuring(faults, breaking).catch((error: unknown) => ({ error }));
    await load.run();
    over.abort();
    const scriptProblem = await broken;
    if (scriptProblem !== null && typeof scriptProblem === 'object') throw scriptProblem.error;
    if (signal.aborted) throw interrupted();
    return { tally, scriptProblem };
  } finally {
    for (const client of clients) client.close();
    connections.close();
  }
}

function availabilityOf(loaded: Loaded): Compared['availability'] {
  const { before, during, after } = phasesOf(loaded);
  const share = (window: typeof before) =>
    window === null ? null : availabilityIn(window, loaded);
  return { before: share(before), during: share(during), after: share(after) };
}

/** Reads at the end, when all had been mended, are judged like any other; how stale reads were, the load's alone tell. */
async function judged(
  { history, load }: Loaded,
  kept: KeptHistory,
  spec: ClusterSpec,
): Promise<Pick<Compared, 'report' | 'staleness' | 'promised'>> {
  const report = await check(history);
  const inLoad = Uint8Array.from(history.invokedAt, (at) => Number(at < load.to));
  const { staleness } = await check(selectOperations(history, inLoad), {
    models: ['linearizable'],
  });
  return { report, staleness, promised: promisedOf(spec, kept, report) };
}

/** A process of its own counts for as long as it lives. */
const countsOutlive = ({ runtime }: Target, { faults }: History): boolean =>
  runtime === 'sim' || !faults.some(({ words }) => words.startsWith('node kill'));

function perOperation(
  before: NodeCounts | null,
  after: NodeCounts | null,
  asked: number,
): NodeCounts | null {
  if (before === null || after === null || asked === 0) return null;
  return {
    messages: (after.messages - before.messages) / asked,
    syncs: (after.syncs - before.syncs) / asked,
  };
}

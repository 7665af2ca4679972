import { availableParallelism } from 'node:os';
import type { PartPlan } from '../../bench/part.js';
import type { BenchPlan, BenchWords } from '../../bench/plan.js';
import { planBench } from '../../bench/plan.js';
import { showProgress } from '../../bench/progress.js';
import { benchExitCode, printBench } from '../../bench/report.js';
import { runBench } from '../../bench/run.js';
import { ClientLinks } from '../../client/client-links.js';
import { rulesInForce } from '../../cluster/state/run-file.js';
import type { Cluster } from '../../cluster/state/state.js';
import { toDuration } from '../../config/duration.js';
import { KvxError, usageError } from '../../core/errors.js';
import type { Level } from '../../core/operation.js';
import { linksForVerify } from '../../faults/topology.js';
import type { FaultListener } from '../../history/faults.js';
import { useStraightShapes } from '../../node/straight-shapes.js';
import { realTiming } from '../../node/timing.js';
import { toLevel, toNode } from '../../operations/given.js';
import type { NemesisEvent } from '../../operations/nemesis-run.js';
import { modeHas } from '../../protocols/catalog.js';
import { exitCodeOf, failureLines } from '../../render/failure.js';
import { note, printFailure } from '../../render/output.js';
import { attachedTarget, chooseUpCluster } from '../../targets/local.js';
import type { Perform } from '../command.js';
import { busyShareOf } from '../load/busy-share.js';
import { askedNodes, ClientRules, followMembers } from '../load/cluster-links.js';
import { ThreadPart } from '../load/load-threads.js';

interface BenchFlags extends BenchWords {
  readonly cluster?: string;
  readonly level?: string;
  readonly node?: string;
  readonly timeout: string;
  readonly history?: string;
  readonly check?: boolean;
  readonly report?: string;
  readonly csv?: string;
  readonly hdr?: string;
  readonly nemesis?: readonly string[];
  readonly 'nemesis-every'?: string;
  readonly wide: boolean;
  readonly json: boolean;
}

const perform: Perform = async (typed, signal) => {
  useStraightShapes();
  const [workload, count] = typed.words;
  const flags = typed.flags as unknown as BenchFlags;
  const plan = planBench({ ...flags, workload, count });
  const isRecorded = [flags.history, flags.check, flags.report].some(Boolean);
  const threads = threadsFor(plan, isRecorded);
  const level = toLevel(flags.level);
  const timeoutMs = toDuration(flags.timeout, '--timeout');
  const cluster = chooseUpCluster(flags.cluster);
  const { name, mode, runtime, nodes } = cluster.record;
  const node = flags.node === undefined ? null : toNode(flags.node, nodes);
  const nemesis = flags.nemesis === undefined ? null : await startable(flags, plan.seed, cluster);
  const { openTimelines } = await import('../load/timelines.js');
  const { ReportFile } = await import('../report/report-file.js');
  const reportFile = ReportFile.open(flags.report);
  const timelines = openTimelines(flags);
  const judged = isRecorded ? await recorded(flags, cluster, level) : null;
  const watched = attachedTarget(cluster, signal);
  const parts: ThreadPart[] = [];
  const rules = new ClientRules(watched, (now) => {
    for (const part of parts) part.adopt(now);
  });
  const links = new ClientLinks({ name: null, rules: () => rules.rules, timing: realTiming });
  const asked = askedNodes(cluster, node);
  const target = {
    ...{ timing: realTiming, links, level, timeoutMs, threads, busyShare: busyShareOf() },
    endpoints: () => links.around(asked()),
    replicas: followMembers(cluster.folder),
    ...(nemesis === null ? {} : { meanwhile: nemesis.run }),
    ...linksForVerify(nodes, rulesInForce(cluster), modeHas(mode, 'topology')),
    watchFaults: (listener: FaultListener) => watched.watchFaults(listener),
    recorder: judged?.recorder ?? null,
    spawn: (part: PartPlan, over: AbortSignal) => {
      const { folder } = cluster;
      const thread = new ThreadPart({ ...part, folder, node, rules: rules.rules }, over);
      parts.push(thread);
      return thread;
    },
    onInterval: timelines.add,
  };
  const unwatch = await watched.watchFaults(rules);
  try {
    // The report is printed as part of the work, so that whoever interrupts it gets one, too.
    const report = await runBench(plan, target, signal, showProgress(plan));
    const isJudged = flags.check || reportFile !== null;
    const verdict = isJudged ? ((await judged?.judge()) ?? null) : null;
    const check = flags.check ? verdict : null;
    const measured = { cluster: name, mode, runtime, nodeCount: nodes.length, check };
    printBench(report, { ...measured, ...nemesis?.document() }, flags);
    process.exitCode = benchExitCode(report, check) || (nemesis?.exitCode() ?? 0);
    timelines.close();
    if (reportFile === null || verdict === null) return;
    const { benchTold } = await import('../report/bench-told.js');
    await reportFile.write(benchTold({ typed, cluster, report, verdict }));
  } finally {
    unwatch();
  }
};

async function recorded(flags: BenchFlags, cluster: Cluster, level: Level | null) {
  const { openJudged } = await import('../load/judged.js');
  return openJudged(flags, cluster, level);
}

/** The nodes need most of the machine. One thread is enough for what is written down: it is written in one order. */
function threadsFor({ workload, threads, clientCount }: BenchPlan, isRecorded: boolean): number {
  if (isRecorded && (threads ?? 1) > 1) {
    throw usageError('what is written down is written by one thread: leave --threads out');
  }
  if (isRecorded || workload === 'rapidset' || workload === 'multiset') return 1;
  const room = Math.min(4, Math.max(1, Math.floor(availableParallelism() / 3)));
  return Math.min(threads ?? room, clientCount);
}

/** Of a nemesis; past it they are told, but no more part of the report. */
const eventsMax = 10_000;

/** A nemesis that breaks the cluster while there is load, and tells of it on standard error. */
async function startable(
  { nemesis: names = [], 'nemesis-every': every }: BenchFlags,
  seed: number,
  cluster: Cluster,
) {
  const { disturbances } = await import('../../operations/table.js');
  const { nemesisEventDocument, nemesisEventLine, planNemesis } = await import(
    '../../operations/nemesis.js'
  );
  const { runNemesis } = await import('../../operations/nemesis-run.js');
  const target = attachedTarget(cluster, new AbortController().signal);
  const plan = planNemesis(target, disturbances, { names, every, seed });
  const events: unknown[] = [];
  let failure: KvxError | null = null;
  const tell = (event: NemesisEvent): void => {
    if (events.length < eventsMax) events.push(nemesisEventDocument(event));
    // Over the line that is redrawn there.
    note(`${process.stderr.isTTY ? '\r\x1b[K' : ''}${nemesisEventLine(event)}`);
  };
  return {
    async run(signal: AbortSignal): Promise<void> {
      try {
        await runNemesis({ ...plan, signal, tell });
      } catch (error) {
        if (!(error instanceof KvxError)) throw error;
        failure = error;
        printFailure(failureLines(error));
      }
    },
    exitCode: () => (failure === null ? 0 : exitCodeOf(failure)),
    document: () => ({ nemesis: { names, seed, events, failure: failure?.message ?? null } }),
  };
}

export default { perform };

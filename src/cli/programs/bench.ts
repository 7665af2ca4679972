import type { BenchWords } from '../../bench/plan.js';
import { planBench } from '../../bench/plan.js';
import { benchExitCode, printBench, showProgress } from '../../bench/report.js';
import { runBench } from '../../bench/run.js';
import { ClientLinks } from '../../client/client-links.js';
import type { Endpoint } from '../../client/endpoint.js';
import { endpointsOf } from '../../cluster/endpoints.js';
import { rulesInForce } from '../../cluster/state/run-file.js';
import { type Cluster, openCluster } from '../../cluster/state/state.js';
import { toDuration } from '../../config/duration.js';
import { KvxError } from '../../core/errors.js';
import type { Millis } from '../../core/ids.js';
import { linksForVerify } from '../../faults/topology.js';
import type { FaultListener } from '../../history/faults.js';
import { realTiming } from '../../node/timing.js';
import { toLevel, toNode } from '../../operations/given.js';
import type { NemesisEvent } from '../../operations/nemesis-run.js';
import { modeHas } from '../../protocols/catalog.js';
import { exitCodeOf, failureLines } from '../../render/failure.js';
import { note, printFailure } from '../../render/output.js';
import { attachedTarget, chooseUpCluster } from '../../targets/local.js';
import type { Target } from '../../targets/target.js';
import type { Perform } from '../command.js';

interface BenchFlags extends BenchWords {
  readonly cluster?: string;
  readonly level?: string;
  readonly node?: string;
  readonly timeout: string;
  readonly history?: string;
  readonly nemesis?: readonly string[];
  readonly 'nemesis-every'?: string;
  readonly wide: boolean;
  readonly json: boolean;
}

const perform: Perform = async ({ words: [workload, count], flags: typed }, signal) => {
  const flags = typed as unknown as BenchFlags;
  const plan = planBench({ ...flags, workload, count });
  const level = toLevel(flags.level);
  const timeoutMs = toDuration(flags.timeout, '--timeout');
  const cluster = chooseUpCluster(flags.cluster);
  const { name, mode, runtime, nodes } = cluster.record;
  const members = followMembers(cluster);
  const asked = flags.node === undefined ? null : endpointsOf(cluster, [toNode(flags.node, nodes)]);
  const nemesis = flags.nemesis === undefined ? null : await startable(flags, plan.seed, cluster);
  const watched = attachedTarget(cluster, signal);
  const links = linksOfClients(watched);
  const target = {
    timing: realTiming,
    endpoints: () => links.around(asked ?? members()),
    links,
    replicas: members,
    ...(nemesis === null ? {} : { meanwhile: nemesis.run }),
    ...linksForVerify(nodes, rulesInForce(cluster), modeHas(mode, 'topology')),
    level,
    timeoutMs,
    watchFaults: (listener: FaultListener) => watched.watchFaults(listener),
    historyPath: flags.history ?? null,
  };
  // The report is printed as part of the work, so that whoever interrupts it gets one, too.
  const report = await runBench(plan, target, signal, showProgress(plan));
  const measured = { cluster: name, mode, runtime, nodeCount: nodes.length };
  printBench(report, { ...measured, ...nemesis?.document() }, flags);
  process.exitCode = benchExitCode(report) || (nemesis?.exitCode() ?? 0);
};

const rulesMs: Millis = 50;

/** What is broken between them and the nodes, looked up now and then. */
function linksOfClients(target: Target): ClientLinks {
  let rules = target.rules();
  const look = (): void => {
    try {
      rules = target.rules();
    } catch {
      // It is going down: clients will tell.
    }
  };
  setInterval(look, rulesMs).unref();
  return new ClientLinks({ name: null, rules: () => rules, timing: realTiming });
}

const membersMs: Millis = 500;

/** Nodes come and go while there is load: those that there are now, looked up now and then. */
function followMembers({ folder }: Cluster): () => readonly Endpoint[] {
  let cluster = openCluster(folder);
  let endpoints = endpointsOf(cluster);
  const look = (): void => {
    try {
      const now = openCluster(folder);
      if (now.record.nodes.join() === cluster.record.nodes.join()) return;
      cluster = now;
      endpoints = endpointsOf(cluster);
    } catch {
      // It is going down: clients will tell.
    }
  };
  setInterval(look, membersMs).unref();
  return () => endpoints;
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

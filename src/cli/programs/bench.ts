import type { BenchWords } from '../../bench/plan.js';
import { planBench } from '../../bench/plan.js';
import { benchExitCode, printBench, showProgress } from '../../bench/report.js';
import { runBench } from '../../bench/run.js';
import { endpointsOf } from '../../cluster/endpoints.js';
import { rulesInForce } from '../../cluster/state/run-file.js';
import { toDuration } from '../../config/duration.js';
import { linksForVerify } from '../../faults/topology.js';
import { realTiming } from '../../node/timing.js';
import { toLevel, toNode } from '../../operations/given.js';
import { modeHas } from '../../protocols/catalog.js';
import { chooseUpCluster } from '../../targets/local.js';
import type { Perform } from '../command.js';

interface BenchFlags extends BenchWords {
  readonly cluster?: string;
  readonly level?: string;
  readonly node?: string;
  readonly timeout: string;
  readonly history?: string;
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
  const asked = flags.node === undefined ? nodes : [toNode(flags.node, nodes)];
  const target = {
    timing: realTiming,
    endpoints: endpointsOf(cluster, asked),
    replicas: endpointsOf(cluster),
    ...linksForVerify(nodes, rulesInForce(cluster), modeHas(mode, 'topology')),
    level,
    timeoutMs,
    historyPath: flags.history ?? null,
  };
  // The report is printed as part of the work, so that whoever interrupts it gets one, too.
  const report = await runBench(plan, target, signal, showProgress(plan));
  printBench(report, { cluster: name, mode, runtime, nodeCount: nodes.length }, flags);
  process.exitCode = benchExitCode(report);
};

export default { perform };

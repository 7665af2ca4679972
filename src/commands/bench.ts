import { loadFlags } from '../bench/flags.js';
import { planBench } from '../bench/plan.js';
import { showProgress } from '../bench/progress-line.js';
import { benchExitCode, printBench } from '../bench/report.js';
import { runBench } from '../bench/run.js';
import { KvxCommand } from '../cli/command.js';
import { optionalArg } from '../cli/flags.js';
import { oclifFlags } from '../cli/oclif-flags.js';
import { currentRules } from '../cluster/cluster.js';
import { endpointsOf } from '../cluster/endpoints.js';
import { linksForVerify } from '../faults/topology.js';
import { realTiming } from '../node/timing.js';
import { levelFlag, nodeFlag, timeoutFlag } from '../operations/flags.js';
import { toDuration, toLevel, toNode } from '../operations/values.js';
import { modeHas } from '../protocols/catalog.js';
import { chooseUpCluster } from '../targets/local.js';

/** As a type, what oclif makes of them. */
interface AskingFlags {
  readonly level?: string;
  readonly node?: string;
  readonly timeout: string;
}

const askingFlags: object = oclifFlags([
  levelFlag,
  { ...nodeFlag, description: 'ask through this node alone; else clients share all' },
  timeoutFlag('5s'),
]);

export default class Bench extends KvxCommand {
  static override summary = 'Put load on the cluster; print throughput, errors and latencies.';
  static override description = [
    'rapidset N: one key, 1234, N times, each set acknowledged before the next; then the last one is read back.',
    'multiset N: N different keys, as fast as they go; then replicas are compared, as by `kvx verify`.',
    'Of these, a set that fails is tried again for up to half a minute. Exit code 1 when what was set is not there.',
    'Without a name: gets and puts of random keys; what fails is counted. Values are unique to each write.',
    '',
    'Clients form a closed loop: each asks again when it has its answer. A cluster that stalls is asked less, so its latencies look better than they would to users who come when they please (coordinated omission).',
    'With --history, keys of the mix have names of this run alone, so that they begin absent.',
    'A definite error surely had no effect; of an indefinite one nobody knows. Ctrl-C prints what was measured so far.',
  ].join('\n');
  static override examples = [
    '<%= config.bin %> bench rapidset 1000',
    '<%= config.bin %> bench multiset 100000 --clients 256',
    '<%= config.bin %> bench --reads 90% --duration 30s --history h.jsonl',
  ];
  static override args = {
    workload: optionalArg('rapidset or multiset; else a mix of gets and puts'),
    count: optionalArg('of rapidset and multiset: how many'),
  };
  static override flags = {
    ...askingFlags,
    ...loadFlags,
  };
  /** Its report says what was done; a failure need not say that something may have been. */
  static override changes = false;

  async run(): Promise<void> {
    const { args, flags: typed } = await this.parse(Bench);
    const flags = typed as typeof typed & AskingFlags;
    const plan = planBench({ ...args, ...flags });
    const level = toLevel(flags.level);
    const timeoutMs = toDuration(flags.timeout, '--timeout');
    const cluster = chooseUpCluster(flags.cluster);
    const { name, mode, runtime, nodes } = cluster.record;
    const endpoints = endpointsOf(
      cluster,
      flags.node === undefined ? nodes : [toNode(flags.node, nodes)],
    );
    const links = linksForVerify(nodes, currentRules(cluster), modeHas(mode, 'topology'));
    const target = {
      timing: realTiming,
      endpoints,
      replicas: endpointsOf(cluster),
      ...links,
      level,
      timeoutMs,
      historyPath: flags.history ?? null,
    };
    // The report is printed as part of the work, so that whoever interrupts it gets one, too.
    await this.interruptibly(async (signal) => {
      const report = await runBench(plan, target, signal, showProgress(plan));
      const measured = { cluster: name, mode, runtime, nodeCount: nodes.length };
      printBench(report, measured, flags);
      process.exitCode = benchExitCode(report);
    });
  }
}

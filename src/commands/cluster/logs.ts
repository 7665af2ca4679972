import * as Flags from '@oclif/core/flags';
import { KvxCommand } from '../../cli/command.js';
import { optionalArg } from '../../cli/flags.js';
import { followLogs } from '../../cli/log-lines.js';
import { toNode } from '../../cli/values.js';
import { chooseCluster, logTail } from '../../cluster/cluster.js';
import { logFile } from '../../cluster/state.js';
import { outputClosed, printJsonLine, printLine } from '../../report/output.js';

export default class ClusterLogs extends KvxCommand {
  static override summary = "Show the end of a node's log, or of all.";
  static override examples = [
    '<%= config.bin %> cluster logs n1',
    '<%= config.bin %> cluster logs --lines 100',
    'timeout 5 <%= config.bin %> cluster logs --follow',
  ];
  static override args = {
    node: optionalArg('else every node, each line after the name of its own'),
  };
  static override flags = {
    follow: Flags.boolean({ char: 'f', description: 'go on until stopped', env: 'KVX_FOLLOW' }),
    lines: Flags.integer({
      description: 'how many lines of each to begin with',
      helpValue: 'COUNT',
      default: 20,
      min: 0,
      env: 'KVX_LINES',
    }),
  };
  static override changes = false;

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ClusterLogs);
    const cluster = chooseCluster(flags.cluster);
    const { nodes } = cluster.record;
    const wanted = args.node === undefined ? nodes : [toNode(args.node, nodes)];
    const show = (node: string, line: string): void => {
      if (flags.json) printJsonLine({ node, line });
      else printLine(args.node === undefined ? `${node} ${line}` : line);
    };
    await this.interruptibly(async (signal) => {
      for (const node of wanted) {
        for (const line of logTail(cluster, node, flags.lines)) show(node, line);
      }
      if (!flags.follow) return;
      const sources = wanted.map((node) => ({ node, file: logFile(cluster.folder, node) }));
      await followLogs(sources, show, AbortSignal.any([signal, outputClosed]));
    });
  }
}

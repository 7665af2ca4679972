import * as Flags from '@oclif/core/flags';
import { KvxCommand, optionalArg } from '../../cli/command.js';
import { followLogs, lastEntries, type NodeLogEntry } from '../../cli/log-lines.js';
import { chooseCluster } from '../../cluster/cluster.js';
import { logFile } from '../../cluster/state/state.js';
import { toNode } from '../../operations/values.js';
import { outputClosed, printJsonLine, printLine } from '../../render/output.js';
import { styleFor } from '../../render/style.js';

export default class ClusterLogs extends KvxCommand {
  static override summary = 'Show what happened: of all nodes by time, or of one.';
  static override description = [
    'Starts and stops, and what happened in the protocol: elections, suspicions, hints, repairs, members, snapshots, requests that failed.',
    'Of what happens very often some lines are kept, and how many were left out. --json prints one document a line.',
  ].join('\n');
  static override examples = [
    '<%= config.bin %> cluster logs',
    '<%= config.bin %> cluster logs n1 --lines 100',
    'timeout 5 <%= config.bin %> cluster logs --follow',
  ];
  static override args = { node: optionalArg('absent: all, and the daemon') };
  static override flags = {
    follow: Flags.boolean({ char: 'f', description: 'go on until stopped', env: 'KVX_FOLLOW' }),
    lines: Flags.integer({
      description: 'how many events to begin with',
      helpValue: 'COUNT',
      default: 20,
      min: 0,
      env: 'KVX_LINES',
    }),
  };
  static override changes = false;

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ClusterLogs);
    const { record, folder } = chooseCluster(flags.cluster);
    const { nodes } = record;
    const wanted = args.node === undefined ? [...nodes, 'daemon'] : [toNode(args.node, nodes)];
    const sources = wanted.map((node) => ({ node, file: logFile(folder, node) }));
    const width = Math.max(...wanted.map((node) => node.length));
    const show = (entry: NodeLogEntry): void => {
      if (flags.json) printJsonLine(entry);
      else printLine(lineOf(entry, args.node === undefined ? width : null));
    };
    await this.interruptibly(async (signal) => {
      for (const entry of lastEntries(sources, flags.lines)) show(entry);
      if (!flags.follow) return;
      await followLogs(sources, show, AbortSignal.any([signal, outputClosed]));
    });
  }
}

/** `width`: of the nodes' names; `null` where there is but one. */
function lineOf({ node, time, level, text }: NodeLogEntry, width: number | null): string {
  const { dim, yellow, red } = styleFor(process.stdout);
  const plain = (words: string): string => words;
  const paint = level === 'error' ? red : level === 'warn' ? yellow : plain;
  const who = width === null ? [] : [node.padEnd(width)];
  return [dim(time), ...who, paint(level.padEnd(5)), paint(text)].join(' ');
}

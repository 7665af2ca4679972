import { chooseCluster } from '../../cluster/cluster.js';
import { logFile } from '../../cluster/state/state.js';
import { toNode } from '../../operations/values.js';
import { outputClosed, printJsonLine, printLine } from '../../render/output.js';
import { styleFor } from '../../render/style.js';
import type { Perform } from '../command.js';
import { followLogs, lastEntries, type NodeLogEntry } from '../log-lines.js';

interface LogsFlags {
  readonly cluster?: string;
  readonly follow: boolean;
  readonly lines: number;
  readonly json: boolean;
}

const perform: Perform = async ({ words: [node], flags: typed }, signal) => {
  const { cluster, follow, lines, json } = typed as unknown as LogsFlags;
  const { record, folder } = chooseCluster(cluster);
  const { nodes } = record;
  const wanted = node === undefined ? [...nodes, 'daemon'] : [toNode(node, nodes)];
  const sources = wanted.map((each) => ({ node: each, file: logFile(folder, each) }));
  const width = Math.max(...wanted.map((each) => each.length));
  const show = (entry: NodeLogEntry): void => {
    if (json) printJsonLine(entry);
    else printLine(lineOf(entry, node === undefined ? width : null));
  };
  for (const entry of lastEntries(sources, lines)) show(entry);
  if (follow) await followLogs(sources, show, AbortSignal.any([signal, outputClosed]));
};

/** `width`: of the nodes' names; `null` where there is but one. */
function lineOf({ node, time, level, text }: NodeLogEntry, width: number | null): string {
  const { dim, yellow, red } = styleFor(process.stdout);
  const plain = (words: string): string => words;
  const paint = level === 'error' ? red : level === 'warn' ? yellow : plain;
  const who = width === null ? [] : [node.padEnd(width)];
  return [dim(time), ...who, paint(level.padEnd(5)), paint(text)].join(' ');
}

export default { perform };

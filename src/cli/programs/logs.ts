import { setTimeout as sleep } from 'node:timers/promises';
import { chooseCluster } from '../../cluster/cluster.js';
import { type LoggedLine, logEntriesOf, tailOf } from '../../cluster/state/log.js';
import { logFile } from '../../cluster/state/state.js';
import type { NodeId } from '../../core/ids.js';
import { toNode } from '../../operations/given.js';
import { outputClosed, printJsonLine, printLine, styleFor } from '../../render/output.js';
import type { Perform } from '../command.js';
import { Tail } from './tail.js';

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

const pollMs = 200;

export interface LogSource {
  /** The node, or `daemon`. */
  readonly node: NodeId;
  readonly file: string;
}

export interface NodeLogEntry extends LoggedLine {
  readonly node: NodeId;
}

/** The last entries of several logs, as they came. */
export function lastEntries(sources: readonly LogSource[], count: number): NodeLogEntry[] {
  const all = sources.flatMap(({ node, file }) =>
    logEntriesOf(tailOf(file, count)).map((entry) => ({ node, ...entry })),
  );
  return count === 0 ? [] : byTime(all).slice(-count);
}

/** Hands every entry that is added to the logs from now on to `visit`, until the signal is aborted. */
export async function followLogs(
  sources: readonly LogSource[],
  visit: (entry: NodeLogEntry) => void,
  signal: AbortSignal,
): Promise<void> {
  const tails = sources.map(({ node, file }) => ({ node, tail: new Tail(file, 'end') }));
  while (!signal.aborted) {
    const news = tails.flatMap(({ node, tail }) =>
      logEntriesOf(tail.newLines()).map((entry) => ({ node, ...entry })),
    );
    for (const entry of byTime(news)) visit(entry);
    await sleep(pollMs, undefined, { signal }).catch(() => {});
  }
}

/** Clocks of one machine: what is later in time came later. Entries of the same time stay in their order. */
function byTime(entries: readonly NodeLogEntry[]): NodeLogEntry[] {
  return [...entries].sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
}

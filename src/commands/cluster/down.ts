import * as Flags from '@oclif/core/flags';
import { KvxCommand } from '../../cli/command.js';
import { withProgress } from '../../cli/progress.js';
import { chooseName, downCluster, listClusters } from '../../cluster/cluster.js';
import type { DownReport } from '../../cluster/down.js';
import { formatDuration } from '../../config/duration.js';
import { exitCodeOf, failureDocument, failureLines } from '../../render/failure.js';
import { printJson, printLine } from '../../render/output.js';

export default class ClusterDown extends KvxCommand {
  static override summary = 'Stop a cluster; its data stays for the next `cluster up`.';
  static override examples = [
    '<%= config.bin %> cluster down',
    '<%= config.bin %> cluster down -C dev --wipe',
    '<%= config.bin %> cluster down --all',
  ];
  static override flags = {
    // Neither has a variable: what takes things away is typed each time.
    all: Flags.boolean({ description: 'stop every cluster' }),
    wipe: Flags.boolean({ description: 'remove data, logs and settings, too' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(ClusterDown);
    const { wipe, json } = flags;
    if (!flags.all) {
      const stopped = await stopOne(chooseName(flags.cluster), wipe);
      if ('error' in stopped) throw stopped.error;
      printDown([stopped], json);
      return;
    }
    const stopped: Stopped[] = [];
    for (const { name } of listClusters()) stopped.push(await stopOne(name, wipe));
    printDown(stopped, json);
    const worst = stopped.map((each) => ('error' in each ? exitCodeOf(each.error) : 0));
    process.exitCode = Math.max(0, ...worst);
  }
}

type Stopped = { readonly cluster: string } & (DownReport | { readonly error: unknown });

async function stopOne(name: string, wipe: boolean): Promise<Stopped> {
  const stop = (): Promise<DownReport> => downCluster(name, { wipe });
  try {
    return { cluster: name, ...(await withProgress(() => `stopping ${name}`, stop)) };
  } catch (error) {
    return { cluster: name, error };
  }
}

function printDown(stopped: readonly Stopped[], json: boolean): void {
  if (json) {
    const clusters = stopped.map((each) =>
      'error' in each ? { ...each, ...(failureDocument(each.error) as object) } : each,
    );
    printJson({ clusters });
    return;
  }
  for (const each of stopped) printLine(`${each.cluster}: ${inWords(each)}`);
}

function inWords(stopped: Stopped): string {
  if ('error' in stopped) return failureLines(stopped.error).join(' ');
  const { wasUp, wiped, copyOf, tookMs } = stopped;
  const was = wasUp ? `stopped in ${formatDuration(tookMs)}` : 'was not up';
  const left = copyOf === null ? '' : ` (a copy of ${copyOf}, which is left alone)`;
  return `${was}${wiped ? ', wiped' : ''}${left}`;
}

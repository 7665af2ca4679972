import * as Flags from '@oclif/core/flags';
import { KvxCommand } from '../../cli/command.js';
import { withProgress } from '../../cli/progress.js';
import { chooseName, downCluster, listClusters } from '../../cluster/cluster.js';
import { formatDuration } from '../../config/duration.js';
import { printJson, printLine } from '../../report/output.js';

export default class ClusterDown extends KvxCommand {
  static override summary = 'Stop a cluster; its data stays for the next `cluster up`.';
  static override examples = [
    '<%= config.bin %> cluster down',
    '<%= config.bin %> cluster down -C dev --wipe',
    '<%= config.bin %> cluster down --all',
  ];
  static override flags = {
    all: Flags.boolean({ description: 'stop every cluster', env: 'KVX_ALL' }),
    wipe: Flags.boolean({ description: 'remove data, logs and settings, too', env: 'KVX_WIPE' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(ClusterDown);
    const names = flags.all ? listClusters().map(({ name }) => name) : [chooseName(flags.cluster)];
    const reports = [];
    for (const name of names) {
      const report = await withProgress(
        () => `stopping ${name}`,
        () => downCluster(name, { wipe: flags.wipe }),
      );
      reports.push({ cluster: name, ...report });
    }
    if (flags.json) printJson({ clusters: reports });
    for (const { cluster, wasUp, wiped, tookMs } of flags.json ? [] : reports) {
      const stopped = wasUp ? `stopped in ${formatDuration(tookMs)}` : 'was not up';
      printLine(`${cluster}: ${stopped}${wiped ? ', wiped' : ''}`);
    }
  }
}

import { KvxCommand } from '../../cli/command.js';
import { listClusters } from '../../cluster/state/state.js';
import { note, printJson } from '../../render/output.js';
import { printTable } from '../../render/print-table.js';

export default class ClusterList extends KvxCommand {
  static override summary = 'List clusters, up or not.';
  static override examples = [
    '<%= config.bin %> cluster list',
    '<%= config.bin %> cluster list --json',
  ];
  static override changes = false;

  async run(): Promise<void> {
    const { flags } = await this.parse(ClusterList);
    const clusters = listClusters().map(({ name, up, current, record, broken, folder }) => ({
      name,
      state: up ? 'up' : broken === null ? 'down' : 'broken',
      mode: record?.mode ?? null,
      runtime: record?.runtime ?? null,
      nodes: record?.nodes.length ?? null,
      current,
      owner: record?.owner?.pid ?? null,
      folder,
      ...(broken === null ? {} : { broken }),
    }));
    if (flags.json) {
      printJson({ clusters });
      return;
    }
    printTable(
      ['NAME', 'STATE', 'MODE', 'RUNTIME', 'NODES', 'CURRENT', 'OF PID'].map((title) => ({
        title,
      })),
      clusters.map(({ name, state, mode, runtime, nodes, current, owner }) =>
        [name, state, mode ?? '', runtime ?? '', nodes ?? '', current ? '*' : '', owner ?? ''].map(
          String,
        ),
      ),
    );
    if (clusters.length === 0) note('There are no clusters. Start one with `kvx cluster up`.');
  }
}

/** What `node add` and `node remove` share. */
import * as Flags from '@oclif/core/flags';
import type { ChangeReport } from '../cluster/cluster.js';
import { formatDuration } from '../config/duration.js';
import type { ClusterSpec } from '../config/spec.js';
import { note, printJson, printLine } from '../render/output.js';

export const changeFlags = {
  timeout: Flags.string({
    description: 'how long the cluster may take to agree on it, such as 30s',
    helpValue: 'TIME',
    default: '30s',
    env: 'KVX_TIMEOUT',
  }),
};

export function printChange(
  { record }: { readonly record: Pick<ClusterSpec, 'name' | 'unlinked'> },
  done: 'added' | 'removed',
  { node, nodes, tookMs }: ChangeReport,
  how: { readonly json: boolean },
): void {
  if (how.json) {
    printJson({ cluster: record.name, [done]: node, nodes, tookMs });
    return;
  }
  printLine(`${node} ${done}`);
  note(`${record.name} has ${nodes.join(', ')}, after ${formatDuration(tookMs)}.`);
  const hasTopology = (record.unlinked ?? []).length > 0;
  if (hasTopology && done === 'added')
    note(`${node} is linked to all; \`kvx fault break\` cuts links.`);
}

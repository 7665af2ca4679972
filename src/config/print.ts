import { stringify } from 'yaml';
import { configOf } from './effective.js';
import type { ClusterSpec } from './spec.js';

/** {@link configOf} as YAML, the delay matrix one row a line. */
export function configAsYaml(spec: ClusterSpec): string {
  const { delays, ...rest } = configOf(spec);
  const head = stringify(rest);
  if (delays === undefined) return head;
  const rows = (delays as number[][]).map((row) => `  - [${row.join(', ')}]\n`);
  const comment = '  # mean one-way milliseconds, row: from, column: to';
  return `${head}delays:${comment}\n${rows.join('')}`;
}

import { configOf } from '../config/effective.js';
import { configAsYaml } from '../config/print.js';
import type { ClusterSpec } from '../config/spec.js';
import { operation } from './operation.js';
import { specFlags } from './spec-flags.js';

export const clusterConfig = operation<ClusterSpec>({
  name: 'cluster config',
  summary: 'Print the effective configuration, every default filled in.',
  description:
    'Of a cluster that is there; or, with --config or flags of `cluster up`, what those would come to. Starts nothing. What it prints can be given to `cluster up --config`.',
  examples: [
    'cluster config -n 5 --read one',
    'cluster config -n 3 --delay 10ms > three.yaml',
    'cluster config -C dev --json',
  ],
  arguments: [],
  flags: specFlags.map((flag) => ({ ...flag, commandLineOnly: true })),
  changes: false,
  on: 'a cluster described',
  run: async ({ context, given }) => given.spec ?? context.spec,
  json: configOf,
  page: (spec) => [{ type: 'bytes', bytes: configAsYaml(spec) }],
});

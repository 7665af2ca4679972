/** Which run a report tells of: what was typed, on which machine, by which versions. */
import { cpus, release, type } from 'node:os';
import type { ClusterSpec } from '../../config/spec.js';
import { quoted } from '../../core/show.js';
import { profileOf } from '../../protocols/catalog.js';
import type { About } from '../../report/report.js';
import type { TypedCommand } from '../perform-typed.js';

type Told = Pick<About, 'seed' | 'replay' | 'cluster'>;

export function aboutOf(
  kind: About['kind'],
  { argv, config }: Pick<TypedCommand, 'argv' | 'config'>,
  told: Partial<Told> = {},
): About {
  const [processor] = cpus();
  const machine = `${cpus().length} × ${processor?.model.trim() || 'unknown processor'}`;
  return {
    ...{ command: ['kvx', kind, ...argv.map(quoted)].join(' '), kind, atMs: Date.now() },
    ...{ seed: null, replay: null, cluster: [], ...told },
    versions: [
      `kvx ${config.version}`,
      `Node ${process.versions.node}`,
      `${type()} ${release()} ${process.arch}, ${machine}`,
    ],
  };
}

export function clusterPairs(
  spec: Pick<ClusterSpec, 'mode' | 'nodes' | 'options'>,
  runtime: string,
  name?: string,
): About['cluster'] {
  const { mode, nodes, options } = spec;
  const settings = Object.entries(options).map(
    ([option, value]) =>
      [option, typeof value === 'string' ? value : JSON.stringify(value)] as const,
  );
  return [
    ...(name === undefined ? [] : [['name', name] as const]),
    ['mode', profileOf(mode).name],
    ['nodes', nodes.join(', ')],
    ['runtime', runtime],
    ...settings,
  ];
}

import { stringify } from 'yaml';
import type { Direction } from '../faults/link-rules.js';
import { shapeOf } from '../faults/topology.js';
import { modeHas, profileOf } from '../protocols/catalog.js';
import type { Setting } from './problem.js';
import { type ClusterSpec, nodeNames, type RespSpec } from './spec.js';

/**
 * A cluster as a configuration file would say it: what comes back from reading it is the same cluster, once the password
 * that Redis clients need is given again; it is not in here.
 */
export function configOf(spec: ClusterSpec): Record<string, unknown> {
  const { name, mode, nodes, runtime, sync, trace = 'off', options, delays } = spec;
  const { reads = 'usual', unlinked = [], resp = null, metrics = null } = spec;
  const plainNames = nodes.join() === nodeNames(nodes.length).join();
  return {
    name,
    mode,
    nodes: plainNames ? nodes.length : nodes,
    runtime,
    sync,
    trace,
    reads,
    resp: resp === null ? 'off' : shownResp(resp),
    metrics: metrics ?? 'off',
    ...optionsOf(mode, options),
    ...(modeHas(mode, 'topology') ? { topology: topologyOf(unlinked, nodes) } : {}),
    ...(delays.length === 0 ? {} : { delays: delayMatrix(spec) }),
  };
}

/** That there is a password is told, and not which. */
function shownResp({ port, host, password }: RespSpec) {
  return { port, host, password: password === null ? null : true };
}

/** Those that users set: what else a mode keeps among its options it fills in by itself. */
function optionsOf(
  mode: string,
  options: ClusterSpec['options'],
): Readonly<Record<string, unknown>> {
  const names = profileOf(mode).options.map(({ name }) => name);
  return Object.fromEntries(Object.entries(options).filter(([name]) => names.includes(name)));
}

/** The settings that a cluster was made with, to lay others over. */
export function settingsOf(spec: ClusterSpec): Setting[] {
  const place = { source: `the settings of cluster ${spec.name}` };
  const { resp } = spec;
  return Object.entries({ ...configOf(spec), ...(resp && { resp }) }).map(([name, value]) => ({
    name,
    value,
    namePlace: place,
    placeOf: () => place,
  }));
}

/** A shape's name, else its links as `n1-n2`. */
function topologyOf(unlinked: readonly Direction[], nodes: ClusterSpec['nodes']) {
  const shape = shapeOf(unlinked, nodes);
  return typeof shape === 'string' ? shape : shape.map((link) => link.join('-'));
}

function delayMatrix({ nodes, delays }: ClusterSpec): number[][] {
  return nodes.map((from) =>
    nodes.map((to) => delays.find((delay) => delay.from === from && delay.to === to)?.meanMs ?? 0),
  );
}

/** {@link configOf} as YAML, the delay matrix one row a line. */
export function configAsYaml(spec: ClusterSpec): string {
  const { delays, ...rest } = configOf(spec);
  const kept = '$&  # not shown: give it with --resp-password or KVX_RESP_PASSWORD';
  const head = stringify(rest).replace(/^ {2}password: true$/m, kept);
  if (delays === undefined) return head;
  const rows = (delays as number[][]).map((row) => `  - [${row.join(', ')}]\n`);
  const comment = '  # mean one-way milliseconds, row: from, column: to';
  return `${head}delays:${comment}\n${rows.join('')}`;
}
